#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "bench/limits/scenario.hpp"

namespace assay::bench {

/// One policy against one hidden limiter, over several seeds.
struct row {
  std::string scenario;
  std::string shape;
  std::string knowledge;
  std::string policy;
  std::string driven_by;  ///< `account`, `actors`: what of assay ran; empty for peers
  std::size_t tasks = 0;
  std::size_t seeds = 0;
  double bound_s = 0;  ///< means
  double makespan_s = 0;
  double ratio = 0;
  double ratio_worst = 0;
  double rate_429 = 0;  ///< part of the tasks
  double rate_429_worst = 0;
  bool finished = true;
  std::optional<goal> wanted;

  bool reaches_goal() const;
};

nlohmann::json to_json(const row&);

/// A table for each limiter. REQUIRES: rows of a scenario stand together.
void print(const std::vector<row>&);

}  // namespace assay::bench
