#include "analysis/bootstrap.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <random>

#include "analysis/random_stream.hpp"

using namespace assay::analysis;
using doctest::Approx;

namespace {

std::vector<cluster_sum> right_and_wrong(std::size_t right, std::size_t n) {
  std::vector<cluster_sum> values(n, {0, 1});
  for (std::size_t i = 0; i < right; ++i) values[i].sum = 1;
  return values;
}

}  // namespace

TEST_CASE("BCa of right and wrong answers is that of the whole binomial distribution") {
  // From the exact distribution of the resampled mean, by a program of its own.
  const auto forty = bootstrap_interval(right_and_wrong(30, 40), 100'000, 1);
  CHECK(forty.first == Approx(0.6));
  CHECK(forty.second == Approx(0.875));
  const auto hundred = bootstrap_interval(right_and_wrong(90, 100), 100'000, 1);
  CHECK(hundred.first == Approx(0.83));
  CHECK(hundred.second == Approx(0.95));
}

TEST_CASE("the same seed gives the same interval") {
  std::vector<cluster_sum> values;
  for (int i = 0; i < 50; ++i) values.push_back({std::sin(i * 7.0), 1});
  CHECK(bootstrap_interval(values, 1000, 3) == bootstrap_interval(values, 1000, 3));
  CHECK(bootstrap_interval(values, 1000, 3) != bootstrap_interval(values, 1000, 4));
}

TEST_CASE("an interval exists only where something varies") {
  CHECK(bootstrap_interval({{1, 1}, {1, 1}}, 1000, 1) == std::pair(1.0, 1.0));
  CHECK(bootstrap_interval({{1, 2}}, 1000, 1) == std::pair(0.5, 0.5));
  CHECK(bootstrap_interval({}, 1000, 1) == std::pair(0.0, 0.0));
}

TEST_CASE("drawing by counts, value by value and cluster by cluster are one law") {
  // By counts with three kinds; each moved by a tiny amount of its own, one by one, more than fit
  // a block; with an empty cluster beside them, cluster by cluster.
  std::vector<cluster_sum> counts, values;
  for (int i = 0; i < 4200; ++i) {
    const double v = i % 5 == 0 ? 1 : i % 7 == 0 ? -1 : 0;
    counts.push_back({v, 1});
    values.push_back({v + 1e-9 * i, 1});
  }
  auto clusters = values;
  clusters.push_back({0, 0});
  const auto by_counts = bootstrap_interval(counts, 4'000, 1);
  const auto one_by_one = bootstrap_interval(values, 4'000, 2);
  const auto by_cluster = bootstrap_interval(clusters, 4'000, 3);
  const double width = by_counts.second - by_counts.first;
  for (const auto& other : {one_by_one, by_cluster}) {
    CHECK(std::fabs(other.first - by_counts.first) < 0.08 * width);
    CHECK(std::fabs(other.second - by_counts.second) < 0.08 * width);
  }
}

TEST_CASE("the bootstrap interval holds the truth in 93 to 97 % of experiments") {
  random_stream random(77);
  std::uniform_real_distribution<double> coin;
  std::normal_distribution<double> normal;
  constexpr int repetitions = 1000;
  int misses = 0, clustered_misses = 0;
  for (int r = 0; r < repetitions; ++r) {
    const auto seed = static_cast<std::uint64_t>(r);
    std::vector<cluster_sum> values, clusters;
    for (int i = 0; i < 400; ++i) {  // differences of two models: 0.12 won, 0.08 lost
      const double u = coin(random);
      values.push_back({u < 0.12 ? 1.0 : u < 0.2 ? -1.0 : 0.0, 1});
    }
    const auto [low, high] = bootstrap_interval(values, 2000, seed);
    misses += low > 0.04 || high < 0.04;
    for (int c = 0; c < 60; ++c) {
      const auto size = static_cast<std::size_t>(1 + c % 4);
      clusters.push_back({normal(random) * std::sqrt(static_cast<double>(size)), size});
    }
    const auto [clustered_low, clustered_high] = bootstrap_interval(clusters, 1000, seed);
    clustered_misses += clustered_low > 0 || clustered_high < 0;
  }
  CHECK(misses > 0.03 * repetitions);
  CHECK(misses < 0.07 * repetitions);
  CHECK(clustered_misses > 0.03 * repetitions);
  CHECK(clustered_misses < 0.07 * repetitions);
}
