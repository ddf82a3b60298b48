#include "analysis/confidence_sequence.hpp"

#include <algorithm>
#include <cmath>

namespace assay::analysis {

/// With a variance v the half width after n scores with the bet b is (log(2/alpha) + n v psi(b)) /
/// (n b), psi(b) = -log(1 - b) - b. It is h with the fewest n where h b - v psi(b) is largest: at
/// b = h / (h + v).
double confidence_sequence::bet() const {
  constexpr double largest = 0.5, largest_aimed = 0.75;
  const double t = static_cast<double>(samples_) + 1;
  const double variance = (0.25 + squares_) / t;
  if (aim_ > 0) return std::min(aim_ / (aim_ + variance), largest_aimed);
  return std::min(std::sqrt(2 * std::log(2 / alpha_) / (variance * t * std::log(1 + t))), largest);
}

void confidence_sequence::add(double score) {
  const double t = static_cast<double>(samples_) + 1;
  const double mean_before = (0.5 + sum_) / t;
  const double bet = this->bet();
  const double surprise = score - mean_before;
  variance_term_ += surprise * surprise * (-std::log(1 - bet) - bet);
  weights_ += bet;
  weighted_ += bet * score;
  ++samples_;
  sum_ += score;
  const double mean = (0.5 + sum_) / (t + 1);
  squares_ += (score - mean) * (score - mean);
  const double centre = weighted_ / weights_;
  const double half = (std::log(2 / alpha_) + variance_term_) / weights_;
  low_ = std::max(low_, centre - half);
  high_ = std::min(high_, centre + half);
}

}  // namespace assay::analysis
