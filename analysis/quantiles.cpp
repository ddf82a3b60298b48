#include "analysis/quantiles.hpp"

#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <limits>

namespace assay::analysis {

constexpr double infinity = std::numeric_limits<double>::infinity();

double t_quantile(double p, double degrees_of_freedom) {
  if (!(degrees_of_freedom > 0)) return std::copysign(infinity, p - 0.5);
  return boost::math::quantile(boost::math::students_t(degrees_of_freedom), p);
}

double normal_quantile(double p) {
  if (p <= 0) return -infinity;
  if (p >= 1) return infinity;
  return boost::math::quantile(boost::math::normal(), p);
}

double normal_probability(double z) { return std::erfc(-z / std::sqrt(2.0)) / 2; }

}  // namespace assay::analysis
