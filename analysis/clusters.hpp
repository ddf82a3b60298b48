#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace assay::analysis {

/// What varies as one: samples that share a source (a document, a conversation), or one sample by
/// itself.
struct cluster_sum {
  double sum = 0;         ///< of the values of its samples
  std::size_t count = 0;  ///< of its samples

  bool operator==(const cluster_sum&) const = default;
};

/// A value and the cluster it belongs to.
struct clustered_value {
  double value = 0;
  std::uint64_t cluster = 0;
};

/// Sums by cluster, in the order of the clusters' numbers.
std::vector<cluster_sum> in_clusters(std::vector<clustered_value>);

/// A mean over samples whose clusters are independent of each other.
struct cluster_mean {
  std::size_t samples = 0;
  std::size_t clusters = 0;
  double mean = 0;
  double standard_error = 0;  ///< 0 for fewer than two clusters
  double low = 0, high = 0;   ///< t interval with C - 1 degrees of freedom
};

/// Standard error sqrt(C / (C-1) * sum over clusters of (sum_c - n_c * mean)^2) / n (Miller 2024,
/// arXiv 2411.00640, with the factor for few clusters). With one sample a cluster that is
/// s / sqrt(n). The interval holds with probability 1 - alpha.
cluster_mean mean_of(const std::vector<cluster_sum>&, double alpha = 0.05);

}  // namespace assay::analysis
