#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "app/report/summary.hpp"

namespace assay::report {

/// Gathers the exchanges of a run and computes each provider's figures and the bounds.
class attempt_figures {
 public:
  explicit attempt_figures(const setup&);

  void add(const storage::attempt_row&);
  /// Call once all are added.
  void finish();

  /// One for each provider of the setup or of an exchange, by name. REQUIRES: finished.
  std::vector<provider_summary> providers() const;
  /// Over all providers: for every set of providers that some model may use, the tasks that only
  /// these can serve need at least the pooled bound. REQUIRES: finished.
  pace overall() const;

 private:
  struct span {
    std::int64_t from_ns;
    std::int64_t to_ns;
  };
  struct gathered {
    provider_summary figures;
    limit_settings limits;
    std::set<std::string> addresses;  ///< that exchanges left by
    std::vector<task_key> keys;
    std::vector<double> latency_s;
    std::vector<double> ttft_s;
    std::vector<analysis::served_task> served;  ///< until finished
  };

  gathered& of(const std::string& provider);
  void time(gathered&, const storage::attempt_row&) const;
  analysis::served_task charge(const gathered&, const storage::attempt_row&) const;
  analysis::bound overall_bound() const;

  const setup& setup_;
  std::map<std::string, gathered> providers_;
  std::map<std::string, std::vector<span>> spans_;  ///< by provider
  std::map<std::string, std::vector<analysis::served_task>> by_model_;
};

}  // namespace assay::report
