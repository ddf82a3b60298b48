#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "messages/problem.hpp"
#include "messages/settings.hpp"

namespace assay::report {

struct provider_setup {
  std::string name;
  std::string dialect;
  limit_settings limits;
};

struct model_setup {
  std::string name;
  std::string wire_name;
  std::vector<std::string> providers;
  std::optional<std::int32_t> max_tokens;
  price_table prices;
};

struct judge_setup {
  std::string name;
  std::string type;
  int k = 1;                          ///< pass-at-k, program
  std::vector<std::string> models{};  ///< that it asks

  /// Its figure is pass@k.
  bool counts_chances() const { return type == "pass-at-k" || type == "program"; }
};

/// What a run was made with, as far as its figures need it: kept in the ledger with the run, so
/// that a report does not depend on a file that has changed since. Holds no secrets.
struct setup {
  std::string mode;
  std::uint32_t epochs = 1;
  std::optional<int> concurrency;  ///< cap over all providers
  std::vector<std::string> datasets;
  std::vector<std::string> prompts;
  std::vector<provider_setup> providers;
  std::vector<model_setup> models;
  std::vector<judge_setup> judges;
  std::map<std::string, double> thresholds;  ///< judge -> least mean score
  watch_settings watch;
  std::optional<stop_rule> stop_when;
  milliseconds bad_lag = node_settings{}.bad_lag;
};

judge_setup setup_of(const judge_settings&);

/// What the experiment uses of a settings file.
setup make_setup(const settings&, const experiment_settings&);

std::string to_json(const setup&);

/// Reads what `to_json` wrote; what is missing keeps its default, so that runs of older versions
/// can be read. An empty text is an empty setup.
expected<setup> setup_from_json(std::string_view);

}  // namespace assay::report
