#include "evaluation/judges/assignment.hpp"

#include <algorithm>
#include <limits>

namespace assay::evaluation {

namespace {

/// Gains as costs of a square matrix, counted from 1; what is missing gains nothing.
struct cost_matrix {
  const std::vector<std::vector<double>>& gain;

  double operator()(std::size_t row, std::size_t column) const {
    bool inside = row <= gain.size() && column <= gain[0].size();
    return inside ? -gain[row - 1][column - 1] : 0;
  }
};

}  // namespace

double best_assignment(const std::vector<std::vector<double>>& gain) {
  if (gain.empty() || gain[0].empty()) return 0;
  cost_matrix cost{gain};
  auto n = std::max(gain.size(), gain[0].size());
  std::vector<double> row_potential(n + 1, 0), column_potential(n + 1, 0);
  std::vector<std::size_t> row_of(n + 1, 0), previous(n + 1, 0);
  for (std::size_t row = 1; row <= n; ++row) {
    row_of[0] = row;
    std::size_t column = 0;
    std::vector<double> slack(n + 1, std::numeric_limits<double>::infinity());
    std::vector<bool> used(n + 1, false);
    do {
      used[column] = true;
      auto at = row_of[column];
      auto delta = std::numeric_limits<double>::infinity();
      std::size_t next = 0;
      for (std::size_t j = 1; j <= n; ++j) {
        if (used[j]) continue;
        auto reduced = cost(at, j) - row_potential[at] - column_potential[j];
        if (reduced < slack[j]) {
          slack[j] = reduced;
          previous[j] = column;
        }
        if (slack[j] < delta) {
          delta = slack[j];
          next = j;
        }
      }
      for (std::size_t j = 0; j <= n; ++j) {
        if (used[j]) {
          row_potential[row_of[j]] += delta;
          column_potential[j] -= delta;
        } else {
          slack[j] -= delta;
        }
      }
      column = next;
    } while (row_of[column] != 0);
    for (; column != 0; column = previous[column]) row_of[column] = row_of[previous[column]];
  }
  double sum = 0;
  for (std::size_t j = 1; j <= n; ++j) sum -= cost(row_of[j], j);
  return sum;
}

}  // namespace assay::evaluation
