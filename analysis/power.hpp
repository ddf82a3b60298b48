#pragma once

#include <cstddef>
#include <optional>

namespace assay::analysis {

/// How surely a test is to find a difference that is there.
inline constexpr double usual_power = 0.8;

/// The least true difference that a two-sided test at `alpha` finds with probability `power`, given
/// the standard error of the difference: (t(1 - alpha/2) + t(power)) * standard error (Bloom 1995).
double detectable_difference(double standard_error, double degrees_of_freedom, double alpha = 0.05,
                             double power = usual_power);

/// How many samples it takes to find `difference` so surely, if they vary as the `samples` do from
/// which the standard error came: samples * ((z(1 - alpha/2) + z(power)) * se / difference)^2.
/// Absent if nothing varies, or no difference is asked for.
std::optional<std::size_t> samples_to_detect(double difference, double standard_error,
                                             std::size_t samples, double alpha = 0.05,
                                             double power = usual_power);

}  // namespace assay::analysis
