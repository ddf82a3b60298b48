#include "analysis/agreement.hpp"

#include <doctest/doctest.h>

using namespace assay::analysis;
using doctest::Approx;

namespace {

/// Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability", section C: four observers,
/// twelve units, 0 for no rating.
std::vector<ratings> published_units() {
  constexpr int observers[4][12] = {{1, 2, 3, 3, 2, 1, 4, 1, 2, 0, 0, 0},
                                    {1, 2, 3, 3, 2, 2, 4, 1, 2, 5, 0, 3},
                                    {0, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, 0},
                                    {1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, 0}};
  std::vector<ratings> units(12, ratings(4));
  for (std::size_t o = 0; o < 4; ++o)
    for (std::size_t u = 0; u < 12; ++u)
      if (observers[o][u]) units[u][o] = observers[o][u];
  return units;
}

}  // namespace

TEST_CASE("Krippendorff's alpha is that of the published example") {
  // 0.743, 0.815 and 0.849 in print; more digits from the definition over all pairs.
  const auto units = published_units();
  CHECK(*krippendorff_alpha(units, measurement_level::nominal) == Approx(0.743421052631579));
  CHECK(*krippendorff_alpha(units, measurement_level::ordinal) == Approx(0.8153875037548813));
  CHECK(*krippendorff_alpha(units, measurement_level::interval) == Approx(0.8491071428571428));
}

TEST_CASE("judges who always agree have alpha 1, unless they know one rating only") {
  CHECK(*krippendorff_alpha({{1, 1}, {0, 0}, {1, 1}}, measurement_level::nominal) == 1);
  CHECK_FALSE(krippendorff_alpha({{1, 1}, {1, 1}}, measurement_level::nominal));
  CHECK_FALSE(krippendorff_alpha({{1, {}}, {{}, 0}}, measurement_level::nominal));
  CHECK_FALSE(krippendorff_alpha({}, measurement_level::interval));
}

TEST_CASE("judges who always disagree are below chance") {
  CHECK(*krippendorff_alpha({{1, 0}, {0, 1}}, measurement_level::nominal) == Approx(-0.5));
}

TEST_CASE("Cohen's kappa is that of the textbook tables") {
  // 20 yes/yes, 5 yes/no, 10 no/yes, 15 no/no: (0.7 - 0.5) / 0.5.
  ratings one, other;
  auto add = [&](int times, double a, double b) {
    one.insert(one.end(), static_cast<std::size_t>(times), a);
    other.insert(other.end(), static_cast<std::size_t>(times), b);
  };
  add(20, 1, 1);
  add(5, 1, 0);
  add(10, 0, 1);
  add(15, 0, 0);
  CHECK(*cohen_kappa(one, other) == Approx(0.4));
  one.push_back({});
  other.push_back(1);
  CHECK(*cohen_kappa(one, other) == Approx(0.4));
  CHECK(*cohen_kappa({0, 0, 1, 1, 2, 2, 0, 1}, {0, 1, 1, 1, 2, 0, 0, 2}) ==
        Approx(0.42857142857142855));
}

TEST_CASE("kappa needs two categories") {
  CHECK_FALSE(cohen_kappa({1, 1}, {1, 1}));
  CHECK_FALSE(cohen_kappa({}, {}));
  CHECK(*cohen_kappa({1, 1}, {0, 0}) == Approx(0));
}
