#include "analysis/percentile.hpp"

#include <algorithm>
#include <cmath>

namespace assay::analysis {

std::size_t samples_needed(double rank) {
  if (rank <= 50) return 1;
  if (rank <= 90) return 64;
  if (rank <= 95) return 130;
  if (rank <= 99) return 662;
  return 6'636;
}

std::vector<percentile> percentiles(std::vector<double>& series, const std::vector<double>& ranks) {
  std::vector<percentile> result;
  if (series.empty()) return result;
  std::sort(series.begin(), series.end());
  const auto n = static_cast<double>(series.size());
  for (double rank : ranks) {
    // A rank like 99 % of 300 must not be pushed up one place by rounding.
    const double place = std::ceil(rank * n / 100 - 1e-9);
    const auto index = static_cast<std::size_t>(std::clamp(place, 1.0, n)) - 1;
    const auto needed = samples_needed(rank);
    result.push_back({rank, series[index], needed, series.size() >= needed});
  }
  return result;
}

}  // namespace assay::analysis
