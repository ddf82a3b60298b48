#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "evaluation/plan.hpp"
#include "messages/units.hpp"

namespace assay::planning {

struct cell_count {
  std::size_t tasks = 0;
  std::size_t missing = 0;
};

/// What one experiment would send.
struct preview {
  evaluation::plan plan;
  std::vector<std::size_t> to_send;  ///< positions of missing tasks, after max_tasks
  std::string experiment;
  std::size_t tasks = 0;
  std::size_t missing = 0;
  std::map<cell, cell_count> cells;
  std::map<std::string, std::size_t> by_provider;  ///< "a" or "a, b": who serves the missing ones
  std::int64_t input_tokens = 0;
  usd most;
  bool priced = true;  ///< every model has prices
  bool capped = true;  ///< every model has max_tokens
  std::vector<std::string> notes;
};

/// Plans the experiment and asks the ledger at `ledger_path`, if there is one, what is missing.
checked<preview> look_ahead(const settings&, const experiment_settings&,
                            const std::string& ledger_path);

/// As text on stdout.
void print(const preview&);

nlohmann::json to_json(const preview&);

}  // namespace assay::planning
