#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "evaluation/batching.hpp"
#include "messages/task.hpp"
#include "providers/limits/breaker.hpp"

namespace assay::actors {

/// A task on its way to an outcome, in the hands of its provider.
struct job {
  task what;
  std::vector<attempt> attempts;  ///< those of other providers first
  instant intended;
  int failures = 0;               ///< of this provider; a 429 is none
  int rate_limit_waits = 0;       ///< how often a 429 sent it back
  int copies = 0;                 ///< exchanges under way for it
  bool hedged = false;            ///< a second copy was sent once
  bool elsewhere = false;         ///< another provider could serve it too
  bool alone = false;             ///< goes in a call of its own (a combined one lost its answer)
  std::optional<task_key> group;  ///< tasks of one group may share a call
  std::uint64_t arrival = 0;
  std::optional<exchange_result> won;  ///< the first answer, while the other copy is called off
};
using job_ptr = std::shared_ptr<job>;

/// What a provider has to do for one model: its tasks that are ready, its health, and how long its
/// answers take.
struct lane {
  std::string model;
  std::uint32_t index = 0;  ///< in the account
  limits::breaker breaker;
  bool closed = false;    ///< the scheduler was told that nothing of it is taken
  bool given_up = false;  ///< ... and that this will not change
  instant failing_since;  ///< of a breaker that has not closed since; `instant{}`: it is well
  std::deque<job_ptr> ready;
  std::optional<evaluation::batch_sizer> sizer;  ///< if calls are combined
  double mean_s = 0;                             ///< service time
  double deviation_s = 0;                        ///< mean absolute deviation from it
  double mean_output = 0;                        ///< tokens; 0 before the first answer

  /// An answer took so long.
  void measured(double service_s, std::optional<std::int64_t> output) {
    if (output)
      mean_output += (mean_output == 0 ? 1 : 0.05) * (static_cast<double>(*output) - mean_output);
    if (mean_s == 0) {
      mean_s = service_s;
      deviation_s = service_s / 2;
      return;
    }
    deviation_s += 0.05 * (std::abs(service_s - mean_s) - deviation_s);
    mean_s += 0.05 * (service_s - mean_s);
  }

  /// An exchange that has taken so long is a straggler: three times the mean, and far outside the
  /// usual spread (6 mean deviations are beyond the 99th percentile of a log-normal one).
  std::optional<duration> straggles_after() const {
    if (mean_s == 0) return std::nullopt;
    return from_seconds(std::max(3 * mean_s, mean_s + 6 * deviation_s));
  }
};

}  // namespace assay::actors
