#include "analysis/reliability.hpp"

#include <doctest/doctest.h>

using namespace assay::analysis;
using doctest::Approx;

TEST_CASE("pass^k is the share of draws that are all right") {
  CHECK(pass_hat_k(5, 2, 2) == Approx(0.1));
  CHECK(pass_hat_k(10, 7, 1) == Approx(0.7));
  CHECK(pass_hat_k(10, 7, 5) == Approx(0.08333333333333333));
  CHECK(pass_hat_k(10, 7, 7) == Approx(0.008333333333333333));
  CHECK(pass_hat_k(10, 7, 8) == 0);
  CHECK(pass_hat_k(3, 3, 3) == 1);
}

TEST_CASE("G-Pass@k is the upper tail of the hypergeometric distribution") {
  // In fractions from the definition.
  CHECK(g_pass_at_k(16, 10, 8, 0.75) == Approx(0.3041958041958042));
  CHECK(g_pass_at_k(10, 7, 10, 0.7) == Approx(1));
  CHECK(g_pass_at_k(5, 2, 2, 0) == Approx(0.7));    // at least one right: pass@k
  CHECK(g_pass_at_k(5, 2, 2, 1) == Approx(0.1));    // all right: pass^k
  CHECK(g_pass_at_k(5, 2, 2, 0.6) == Approx(0.1));  // 1.2 of two is two
  CHECK(mg_pass_at_k(16, 10, 8) == Approx(0.26573426573426573));
  CHECK(mg_pass_at_k(10, 6, 5) == Approx(0.11428571428571428));
}

TEST_CASE("consistency is the probability that two epochs of a sample agree") {
  // 4 of 4: 1; 0 of 4: 1; 2 of 4: (1 + 1) / 6; a sample asked once says nothing.
  const auto r = measure_reliability({{4, 4}, {4, 0}, {4, 2}, {1, 1}});
  CHECK(r.samples == 3);
  CHECK(r.always_right == 1);
  CHECK(r.always_wrong == 1);
  CHECK(r.mixed == 1);
  CHECK(r.consistency == Approx((1 + 1 + 1.0 / 3) / 3));
  CHECK(r.epochs == 4);
  CHECK(r.pass_at[0] == Approx(0.5));
  CHECK(r.pass_hat[0] == Approx(0.5));
  CHECK(r.pass_at[1] == Approx((1 + 0 + 5.0 / 6) / 3));
  CHECK(r.pass_hat[1] == Approx((1 + 0 + 1.0 / 6) / 3));
}

TEST_CASE("k goes as far as the sample with the fewest epochs") {
  const auto r = measure_reliability({{5, 3}, {3, 3}});
  CHECK(r.epochs == 3);
  CHECK(r.pass_hat.size() == 3);
}

TEST_CASE("without repeated samples there is no reliability") {
  CHECK(measure_reliability({{1, 1}, {1, 0}}).samples == 0);
  CHECK(measure_reliability({}).pass_at.empty());
}
