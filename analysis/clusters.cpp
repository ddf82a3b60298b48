#include "analysis/clusters.hpp"

#include <algorithm>
#include <cmath>

#include "analysis/quantiles.hpp"

namespace assay::analysis {

std::vector<cluster_sum> in_clusters(std::vector<clustered_value> values) {
  auto before = [](const clustered_value& a, const clustered_value& b) {
    return a.cluster < b.cluster;
  };
  if (!std::is_sorted(values.begin(), values.end(), before))
    std::stable_sort(values.begin(), values.end(), before);
  std::vector<cluster_sum> sums;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i == 0 || values[i].cluster != values[i - 1].cluster) sums.emplace_back();
    sums.back().sum += values[i].value;
    ++sums.back().count;
  }
  return sums;
}

cluster_mean mean_of(const std::vector<cluster_sum>& clusters, double alpha) {
  cluster_mean result;
  double sum = 0;
  for (const auto& c : clusters) {
    sum += c.sum;
    result.samples += c.count;
    result.clusters += c.count > 0;
  }
  if (result.samples == 0) return result;
  const auto n = static_cast<double>(result.samples);
  result.mean = result.low = result.high = sum / n;
  if (result.clusters < 2) return result;
  double squares = 0;
  for (const auto& c : clusters) {
    const double deviation = c.sum - static_cast<double>(c.count) * result.mean;
    squares += deviation * deviation;
  }
  const auto count = static_cast<double>(result.clusters);
  result.standard_error = std::sqrt(count / (count - 1) * squares) / n;
  const double half = t_quantile(1 - alpha / 2, count - 1) * result.standard_error;
  result.low -= half;
  result.high += half;
  return result;
}

}  // namespace assay::analysis
