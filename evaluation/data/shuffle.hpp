#pragma once

#include <cstdint>
#include <utility>
#include <vector>

namespace assay::evaluation {

/// SplitMix64 (Steele, Lea, Flood 2014): the same numbers from the same seed on every platform.
class splitmix64 {
 public:
  explicit splitmix64(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    auto z = state_ += 0x9E3779B97F4A7C15ULL;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
  }

  /// A number below `bound`: the high half of the product of `next()` and `bound`.
  std::uint64_t below(std::uint64_t bound) {
    return static_cast<std::uint64_t>((static_cast<unsigned __int128>(next()) * bound) >> 64);
  }

 private:
  std::uint64_t state_;
};

/// Fisher-Yates from the back: for i = n-1 ... 1 swap element i with element `below(i + 1)`.
template <class T>
void shuffle(std::vector<T>& items, std::uint64_t seed) {
  splitmix64 random(seed);
  for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[random.below(i)]);
}

}  // namespace assay::evaluation
