#pragma once

#include "bench/limits/load.hpp"
#include "bench/limits/policy.hpp"

namespace assay::bench {

/// What one run came to.
struct course {
  double makespan_s = 0;    ///< start to the last answer at the client
  std::size_t refused = 0;  ///< 429s
  bool finished = true;     ///< false: not done after 20,000 s
};

/// Plays the load against the hidden limiter under this policy, event by event in virtual time.
course play(const scenario&, knowledge, const load&, const contender&, std::uint64_t seed);

}  // namespace assay::bench
