#pragma once

namespace assay::analysis {

/// The p-quantile of Student's t; infinite (with the sign of p - 1/2) for no degrees of freedom.
/// REQUIRES: 0 < p < 1.
double t_quantile(double p, double degrees_of_freedom);

/// The p-quantile of the standard normal distribution; -inf and +inf at 0 and 1.
double normal_quantile(double p);

/// P(Z <= z) of the standard normal distribution.
double normal_probability(double z);

}  // namespace assay::analysis
