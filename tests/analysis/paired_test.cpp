#include "analysis/paired.hpp"

#include <doctest/doctest.h>

#include "analysis/holm.hpp"
#include "analysis/power.hpp"

using namespace assay::analysis;
using doctest::Approx;

TEST_CASE("a comparison counts wins, losses and ties of the second side") {
  const auto c = compare_paired({{0, 1, 1}, {1, 0, 2}, {1, 1, 3}, {0, 1, 4}, {0, 0, 5}}, {});
  CHECK(c.samples == 5);
  CHECK(c.clusters == 5);
  CHECK(c.wins == 2);
  CHECK(c.losses == 1);
  CHECK(c.ties == 2);
  CHECK(c.mean_a == Approx(0.4));
  CHECK(c.mean_b == Approx(0.6));
  CHECK(c.difference.mean == Approx(0.2));
  CHECK(c.difference.standard_error == Approx(0.374166).epsilon(1e-5));  // s^2 = 0.7, / 5
  CHECK(c.p.value == Approx(1));
  CHECK(c.low <= c.difference.mean);
  CHECK(c.high >= c.difference.mean);
}

TEST_CASE("samples that share a cluster are less evidence than as many that do not") {
  std::vector<paired_score> apart, together;
  for (std::uint64_t i = 0; i < 40; ++i) {
    apart.push_back({0, i % 4 == 0 ? -1.0 : 1.0, i});
    together.push_back({0, i % 4 == 0 ? -1.0 : 1.0, i % 4});
  }
  const auto a = compare_paired(apart, {}), t = compare_paired(together, {});
  CHECK(t.clusters == 4);
  CHECK(a.difference.mean == t.difference.mean);
  CHECK(a.p.value == Approx(0.002221).epsilon(1e-3));  // 30 of 40
  CHECK(t.p.value == Approx(0.625));                   // 3 of 4
  CHECK(t.difference.standard_error > 2 * a.difference.standard_error);
}

TEST_CASE("nothing in common compares to nothing") {
  const auto c = compare_paired({}, {});
  CHECK(c.samples == 0);
  CHECK(c.p.value == 1);
  CHECK_FALSE(c.samples_needed);
}

TEST_CASE("sides that never differ have no error and need no sample size") {
  const auto c = compare_paired({{1, 1, 1}, {0, 0, 2}}, {});
  CHECK(c.ties == 2);
  CHECK(c.difference.standard_error == 0);
  CHECK(c.detectable == 0);
  CHECK_FALSE(c.samples_needed);
}

TEST_CASE("the detectable difference is the sum of the two quantiles times the error") {
  // t(0.975, 30) + t(0.8, 30) = 2.042272 + 0.853767.
  CHECK(detectable_difference(0.01, 30) == Approx(0.02896039).epsilon(1e-6));
  CHECK(detectable_difference(0.01, 1e9) == Approx(0.01 * (1.9599640 + 0.8416212)).epsilon(1e-6));
}

TEST_CASE("half the difference takes four times the samples") {
  // 1319 (2.8015852 * 0.0155 / 0.02)^2 = 6218.07
  CHECK(*samples_to_detect(0.02, 0.0155, 1319) == 6219);
  CHECK(*samples_to_detect(-0.02, 0.0155, 1319) == 6219);
  CHECK(*samples_to_detect(0.01, 0.0155, 1319) == 24873);
  CHECK_FALSE(samples_to_detect(0, 0.0155, 1319));
  CHECK_FALSE(samples_to_detect(0.02, 0, 1319));
}

TEST_CASE("Holm multiplies the least p by their number, the next by one less, and never falls") {
  const auto adjusted = holm({0.01, 0.04, 0.03, 0.005});
  CHECK(adjusted[3] == Approx(0.02));
  CHECK(adjusted[0] == Approx(0.03));
  CHECK(adjusted[2] == Approx(0.06));
  CHECK(adjusted[1] == Approx(0.06));  // 0.04 alone would be below the one before
  CHECK(holm({0.7, 0.6}) == std::vector<double>{1, 1});
  CHECK(holm({0.03}) == std::vector<double>{0.03});
  CHECK(holm({}).empty());
}
