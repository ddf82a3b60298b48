#include "analysis/confidence_sequence.hpp"

#include <algorithm>
#include <cmath>

namespace assay::analysis {

void confidence_sequence::add(double score) {
  constexpr double largest_bet = 0.5;
  const auto before = static_cast<double>(samples_);
  const double t = before + 1;
  const double mean_before = (0.5 + sum_) / (before + 1);
  const double variance_before = (0.25 + squares_) / (before + 1);
  const double log_term = std::log(2 / alpha_);
  const double bet =
      std::min(std::sqrt(2 * log_term / (variance_before * t * std::log(1 + t))), largest_bet);
  const double surprise = score - mean_before;
  variance_term_ += surprise * surprise * (-std::log(1 - bet) - bet);
  weights_ += bet;
  weighted_ += bet * score;
  ++samples_;
  sum_ += score;
  const double mean = (0.5 + sum_) / (t + 1);
  squares_ += (score - mean) * (score - mean);
  const double centre = weighted_ / weights_;
  const double half = (log_term + variance_term_) / weights_;
  low_ = std::max(low_, centre - half);
  high_ = std::min(high_, centre + half);
}

}  // namespace assay::analysis
