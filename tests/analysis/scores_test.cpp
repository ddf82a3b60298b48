#include "analysis/scores.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace assay::analysis;
using doctest::Approx;

TEST_CASE("pass@k matches the published vectors") {
  CHECK(pass_at_k(5, 2, 1) == Approx(0.4));
  CHECK(pass_at_k(5, 2, 2) == Approx(0.7));
  CHECK(pass_at_k(10, 1, 5) == Approx(0.5));
  CHECK(pass_at_k(200, 10, 100) == Approx(0.9992289739372822).epsilon(1e-12));
}

TEST_CASE("pass@k is certain when fewer than k rows are wrong, and 0 when none is right") {
  CHECK(pass_at_k(3, 2, 2) == 1);
  CHECK(pass_at_k(3, 0, 2) == 0);
  CHECK(pass_at_k(1, 1, 1) == 1);
}

TEST_CASE("the standard error is s over the root of n with s from n - 1") {
  // 1, 0, 1, 1: mean 0.75, s^2 = 0.75 / 3 = 0.25, error = 0.5 / 2 = 0.25, t(3) = 3.182446.
  auto e = estimate_mean({{"a", 1.0}, {"b", 0.0}, {"c", 1.0}, {"d", 1.0}});
  CHECK(e.mean == 0.75);
  CHECK(e.standard_error == Approx(0.25));
  CHECK(e.low == Approx(0.75 - 0.25 * 3.182446));
  CHECK(e.high == Approx(0.75 + 0.25 * 3.182446));
  CHECK(e.samples == 4);
  CHECK(e.coverage() == 1);
}

TEST_CASE("epochs of a sample are averaged first, so that they do not narrow the interval") {
  // Means per sample: a 0.5, b 1; s^2 = 0.125, error = sqrt(0.125 / 2) = 0.25.
  auto e = estimate_mean({{"a", 1.0}, {"b", 1.0}, {"a", 0.0}, {"b", 1.0}});
  CHECK(e.samples == 2);
  CHECK(e.scored == 4);
  CHECK(e.mean == 0.75);
  CHECK(e.standard_error == Approx(0.25));
}

TEST_CASE("a sample with fewer scored epochs weighs as much as any other") {
  auto e = estimate_mean({{"a", 1.0}, {"a", 1.0}, {"a", 1.0}, {"b", 0.0}, {"b", {}}, {"b", {}}});
  CHECK(e.mean == 0.5);
  CHECK(e.scored == 4);
  CHECK(e.coverage() == Approx(4.0 / 6));
}

TEST_CASE("what has no score lowers coverage and never the mean") {
  auto e = estimate_mean({{"a", 1.0}, {"b", {}}, {"c", {}}, {"d", 1.0}});
  CHECK(e.mean == 1);
  CHECK(e.samples == 2);
  CHECK(e.planned == 4);
  CHECK(e.coverage() == 0.5);
}

TEST_CASE("one sample has a mean but no error of it, and none at all has neither") {
  auto one = estimate_mean({{"a", 0.3}});
  CHECK(one.mean == 0.3);
  CHECK(one.standard_error == 0);
  CHECK(one.low == 0.3);
  CHECK(one.high == 0.3);
  auto none = estimate_mean({{"a", {}}, {"b", {}}});
  CHECK(none.samples == 0);
  CHECK(none.planned == 2);
  CHECK(none.coverage() == 0);
  CHECK(estimate_mean(std::vector<scored_sample>{}).coverage() == 0);
}

TEST_CASE("points known by number give the same estimate in any order") {
  auto e = estimate_mean({{7, 1.0}, {3, 0.0}, {7, 0.0}, {3, 0.0}}, 5);
  CHECK(e.samples == 2);
  CHECK(e.mean == 0.25);
  CHECK(e.scored == 4);
  CHECK(e.planned == 5);
}

TEST_CASE("pass@k of a set is the mean over the samples that have k rows") {
  // a: n 5, c 2 -> 0.7; b: n 2, c 0 -> 0; c has one row only and is left out.
  std::vector<scored_sample> rows = {{"a", 1.0}, {"a", 0.0}, {"a", 0.0}, {"a", 1.0}, {"a", 0.0},
                                     {"b", 0.0}, {"b", 0.0}, {"c", 1.0}, {"b", {}}};
  auto e = estimate_pass_at_k(rows, 2);
  CHECK(e.samples == 2);
  CHECK(e.mean == Approx(0.35));
  CHECK(e.standard_error == Approx(0.35));
  CHECK(e.scored == 8);
  CHECK(e.planned == 9);
}

TEST_CASE("the Wilson interval is right at the ends too") {
  // 8 of 10: centre (0.8 + 0.192073) / 1.384146 = 0.716740, half 0.226736.
  auto [low, high] = wilson(8, 10);
  CHECK(low == Approx(0.4902).epsilon(1e-3));
  CHECK(high == Approx(0.9433).epsilon(1e-3));
  // 0 of 10: 0 .. z^2 / (n + z^2) = 3.841459 / 13.841459.
  CHECK(wilson(0, 10).first == 0);
  CHECK(wilson(0, 10).second == Approx(0.277533).epsilon(1e-5));
  CHECK(wilson(10, 10).first == Approx(1 - 0.277533).epsilon(1e-5));
  CHECK(wilson(10, 10).second == Approx(1));
  CHECK(wilson(0, 0) == std::pair{0.0, 1.0});
}
