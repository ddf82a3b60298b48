#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "bench/limits/scenario.hpp"
#include "messages/units.hpp"

namespace assay::bench {

/// The work of one run, drawn from a seed.
struct load {
  std::vector<duration> service;   ///< of each task, admission to last byte, at the server
  std::vector<double> expected_s;  ///< what the client expects it to be
};

/// Service times as the circumstances say; the client's expectation is off by a factor of log-sigma
/// 0.3.
load draw_load(const scenario&, std::uint64_t seed);

/// Positions in the order of sending: longest expected first; the shortest of all first, if there
/// is a `scout`.
std::vector<std::uint32_t> longest_first(const load&, bool scout);

/// The way between client and server.
class network {
 public:
  network(const circumstances& around, std::uint64_t seed) : around_(around), random_(seed) {}
  duration one_way();

 private:
  circumstances around_;
  std::mt19937_64 random_;
};

}  // namespace assay::bench
