#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>

#include "bench/limits/fairness.hpp"

namespace assay::bench {

/// What the limiter itself costs, in real time on this machine.
struct speed {
  double admissions_per_s = 0;  ///< of `limits::account` with four limits, on one core
  double wake_error_p50_ms = 0;
  double wake_error_p99_ms = 0;  ///< of the actor clock: delivered - due
  std::size_t wakes = 0;
  fairness sharing;
  double load_average = 0;  ///< of the machine over the last minute: others delay a wake-up
};

/// REQUIRES: no other actor system is running.
speed measure_speed();

nlohmann::json to_json(const speed&);
void print(const speed&);

}  // namespace assay::bench
