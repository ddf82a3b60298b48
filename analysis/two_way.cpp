#include "analysis/two_way.hpp"

#include <algorithm>
#include <cmath>

#include "analysis/median.hpp"

namespace assay::analysis {

namespace {

constexpr int most_sweeps = 20;
/// Sweeps end when they take less than this part out of the residuals.
constexpr double small_part = 1e-4;

/// The residuals, and which of them lie in which row or column.
class polishing {
 public:
  polishing(const std::vector<two_way_cell>& cells, std::size_t rows, std::size_t columns)
      : of_row_(rows), of_column_(columns) {
    fit_.rows.resize(rows);
    fit_.columns.resize(columns);
    residuals_.reserve(cells.size());
    for (const auto& c : cells) {
      of_row_[c.row].push_back(residuals_.size());
      of_column_[c.column].push_back(residuals_.size());
      residuals_.push_back(c.value);
    }
  }

  two_way_fit run() {
    auto before = size();
    for (int sweep = 0; sweep < most_sweeps; ++sweep) {
      take_medians(of_row_, fit_.rows);
      centre(of_column_, fit_.columns);
      take_medians(of_column_, fit_.columns);
      centre(of_row_, fit_.rows);
      auto now = size();
      if (now == 0 || before - now < small_part * before) break;
      before = now;
    }
    centre(of_column_, fit_.columns);
    return std::move(fit_);
  }

 private:
  using lines = std::vector<std::vector<std::size_t>>;

  void take_medians(const lines& of, std::vector<double>& effects) {
    for (std::size_t i = 0; i < of.size(); ++i) {
      if (of[i].empty()) continue;
      values_.clear();
      for (auto cell : of[i]) values_.push_back(residuals_[cell]);
      auto middle = median(values_);
      for (auto cell : of[i]) residuals_[cell] -= middle;
      effects[i] += middle;
    }
  }

  /// What all effects have in common belongs to the whole.
  void centre(const lines& of, std::vector<double>& effects) {
    values_.clear();
    for (std::size_t i = 0; i < of.size(); ++i)
      if (!of[i].empty()) values_.push_back(effects[i]);
    if (values_.empty()) return;
    auto middle = median(values_);
    for (std::size_t i = 0; i < of.size(); ++i)
      if (!of[i].empty()) effects[i] -= middle;
    fit_.overall += middle;
  }

  double size() const {
    double sum = 0;
    for (auto r : residuals_) sum += std::abs(r);
    return sum;
  }

  two_way_fit fit_;
  lines of_row_, of_column_;
  std::vector<double> residuals_;
  std::vector<double> values_;
};

/// The rows that have a cell in every column, column by column.
std::vector<std::vector<double>> complete_rows(const std::vector<two_way_cell>& cells,
                                               std::size_t rows, std::size_t columns) {
  std::vector<std::vector<double>> table(rows, std::vector<double>(columns, std::nan("")));
  for (const auto& c : cells) table[c.row][c.column] = c.value;
  std::erase_if(table, [](const std::vector<double>& row) {
    return std::any_of(row.begin(), row.end(), [](double v) { return std::isnan(v); });
  });
  return table;
}

double square(double x) { return x * x; }

}  // namespace

two_way_fit median_polish(const std::vector<two_way_cell>& cells, std::size_t rows,
                          std::size_t columns) {
  return polishing(cells, rows, columns).run();
}

std::optional<variance_parts> parts_of_variance(const std::vector<two_way_cell>& cells,
                                                std::size_t rows, std::size_t columns) {
  const auto table = complete_rows(cells, rows, columns);
  if (table.size() < 2 || columns < 2) return {};
  const auto n = static_cast<double>(table.size()), m = static_cast<double>(columns);
  std::vector<double> column_means(columns), row_means;
  for (const auto& row : table) {
    double sum = 0;
    for (std::size_t j = 0; j < columns; ++j) {
      sum += row[j];
      column_means[j] += row[j] / n;
    }
    row_means.push_back(sum / m);
  }
  double mean = 0;
  for (auto v : row_means) mean += v / n;
  double of_rows = 0, of_columns = 0, of_rest = 0;
  for (auto v : row_means) of_rows += m * square(v - mean);
  for (auto v : column_means) of_columns += n * square(v - mean);
  for (std::size_t i = 0; i < table.size(); ++i)
    for (std::size_t j = 0; j < columns; ++j)
      of_rest += square(table[i][j] - row_means[i] - column_means[j] + mean);
  variance_parts parts;
  parts.rows_used = table.size();
  parts.residual = of_rest / ((n - 1) * (m - 1));
  parts.rows = std::max(0.0, (of_rows / (n - 1) - parts.residual) / m);
  parts.columns = std::max(0.0, (of_columns / (m - 1) - parts.residual) / n);
  return parts;
}

}  // namespace assay::analysis
