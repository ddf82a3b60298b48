#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "messages/units.hpp"

namespace assay::bench {

/// The work of one run, drawn from a seed.
struct load {
  std::vector<duration> service;   ///< of each task, admission to last byte, at the server
  std::vector<double> expected_s;  ///< what the client expects it to be
};

/// Log-normal service times (median 2 s, sigma 0.6, at most 60 s); the client's expectation is off
/// by a factor of log-sigma 0.3.
load draw_load(std::size_t tasks, std::uint64_t seed);

/// Positions in the order of sending: longest expected first; the shortest of all first, if there
/// is a `scout`.
std::vector<std::uint32_t> longest_first(const load&, bool scout);

/// The way between client and server: 10 to 40 ms, 2 % of the packets up to much later
/// (exponential, mean 30 ms).
class network {
 public:
  explicit network(std::uint64_t seed) : random_(seed) {}
  duration one_way();

 private:
  std::mt19937_64 random_;
};

/// The head of an answer is sent this long after the request was admitted.
inline constexpr milliseconds head_after{400};

}  // namespace assay::bench
