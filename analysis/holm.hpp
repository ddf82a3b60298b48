#pragma once

#include <vector>

namespace assay::analysis {

/// p values adjusted for their number, in the given order (Holm 1979): comparing each with alpha
/// keeps the probability of any false alarm among them at most alpha.
std::vector<double> holm(const std::vector<double>& p);

}  // namespace assay::analysis
