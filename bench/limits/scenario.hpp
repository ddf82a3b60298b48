#pragma once

#include <optional>
#include <string>
#include <vector>

#include "messages/settings.hpp"

namespace assay::bench {

/// What the client is told of the limiter.
enum class knowledge : std::uint8_t {
  configured,  ///< the limits; no headers
  headers,     ///< nothing but rate-limit headers and Retry-After
  blind,       ///< nothing at all: a 429 is a bare 429
};

std::string_view to_string(knowledge);

/// What a run must reach: makespan / lower bound, and 429s as part of the tasks.
struct goal {
  double ratio = 0;
  double rate_429 = 0;
};

/// How long an answer takes, and the way to the server and back.
struct circumstances {
  double service_median_s = 2;  ///< log-normal, at most 60 s
  double service_sigma = 0.6;
  double head_after_s = 0.4;   ///< the answer's head is sent so long after the admission
  double transit_min_ms = 10;  ///< one way, uniform; 2 % take longer (exponential)
  double transit_max_ms = 40;
  double transit_tail_ms = 30;
};

/// A hidden limiter and the load against it.
struct scenario {
  std::string name;
  std::string shape;  ///< `bucket`, `window`, `sliding`, `concurrency`, `tenant` ...
  std::size_t tasks = 0;
  circumstances around;
  limit_settings server;
  limiter_habits habits;
  std::optional<goal> configured;
  std::optional<goal> with_headers;
  std::optional<goal> blind;

  const std::optional<goal>& goal_for(knowledge) const;
};

/// The hidden limiters of the comparison. A window's phase is drawn for each seed.
std::vector<scenario> scenarios();

/// What the client is configured with. `began`: when the hidden limiter did, by a clock whose epoch
/// is Unix's, so that its windows can be told; absent: nobody knows.
limit_settings client_limits(const scenario&, knowledge, std::optional<instant> began = {});

}  // namespace assay::bench
