#include "analysis/two_samples.hpp"

#include <algorithm>
#include <cmath>

namespace assay::analysis {

namespace {

double log_choose(std::size_t n, std::size_t k) {
  auto x = static_cast<double>(n), y = static_cast<double>(k);
  return std::lgamma(x + 1) - std::lgamma(y + 1) - std::lgamma(x - y + 1);
}

}  // namespace

double fisher_exact(std::size_t a, std::size_t n, std::size_t b, std::size_t m) {
  if (n == 0 || m == 0) return 1;
  auto yes = a + b;
  auto least = yes > m ? yes - m : 0, most = std::min(n, yes);
  auto all = log_choose(n + m, yes);
  double lower = 0, upper = 0;
  for (auto k = least; k <= most; ++k) {
    auto chance = std::exp(log_choose(n, k) + log_choose(m, yes - k) - all);
    if (k <= a) lower += chance;
    if (k >= a) upper += chance;
  }
  return std::min(1.0, 2 * std::min(lower, upper));
}

void size_buckets::add(double size) {
  ++buckets[static_cast<int>(std::lround(8 * std::log2(1 + std::max(0.0, size))))];
  ++count;
  sum += size;
}

void size_buckets::add(const size_buckets& more) {
  for (auto [bucket, n] : more.buckets) buckets[bucket] += n;
  count += more.count;
  sum += more.sum;
}

double size_buckets::mean() const { return count == 0 ? 0 : sum / static_cast<double>(count); }

double rank_sum_p(const size_buckets& now, const size_buckets& before) {
  auto n = static_cast<double>(now.count), m = static_cast<double>(before.count);
  if (now.count == 0 || before.count == 0) return 1;
  auto all = before.buckets;
  for (auto [bucket, count] : now.buckets) all[bucket] += count;
  double rank_sum = 0, ties = 0, below = 0;
  for (auto [bucket, count] : all) {
    auto here = static_cast<double>(count);
    if (auto mine = now.buckets.find(bucket); mine != now.buckets.end())
      rank_sum += static_cast<double>(mine->second) * (below + (here + 1) / 2);
    ties += here * here * here - here;
    below += here;
  }
  auto total = n + m;
  auto variance = n * m / 12 * (total + 1 - ties / (total * (total - 1)));
  if (variance <= 0) return 1;
  auto off = std::max(0.0, std::fabs(rank_sum - n * (total + 1) / 2) - 0.5);
  return std::erfc(off / std::sqrt(2 * variance));
}

}  // namespace assay::analysis
