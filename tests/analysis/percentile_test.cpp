#include "analysis/percentile.hpp"

#include <doctest/doctest.h>

#include <numeric>

using namespace assay::analysis;

TEST_CASE("a percentile is the value at its nearest rank") {
  std::vector<double> series = {50, 15, 40, 20, 35};
  auto p = percentiles(series, {5, 30, 40, 50, 100});
  REQUIRE(p.size() == 5);
  CHECK(p[0].value == 15);
  CHECK(p[1].value == 20);
  CHECK(p[2].value == 20);
  CHECK(p[3].value == 35);
  CHECK(p[4].value == 50);
}

TEST_CASE("rounding never moves a percentile up by a rank") {
  std::vector<double> series(1000);
  std::iota(series.begin(), series.end(), 1);
  auto p = percentiles(series, {50, 90, 95, 99, 99.9});
  CHECK(p[0].value == 500);
  CHECK(p[1].value == 900);
  CHECK(p[2].value == 950);
  CHECK(p[3].value == 990);
  CHECK(p[4].value == 999);
}

TEST_CASE("a tail percentile is claimed only with enough samples") {
  for (auto [rank, needed] : {std::pair{90.0, 64}, {95.0, 130}, {99.0, 662}, {99.9, 6636}}) {
    std::vector<double> series(needed - 1, 1.0);
    CHECK_FALSE(percentiles(series, {rank})[0].claimed);
    CHECK(percentiles(series, {rank})[0].needed == static_cast<std::size_t>(needed));
    series.push_back(1);
    CHECK(percentiles(series, {rank})[0].claimed);
  }
  std::vector<double> one = {3};
  CHECK(percentiles(one, {50})[0].claimed);
}

TEST_CASE("an empty series has no percentiles") {
  std::vector<double> none;
  CHECK(percentiles(none, {50, 99}).empty());
}
