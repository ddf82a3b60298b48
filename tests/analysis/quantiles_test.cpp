#include "analysis/quantiles.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace assay::analysis;
using doctest::Approx;

TEST_CASE("the quantile of Student's t is that of the tables") {
  CHECK(t_quantile(0.975, 1) == Approx(12.7062).epsilon(1e-5));
  CHECK(t_quantile(0.975, 4) == Approx(2.776445).epsilon(1e-6));
  CHECK(t_quantile(0.975, 30) == Approx(2.042272).epsilon(1e-6));
  CHECK(t_quantile(0.975, 1e6) == Approx(1.95996).epsilon(1e-4));
  CHECK(t_quantile(0.8, 7) == Approx(0.8960296).epsilon(1e-6));
  CHECK(t_quantile(0.025, 4) == Approx(-2.776445).epsilon(1e-6));
  CHECK(std::isinf(t_quantile(0.975, 0)));
}

TEST_CASE("the normal distribution and its quantile are each other's inverse") {
  CHECK(normal_quantile(0.975) == Approx(1.9599639845).epsilon(1e-9));
  CHECK(normal_quantile(0.001) == Approx(-3.0902323062).epsilon(1e-9));
  CHECK(normal_probability(1.5) == Approx(0.9331927987).epsilon(1e-9));
  CHECK(normal_probability(normal_quantile(0.3)) == Approx(0.3));
  CHECK(normal_quantile(0) == -INFINITY);
  CHECK(normal_quantile(1) == INFINITY);
}
