#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <optional>

#include "messages/attempt.hpp"

namespace assay::actors {

/// How far the clocks of two machines are apart, from messages that go there and back: the moment
/// in the middle of the way belongs to the other's moment, wrong by at most half of the way. The
/// shortest way of the last rounds counts (Cristian 1989; the minimum filter of NTP).
class clock_comparison {
 public:
  /// Sent and received by our clock, seen by the other's.
  void add(instant sent, instant seen, instant received);

  struct result {
    std::chrono::nanoseconds offset{0};  ///< our clock minus the other's
    std::chrono::nanoseconds error{0};   ///< the most by which `offset` is wrong
  };
  /// Nothing before the first round.
  std::optional<result> best() const;

 private:
  static constexpr std::size_t rounds = 64;
  std::deque<result> last_;
};

/// The time line with every moment that came moved back by `offset`.
timeline moved_back(timeline at, std::chrono::nanoseconds offset);

}  // namespace assay::actors
