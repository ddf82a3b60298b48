#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "analysis/clusters.hpp"

namespace assay::analysis {

/// Two-sided exact sign test: the probability of a split at least as uneven as `wins` to `losses`
/// if each were as likely, min(1, 2 P(X <= min(wins, losses))) with X binomial (n, 1/2). Ties say
/// nothing and are left out. For right and wrong answers this is McNemar's exact test.
double sign_test(std::size_t wins, std::size_t losses);

/// A p value, and whether chance had a part in it.
struct p_value {
  double value = 1;
  bool exact = true;  ///< not drawn at random
};

/// Two-sided randomisation test of paired differences: under the null hypothesis that it does not
/// matter which side gave which answer, each cluster's sum is as likely with either sign. p is the
/// share of sign patterns whose total is at least as far from 0 (Fisher 1935). If all sums are of
/// one size this is `sign_test`; with few clusters every pattern is gone through; else `draws`
/// patterns are drawn, p = (1 + hits) / (1 + draws), and the same seed gives the same p.
p_value sign_flip_test(const std::vector<cluster_sum>&, std::size_t draws, std::uint64_t seed);

}  // namespace assay::analysis
