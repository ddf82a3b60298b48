#pragma once

#include <vector>

namespace assay::evaluation {

/// The largest sum of `gain[row][column]` over one-to-one pairings of rows and columns
/// (Kuhn-Munkres with potentials, O(n^3)). Rows have equal length; gains are not negative.
double best_assignment(const std::vector<std::vector<double>>& gain);

}  // namespace assay::evaluation
