#include "bench/limits/load.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace assay::bench {

load draw_load(const scenario& s, std::uint64_t seed) {
  std::mt19937_64 random(seed * 0x9E3779B97F4A7C15ull + 11);
  std::normal_distribution<> normal;
  load l;
  for (std::size_t i = 0; i < s.tasks; ++i) {
    const double factor = std::exp(s.around.service_sigma * normal(random));
    const double service_s = std::min(60.0, s.around.service_median_s * factor);
    l.service.push_back(from_seconds(service_s));
    l.expected_s.push_back(service_s * std::exp(0.3 * normal(random)));
  }
  return l;
}

std::vector<std::uint32_t> longest_first(const load& l, bool scout) {
  std::vector<std::uint32_t> order(l.service.size());
  std::iota(order.begin(), order.end(), 0u);
  std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    return l.expected_s[a] > l.expected_s[b];
  });
  if (scout) std::rotate(order.begin(), order.end() - 1, order.end());
  return order;
}

duration network::one_way() {
  double ms =
      std::uniform_real_distribution<>(around_.transit_min_ms, around_.transit_max_ms)(random_);
  if (std::uniform_real_distribution<>(0, 1)(random_) < 0.02)
    ms += std::exponential_distribution<>(1 / around_.transit_tail_ms)(random_);
  return from_seconds(ms / 1000);
}

}  // namespace assay::bench
