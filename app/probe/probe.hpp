#pragma once

#include <functional>
#include <string>
#include <vector>

#include "app/probe/inquiry.hpp"
#include "messages/attempt.hpp"
#include "messages/known_limits.hpp"
#include "messages/settings.hpp"

namespace assay::probing {

/// What a probe may spend. None of it is ever exceeded.
struct probe_limits {
  int max_requests = 200;
  double max_cost_usd = 0.05;
  double max_time_s = 180;
  double request_cost_usd = 0;  ///< the most that one request can cost
};

/// How a probe reaches the world; times are on one steady clock.
struct surroundings {
  std::function<instant()> now;
  std::function<void(duration)> wait;
  /// Sends so many small requests at the same moment; gives what they came to once all are over.
  std::function<std::vector<exchange_result>(int)> send;
  /// Told of each volley, for progress; may be empty.
  std::function<void(const volley&, const belief&)> progress;
};

struct probe_report {
  belief limit;          ///< by asking; `kind::none` if no limit was met
  known_limits stated;   ///< by headers
  bool settled = false;  ///< nothing worth asking was left
  int requests = 0;
  int refused = 0;
  int failed = 0;        ///< neither answers nor refusals
  int most_at_once = 0;  ///< requests sent at the same moment and all taken
  double cost_usd = 0;
  double took_s = 0;
  std::string stopped_by;  ///< why it ended before it knew; empty if it did not
};

/// Asks until the limit is known or the means are spent: first what the headers state, else volleys
/// chosen by what could be learned from them. Ends at once if the API cannot be used at all; the
/// reason is then `stopped_by`.
probe_report run_probe(const probe_limits&, const surroundings&);

}  // namespace assay::probing
