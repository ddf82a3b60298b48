#include "providers/simulated/draws.hpp"

#include <cmath>
#include <cstring>
#include <numbers>

namespace assay::simulated {

namespace {

constexpr double z99 = 2.3263478740408408;  // standard normal quantile of 0.99

/// The finalizer of splitmix64 (Steele, Lea, Flood 2014): every input bit changes every output bit.
std::uint64_t mix(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

}  // namespace

std::uint64_t hash_bytes(std::string_view text, std::uint64_t start) {
  std::uint64_t h = mix(start + 0x9e3779b97f4a7c15ULL) ^ text.size();
  while (text.size() >= 8) {
    std::uint64_t word;
    std::memcpy(&word, text.data(), 8);
    h = mix(h ^ word);
    text.remove_prefix(8);
  }
  std::uint64_t rest = 0;
  std::memcpy(&rest, text.data(), text.size());
  return mix(h ^ rest);
}

std::uint64_t draws::bits(purpose what, std::uint64_t n) const {
  return mix(mix(base_ + static_cast<std::uint64_t>(what) * 0x9e3779b97f4a7c15ULL) + n);
}

double draws::uniform(purpose what, std::uint64_t n) const {
  return static_cast<double>(bits(what, n) >> 11) * 0x1p-53;
}

double draws::log_normal(const distribution& d, purpose what) const {
  if (!(d.p99 > d.median) || !(d.median > 0)) return d.median;
  const double sigma = std::log(d.p99 / d.median) / z99;
  // Box-Muller; 1 - u is never 0.
  const double radius = std::sqrt(-2 * std::log(1 - uniform(what, 0)));
  return d.median * std::exp(sigma * radius * std::cos(2 * std::numbers::pi * uniform(what, 1)));
}

}  // namespace assay::simulated
