#pragma once

#include <cstddef>
#include <optional>
#include <vector>

namespace assay::analysis {

/// A value of a two-way table; cells may be missing.
struct two_way_cell {
  std::size_t row = 0;
  std::size_t column = 0;
  double value = 0;
};

/// value = overall + row + column + residual. The medians of the effects are 0, those of a row or
/// column without cells too.
struct two_way_fit {
  double overall = 0;
  std::vector<double> rows;
  std::vector<double> columns;
};

/// Median polish (Tukey 1977, Exploratory Data Analysis, chapter 11): takes the median of every
/// row, then of every column, out of the residuals until they hardly change. Single wild values
/// pull neither effect. REQUIRES: cells are within `rows` x `columns`.
two_way_fit median_polish(const std::vector<two_way_cell>&, std::size_t rows, std::size_t columns);

/// What makes values of a two-way table vary, as variances.
struct variance_parts {
  std::size_t rows_used = 0;
  double rows = 0;
  double columns = 0;
  double residual = 0;

  double total() const { return rows + columns + residual; }
};

/// Variance components of the additive two-way model by the method of moments (Henderson's method
/// 1, Searle, Casella and McCulloch 1992, section 4.3): mean squares less what noise alone adds to
/// them; not below 0. From the rows that have every column; absent for fewer than two of either.
std::optional<variance_parts> parts_of_variance(const std::vector<two_way_cell>&, std::size_t rows,
                                                std::size_t columns);

}  // namespace assay::analysis
