#pragma once

#include <cstddef>
#include <optional>
#include <vector>

namespace assay::analysis {

/// The ratings of one unit by several judges; absent where a judge gave none.
using ratings = std::vector<std::optional<double>>;

/// How far apart two ratings are.
enum class measurement_level {
  nominal,   ///< equal or not
  ordinal,   ///< ranks: by how many ratings lie between
  interval,  ///< by the square of the difference
};

/// Krippendorff's alpha, 1 - observed / expected disagreement (Krippendorff 2011): 1 is perfect
/// agreement, 0 what chance gives, negative is worse. Any number of judges, ratings may be missing;
/// a unit with fewer than two says nothing. Absent if there is nothing to compare, or if all
/// ratings are the same, so that chance agrees as well.
std::optional<double> krippendorff_alpha(const std::vector<ratings>&, measurement_level);

/// Cohen's kappa of two judges who sort the same units into categories (Cohen 1960):
/// (observed - expected agreement) / (1 - expected). Units that lack a rating are left out. Absent
/// if none is left, or if both always give one and the same category.
std::optional<double> cohen_kappa(const ratings& one, const ratings& other);

}  // namespace assay::analysis
