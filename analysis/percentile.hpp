#pragma once

#include <cstddef>
#include <vector>

namespace assay::analysis {

/// A percentile of a series with what its claim rests on.
struct percentile {
  double rank = 50;        ///< in percent
  double value = 0;        ///< in the unit of the series
  std::size_t needed = 1;  ///< samples from which it may be claimed
  bool claimed = false;    ///< false: too few samples, shown greyed with the number needed
};

/// Samples from which the percentile may be claimed with 99 % confidence, one over-latency allowed
/// at the least: P90 64, P95 130, P99 662, P99.9 6,636 (docs/measurement.md, section 3).
std::size_t samples_needed(double rank);

/// Exact percentiles by nearest rank (the smallest value with at least `rank` percent of the series
/// at or below it); empty for an empty series. Sorts the series.
std::vector<percentile> percentiles(std::vector<double>& series, const std::vector<double>& ranks);

}  // namespace assay::analysis
