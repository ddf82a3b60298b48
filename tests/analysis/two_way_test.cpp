#include "analysis/two_way.hpp"

#include <doctest/doctest.h>

#include "analysis/median.hpp"

using namespace assay::analysis;

namespace {

std::vector<two_way_cell> table(const std::vector<std::vector<double>>& rows) {
  std::vector<two_way_cell> cells;
  for (std::size_t i = 0; i < rows.size(); ++i)
    for (std::size_t j = 0; j < rows[i].size(); ++j) cells.push_back({i, j, rows[i][j]});
  return cells;
}

}  // namespace

TEST_CASE("the median of an even number of values is the mean of the two in the middle") {
  std::vector<double> odd{5, 1, 3}, even{9, 1, 3, 5};
  CHECK(median(odd) == 3);
  CHECK(median(even) == 4);
}

TEST_CASE("median polish comes to the figures that it has on paper") {
  // Row medians 14 7 8 10 0, their median 8; of what is left the columns have 0 -1 0; the medians
  // of what is left then are all 0.
  auto fit =
      median_polish(table({{14, 15, 14}, {7, 4, 7}, {8, 2, 10}, {15, 9, 10}, {0, 2, 0}}), 5, 3);
  CHECK(fit.overall == 8);
  CHECK(fit.rows == std::vector<double>{6, -1, 0, 2, -8});
  CHECK(fit.columns == std::vector<double>{0, -1, 0});
}

TEST_CASE("an additive table is taken apart exactly, also where cells are missing") {
  const std::vector<double> rows{0, 5, -3, 40, 1}, columns{0, 20, 80};
  std::vector<two_way_cell> cells;
  for (std::size_t i = 0; i < 5; ++i)
    for (std::size_t j = 0; j < 3; ++j)
      if ((i + 2 * j) % 5 != 0) cells.push_back({i, j, 300 + rows[i] + columns[j]});
  REQUIRE(cells.size() == 12);
  auto fit = median_polish(cells, 5, 3);
  CHECK(fit.columns[1] - fit.columns[0] == doctest::Approx(20));
  CHECK(fit.columns[2] - fit.columns[0] == doctest::Approx(80));
  for (std::size_t i = 1; i < 5; ++i)
    CHECK(fit.rows[i] - fit.rows[0] == doctest::Approx(rows[i] - rows[0]));
}

TEST_CASE("a row or a column without cells has no effect") {
  auto fit = median_polish({{0, 0, 7}, {2, 0, 9}}, 3, 2);
  CHECK(fit.rows[1] == 0);
  CHECK(fit.columns[1] == 0);
  CHECK(fit.overall == 8);
  CHECK(median_polish({}, 0, 0).overall == 0);
}

TEST_CASE("one wild value moves no effect") {
  auto fit = median_polish(table({{1, 21, 81}, {2, 22, 9'999}, {3, 23, 83}, {4, 24, 84}}), 4, 3);
  CHECK(fit.columns[2] - fit.columns[0] == doctest::Approx(80));
  CHECK(fit.rows[1] - fit.rows[0] == doctest::Approx(1));
}

TEST_CASE("parts of the variance come to the figures that they have on paper") {
  // Mean 4.5, rows 2 and 7, columns 3 and 6: squares 25, 9 and 1, with one degree of freedom each.
  auto parts = parts_of_variance(table({{1, 3}, {5, 9}}), 2, 2);
  REQUIRE(parts);
  CHECK(parts->rows == doctest::Approx(12));
  CHECK(parts->columns == doctest::Approx(4));
  CHECK(parts->residual == doctest::Approx(1));
  CHECK(parts->rows_used == 2);
}

TEST_CASE("parts of the variance are of complete rows, are not negative, and want two of each") {
  auto cells = table({{1, 3}, {5, 9}});
  cells.push_back({2, 0, 1'000});
  CHECK(parts_of_variance(cells, 3, 2)->rows == doctest::Approx(12));
  CHECK(parts_of_variance(table({{1, 2}, {2, 1}}), 2, 2)->rows == 0);
  CHECK_FALSE(parts_of_variance(table({{1, 2}}), 1, 2));
  CHECK_FALSE(parts_of_variance(table({{1}, {2}}), 2, 1));
}
