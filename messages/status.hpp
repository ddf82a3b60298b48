#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "messages/known_limits.hpp"
#include "messages/units.hpp"

namespace assay {

/// What a provider is doing right now.
struct provider_status {
  std::string name;
  std::uint32_t in_flight = 0;
  std::uint32_t ready = 0;     ///< tasks in hand that wait for a permit
  std::uint32_t retrying = 0;  ///< tasks that wait out a backoff
  std::string waiting_on;      ///< the limit that holds the next task back, e.g. `qps`; or empty
  std::string suspended;       ///< why it sends nothing any more; empty while it works
  double health = 1;           ///< part of its latest exchanges that did not fail
  known_limits limits;
};

/// How far the scheduler is with its run.
struct run_progress {
  std::uint64_t planned = 0;       ///< tasks submitted
  std::uint64_t pending = 0;       ///< not handed to a provider yet
  std::uint64_t in_hand = 0;       ///< handed out, no outcome yet
  std::uint64_t committed = 0;     ///< outcomes in the ledger
  std::uint64_t follow_ups = 0;    ///< calls of agents and judges whose outcomes are in the ledger
  std::uint64_t spared = 0;        ///< not asked any more, since enough is known without them
  std::uint64_t verdicts_due = 0;  ///< that answers in the ledger lack
  std::uint64_t lost_credits = 0;  ///< asked for by a provider, unknown to the scheduler
  bool finished = false;           ///< nothing more will happen
  std::string stopped_by;  ///< why tasks were left over: budget, suspension, interrupt; or empty
};

/// Counts over committed records of one provider in this run.
struct provider_counts {
  std::uint64_t done = 0;
  std::uint64_t errors = 0;
  std::uint64_t attempts = 0;
  std::uint64_t rate_limited = 0;
  std::uint64_t retries = 0;
  usd cost;
};

/// What a progress display needs, taken at one moment.
struct progress_snapshot {
  run_progress run;
  std::vector<provider_status> providers;
  std::map<std::string, provider_counts> counts;
};

}  // namespace assay
