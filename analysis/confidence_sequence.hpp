#pragma once

#include <cstddef>

namespace assay::analysis {

/// An interval for the mean of scores in [0, 1] that holds at all times at once with probability
/// 1 - alpha: one may look after every score and stop whenever one likes, which an ordinary
/// interval does not allow. The empirical Bernstein confidence sequence with predictable plug-in
/// (Waudby-Smith and Ramdas 2023, theorem 2); each interval is cut by those before it.
/// REQUIRES: scores come in an order that has nothing to do with their values.
class confidence_sequence {
 public:
  /// The theorem holds for all bets that are made before the score is seen; they decide when the
  /// interval is narrow. `aim`: they are those that reach this half width with the fewest scores
  /// (docs/stopping.md); 0: those of the paper, which serve all widths and none best.
  explicit confidence_sequence(double alpha = 0.05, double aim = 0) : alpha_(alpha), aim_(aim) {}

  void add(double score);

  std::size_t samples() const { return samples_; }
  double low() const { return low_; }
  double high() const { return high_; }
  double half_width() const { return (high_ - low_) / 2; }

 private:
  double bet() const;

  double alpha_;
  double aim_;
  std::size_t samples_ = 0;
  double sum_ = 0;            ///< of the scores
  double squares_ = 0;        ///< of deviations from the mean at the time
  double weights_ = 0;        ///< sum of the bets
  double weighted_ = 0;       ///< of the scores by their bets
  double variance_term_ = 0;  ///< sum of v psi
  double low_ = 0, high_ = 1;
};

}  // namespace assay::analysis
