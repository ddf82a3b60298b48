#pragma once

#include <cstdint>
#include <limits>

namespace assay::analysis {

/// Random bits from a seed: splitmix64 (Steele, Lea, Flood 2014). Fast, and the same everywhere; a
/// generator for the distributions of <random>.
class random_stream {
 public:
  using result_type = std::uint64_t;
  static constexpr result_type min() { return 0; }
  static constexpr result_type max() { return std::numeric_limits<result_type>::max(); }

  explicit random_stream(std::uint64_t seed) : state_(seed) {}

  result_type operator()() {
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }

 private:
  std::uint64_t state_;
};

}  // namespace assay::analysis
