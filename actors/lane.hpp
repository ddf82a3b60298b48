#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "evaluation/batching.hpp"
#include "messages/task.hpp"
#include "providers/limits/breaker.hpp"
#include "providers/limits/service_time.hpp"

namespace assay::actors {

/// A task on its way to an outcome, in the hands of its provider.
struct job {
  task what;
  std::vector<attempt> attempts;  ///< those of other providers first
  instant intended;
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
  std::uint32_t index = 0;              ///< in the account
  const price_table* prices = nullptr;  ///< null: not known
  limits::breaker breaker;
  bool closed = false;    ///< the scheduler was told that its exchanges fail
  bool given_up = false;  ///< ... and that this will not change
  instant held_until;  ///< the scheduler was told that a limit of the model lets none pass before
  instant failing_since;  ///< of a breaker that has not closed since; `instant{}`: it is well
  std::deque<job_ptr> ready;
  std::optional<evaluation::batch_sizer> sizer;  ///< if calls are combined
  limits::service_time answers;
};

}  // namespace assay::actors
