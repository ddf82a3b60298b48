#include "analysis/sign_test.hpp"

#include <doctest/doctest.h>

#include <random>

#include "analysis/random_stream.hpp"

using namespace assay::analysis;
using doctest::Approx;

TEST_CASE("the sign test gives the exact binomial probability") {
  // Computed in fractions from the definition.
  CHECK(sign_test(8, 2) == Approx(0.109375));
  CHECK(sign_test(2, 8) == Approx(0.109375));
  CHECK(sign_test(5, 0) == Approx(0.0625));
  CHECK(sign_test(15, 5) == Approx(0.04138946533203125));
  CHECK(sign_test(210, 250) == Approx(0.06888924740775985));
  CHECK(sign_test(1, 1) == 1);
  CHECK(sign_test(1, 0) == 1);
  CHECK(sign_test(0, 0) == 1);
}

TEST_CASE("the sign test is at home in large numbers") {
  CHECK(sign_test(50'000, 50'000) == 1);
  CHECK(sign_test(9'800, 10'200) == Approx(0.00476).epsilon(0.01));  // z = 399 / sqrt(20000)
  CHECK(sign_test(0, 2'000) == 0);                                   // 2^-1999 is nothing
}

namespace {

std::vector<cluster_sum> alone(const std::vector<double>& values) {
  std::vector<cluster_sum> sums;
  for (double v : values) sums.push_back({v, 1});
  return sums;
}

}  // namespace

TEST_CASE("few differences go through every pattern of signs") {
  const auto five = sign_flip_test(alone({0.5, 0.25, -0.1, 0.3, 0.4}), 1000, 1);
  CHECK(five.value == Approx(4.0 / 32));
  CHECK(five.exact);
  CHECK(sign_flip_test(alone({3, 1, -1, 2}), 1000, 1).value == Approx(6.0 / 16));
  // Totals that are equal but for rounding count.
  CHECK(sign_flip_test(alone({0.2, -0.3, 0.1, 0.3, 0.1, -0.1}), 1000, 1).value ==
        Approx(46.0 / 64));
}

TEST_CASE("Darwin's maize has the p value that Fisher gave it") {
  // Fisher 1935, section 21: 1,726 of 32,768 patterns.
  const auto maize = alone({49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48});
  const auto all = sign_flip_test(maize, 50'000, 1);
  CHECK(all.exact);
  CHECK(all.value == Approx(1726.0 / 32768));
  const auto drawn = sign_flip_test(maize, 10'000, 1);
  CHECK_FALSE(drawn.exact);
  CHECK(drawn.value == Approx(0.0527).epsilon(0.13));  // three standard errors of 10,000 draws
  CHECK(sign_flip_test(maize, 10'000, 1).value == drawn.value);
  CHECK(sign_flip_test(maize, 10'000, 2).value != drawn.value);
}

TEST_CASE("right and wrong answers get McNemar's exact test, ties say nothing") {
  std::vector<double> values(1000, 0);
  for (std::size_t i = 0; i < 20; ++i) values[40 * i] = i < 15 ? 1 : -1;
  const auto p = sign_flip_test(alone(values), 10, 1);
  CHECK(p.exact);
  CHECK(p.value == Approx(0.04138946533203125));
}

TEST_CASE("no difference anywhere is no evidence") {
  CHECK(sign_flip_test({}, 100, 1).value == 1);
  CHECK(sign_flip_test(alone({0, 0, 0}), 100, 1).value == 1);
}

TEST_CASE("two equal models on GSM8K are told apart in 3 to 7 % of comparisons at 5 %") {
  // Samples differ in difficulty; both models are right with its probability, 0.8 on average.
  random_stream random(2026);
  std::uniform_real_distribution<double> difficulty(0.6, 1.0), coin;
  constexpr int repetitions = 1000;
  int alarms = 0;
  for (int r = 0; r < repetitions; ++r) {
    std::size_t wins = 0, losses = 0;
    for (int i = 0; i < 1319; ++i) {
      const double right = difficulty(random);
      const bool a = coin(random) < right, b = coin(random) < right;
      wins += b && !a;
      losses += a && !b;
    }
    alarms += sign_test(wins, losses) < 0.05;
  }
  CHECK(alarms > 0.03 * repetitions);
  CHECK(alarms < 0.07 * repetitions);
}

TEST_CASE("numbers and clusters keep the 5 % as well, also few of them") {
  random_stream random(8);
  std::exponential_distribution<double> skewed;
  constexpr int repetitions = 2000;
  int alarms = 0, clustered_alarms = 0;
  for (int r = 0; r < repetitions; ++r) {
    std::vector<cluster_sum> values, clusters;
    for (int i = 0; i < 40; ++i) values.push_back({skewed(random) - skewed(random), 1});
    for (int c = 0; c < 12; ++c) clusters.push_back({4 * (skewed(random) - skewed(random)), 4});
    alarms += sign_flip_test(values, 399, static_cast<std::uint64_t>(r)).value <= 0.05;
    clustered_alarms += sign_flip_test(clusters, 399, static_cast<std::uint64_t>(r)).value <= 0.05;
  }
  CHECK(alarms > 0.03 * repetitions);
  CHECK(alarms < 0.07 * repetitions);
  CHECK(clustered_alarms > 0.03 * repetitions);
  CHECK(clustered_alarms < 0.07 * repetitions);
}
