#include "analysis/power.hpp"

#include <cmath>

#include "analysis/quantiles.hpp"

namespace assay::analysis {

double detectable_difference(double standard_error, double degrees_of_freedom, double alpha,
                             double power) {
  return (t_quantile(1 - alpha / 2, degrees_of_freedom) + t_quantile(power, degrees_of_freedom)) *
         standard_error;
}

std::optional<std::size_t> samples_to_detect(double difference, double standard_error,
                                             std::size_t samples, double alpha, double power) {
  constexpr double most = 1e15;
  const double errors = normal_quantile(1 - alpha / 2) + normal_quantile(power);
  const double ratio = errors * standard_error / difference;
  const double needed = static_cast<double>(samples) * ratio * ratio;
  if (!(needed > 0) || needed > most) return std::nullopt;
  return static_cast<std::size_t>(std::ceil(needed));
}

}  // namespace assay::analysis
