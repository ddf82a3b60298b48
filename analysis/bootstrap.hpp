#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "analysis/clusters.hpp"

namespace assay::analysis {

/// Interval of the mean per sample by the bootstrap: clusters are drawn with replacement, as many
/// as there are, `draws` times; BCa, the percentiles corrected for bias and for acceleration
/// (Efron 1987), holds with probability 1 - alpha. The same seed gives the same interval. The mean
/// twice where nothing varies.
///
/// Where many clusters are equal (right and wrong answers know three differences), a draw is how
/// often each distinct one comes, by the multinomial distribution: the same law, and faster.
std::pair<double, double> bootstrap_interval(const std::vector<cluster_sum>&, std::size_t draws,
                                             std::uint64_t seed, double alpha = 0.05);

}  // namespace assay::analysis
