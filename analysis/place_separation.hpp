#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "analysis/two_way.hpp"

namespace assay::analysis {

/// What one answered request of a round took, in ms.
struct placed_time {
  std::size_t round = 0;
  std::size_t place = 0;
  double value = 0;               ///< from the agreed moment on, connecting left out
  double client = 0;              ///< of that, until the request was sent
  std::optional<double> network;  ///< one round trip on its connection, if it was measured
};

/// How a place differs from the nearest one, in ms.
struct place_effect {
  std::size_t values = 0;
  bool compared = false;  ///< it has rounds in common with the nearest, directly or by others
  double client = 0;      ///< median
  std::optional<double> network;  ///< median
  double typical = 0;             ///< what an answer takes here in the middle of the rounds
  double further = 0;             ///< than the nearest place; the parts of it follow
  /// Holds `further` with 95 %: percentiles over rounds drawn with replacement (Efron 1979).
  std::optional<std::pair<double, double>> interval;
  double by_client = 0;
  std::optional<double> by_network;
  double by_rest = 0;  ///< routes within the provider, what the round trip does not tell, chance
  /// Rounds in all that would tell it from the nearest, if it is not told apart; see `power.hpp`.
  std::optional<std::size_t> rounds_needed;

  bool told_apart() const { return interval && (interval->first > 0 || interval->second < 0); }
};

/// Rounds from which an interval of a median can hold with 95 %: 1 - 2 / 2^6.
inline constexpr std::size_t rounds_for_interval = 6;

/// Times of rounds x places taken apart: what is common to all places of a round is the provider's
/// at that moment, what a place has in all rounds is its way and its client.
struct separation {
  std::vector<place_effect> places;
  std::optional<std::size_t> nearest;  ///< the place with the least typical time
  std::size_t rounds = 0;              ///< with a value that is compared
  /// The provider's time of each round, as the nearest place has it without its client and its
  /// round trip; absent for rounds without a value.
  std::vector<std::optional<double>> provider;
  std::optional<variance_parts> variance;  ///< rows are rounds, columns are places

  std::size_t places_compared() const;
};

/// Takes the times apart by median polish. Places that cannot be linked to the others by common
/// rounds are not compared. The same seed gives the same intervals.
/// REQUIRES: times are within `rounds` x `places`.
separation separate(const std::vector<placed_time>&, std::size_t rounds, std::size_t places,
                    std::uint64_t seed);

}  // namespace assay::analysis
