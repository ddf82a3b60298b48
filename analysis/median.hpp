#pragma once

#include <algorithm>
#include <vector>

namespace assay::analysis {

/// The middle value, or the mean of the two in the middle. Reorders them. REQUIRES: there is one.
inline double median(std::vector<double>& values) {
  const auto half = static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), values.begin() + half, values.end());
  const double upper = values[static_cast<std::size_t>(half)];
  if (values.size() % 2 == 1) return upper;
  return (*std::max_element(values.begin(), values.begin() + half) + upper) / 2;
}

}  // namespace assay::analysis
