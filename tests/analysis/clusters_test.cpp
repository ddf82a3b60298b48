#include "analysis/clusters.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <random>

#include "analysis/random_stream.hpp"

using namespace assay::analysis;
using doctest::Approx;

TEST_CASE("the clustered standard error is that of the definition") {
  // 1 0 1 | 0 0 | 1 1 1 1 | 0 1, in exact fractions by hand and by a program.
  const auto m = mean_of({{2, 3}, {0, 2}, {4, 4}, {1, 2}});
  CHECK(m.samples == 11);
  CHECK(m.clusters == 4);
  CHECK(m.mean == Approx(7.0 / 11));
  CHECK(m.standard_error == Approx(0.20511857266100586));
  CHECK(m.high == Approx(7.0 / 11 + 3.182446 * 0.20511857266).epsilon(1e-6));  // t(3)
}

TEST_CASE("a cluster for each sample gives the ordinary standard error") {
  // 1, 0, 1, 1: s^2 = 0.25, error = 0.25.
  const auto m = mean_of({{1, 1}, {0, 1}, {1, 1}, {1, 1}});
  CHECK(m.standard_error == Approx(0.25));
  CHECK(m.low == Approx(0.75 - 0.25 * 3.182446));
}

TEST_CASE("values are summed by cluster in any order") {
  const std::vector<cluster_sum> expected{{1.5, 2}, {2, 1}};
  CHECK(in_clusters({{1, 3}, {2, 9}, {0.5, 3}}) == expected);
  CHECK(in_clusters({{2, 9}, {0.5, 3}, {1, 3}}) == expected);
}

TEST_CASE("one cluster has a mean but no error of it") {
  const auto m = mean_of({{3, 4}});
  CHECK(m.mean == 0.75);
  CHECK(m.standard_error == 0);
  CHECK(m.low == 0.75);
  CHECK(mean_of({}).samples == 0);
}

TEST_CASE(
    "the interval of clustered samples holds its promise, the one of single samples does not") {
  random_stream random(5);
  std::normal_distribution<double> normal;
  int clustered_misses = 0, single_misses = 0;
  constexpr int repetitions = 2000;
  for (int r = 0; r < repetitions; ++r) {
    std::vector<clustered_value> values, alone;
    for (std::uint64_t c = 0; c < 30; ++c) {
      const double shared = normal(random);
      for (int i = 0; i < 5; ++i) {
        values.push_back({shared + normal(random), c});
        alone.push_back({values.back().value, values.size()});
      }
    }
    const auto m = mean_of(in_clusters(values));
    clustered_misses += m.low > 0 || m.high < 0;
    const auto s = mean_of(in_clusters(alone));
    single_misses += s.low > 0 || s.high < 0;
  }
  CHECK(clustered_misses > 0.03 * repetitions);
  CHECK(clustered_misses < 0.07 * repetitions);
  CHECK(single_misses > 0.15 * repetitions);
}
