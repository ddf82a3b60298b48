#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "analysis/confidence_sequence.hpp"

namespace assay::analysis {

/// When a mean is known precisely enough: its interval, which holds at all times at once with
/// probability 1 - alpha, reaches `half_width` to both sides at most.
struct stopping_terms {
  double half_width = 0.02;
  double alpha = 0.05;
  std::size_t min_samples = 100;
};

/// Where a sample stands in the order in which samples are asked if a run may stop early: random,
/// but always the same, so that a later start, another model or another experiment asks the same
/// samples first.
std::uint64_t order_number(std::string_view dataset, std::string_view sample_id);

/// The mean score of one model's samples, watched while they are answered.
///
/// Samples count in the order of their numbers, up to the first that is open. They do not count as
/// they come in: an answer that takes longer may more often be wrong, so that those which are here
/// first are not like all. What precedes a place in a random order is a random part of all.
///
/// A sample is one observation: the mean over its tasks (epochs, prompts). Tasks without a score
/// are left out, as in every mean.
class stopping_watch {
 public:
  /// `tasks`: the number of its sample for each task, in any order.
  stopping_watch(const stopping_terms&, std::vector<std::uint64_t> tasks);

  /// A task of the sample with this number has ended, with a score in [0, 1] or without one (an
  /// error, unscored). REQUIRES: once for each task.
  void settle(std::uint64_t number, std::optional<double> score);

  /// The mean is known precisely enough. Never with a score out of [0, 1], for which there is no
  /// such interval, or when the intervals contradict each other.
  bool enough() const;

  /// Whether the sample counts: all before it and itself have ended.
  bool counts(std::uint64_t number) const;
  /// All samples count.
  bool complete() const { return next_ == places_.size(); }

  std::size_t samples() const { return scores_.samples(); }  ///< that count and have a score
  std::size_t planned() const { return places_.size(); }     ///< all samples there are
  double mean() const;                                       ///< REQUIRES: samples() > 0
  double low() const { return scores_.low(); }
  double high() const { return scores_.high(); }

 private:
  struct place {
    std::uint64_t number = 0;
    std::uint32_t open = 0;  ///< tasks that have not ended
    std::uint32_t scored = 0;
    double sum = 0;  ///< of scores
  };

  void count_on();

  stopping_terms terms_;
  std::vector<place> places_;  ///< ascending
  std::size_t next_ = 0;       ///< the first place that does not count yet
  confidence_sequence scores_;
  double sum_ = 0;
  bool unfit_ = false;  ///< there was a score out of [0, 1]
};

}  // namespace assay::analysis
