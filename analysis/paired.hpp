#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "analysis/clusters.hpp"
#include "analysis/sign_test.hpp"

namespace assay::analysis {

/// The scores of one sample on two sides, epochs averaged first.
struct paired_score {
  double a = 0;
  double b = 0;
  std::uint64_t cluster = 0;  ///< a number of its own for a sample that is independent
};

struct comparison_settings {
  std::size_t draws = 10'000;
  std::uint64_t seed = 1;
  double alpha = 0.05;
};

/// What two sides differ by (definitions: docs/compare.md). Differences are b - a.
struct paired_comparison {
  std::size_t samples = 0;
  std::size_t clusters = 0;
  std::size_t wins = 0;    ///< samples where b scores higher
  std::size_t losses = 0;  ///< samples where a scores higher
  std::size_t ties = 0;
  double mean_a = 0;
  double mean_b = 0;
  cluster_mean difference;                    ///< with its standard error and t interval
  double low = 0, high = 0;                   ///< of the difference, by the bootstrap
  p_value p;                                  ///< of the sign flip test
  double detectable = 0;                      ///< the least difference found with 80 % probability
  std::optional<std::size_t> samples_needed;  ///< to find the difference as it is so surely
};

/// The p value of `compare_paired` alone.
p_value paired_test(const std::vector<paired_score>&, const comparison_settings&);

paired_comparison compare_paired(const std::vector<paired_score>&, const comparison_settings&);

}  // namespace assay::analysis
