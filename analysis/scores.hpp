#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace assay::analysis {

/// One sample in one cell as statistics see it.
struct scored_sample {
  std::string sample_id;        ///< epochs of one sample share it
  std::optional<double> score;  ///< absent: error, missing or unscored
};

/// A score that exists, of a sample known by a number (its place, or a hash of its name): what a
/// large run keeps in memory.
struct score_point {
  std::uint64_t sample = 0;
  double score = 0;
};

/// A mean with what is needed to trust it (definitions: docs/measurement.md, section 3).
struct estimate {
  std::size_t samples = 0;  ///< distinct samples with a score
  std::size_t planned = 0;  ///< rows that should have one
  std::size_t scored = 0;   ///< rows that have one
  double mean = 0;
  double standard_error = 0;  ///< of the mean over samples (epochs averaged first); 0 if n < 2
  double low = 0, high = 0;   ///< 95 % interval, t with n-1 degrees of freedom
  double coverage() const {
    return planned == 0 ? 0 : static_cast<double>(scored) / static_cast<double>(planned);
  }
};

/// Mean over samples; epochs of one sample are averaged first.
estimate estimate_mean(const std::vector<scored_sample>&);

/// The same over the scores that exist out of `planned` rows. The order of the points is free.
estimate estimate_mean(std::vector<score_point>, std::size_t planned);

/// Sample size for pass@k: n rows per sample, c of them right; mean of the unbiased estimator over
/// samples with n >= k (Chen 2021). A row is right if its score is above 0.5.
estimate estimate_pass_at_k(const std::vector<scored_sample>&, int k);

/// The same over the scores that exist out of `planned` rows.
estimate estimate_pass_at_k(std::vector<score_point>, int k, std::size_t planned);

/// Exact pass@k of one sample: 1 - C(n-c, k) / C(n, k).
double pass_at_k(int n, int c, int k);

/// Wilson score interval of a proportion at 95 %; {0, 1} if nothing was tried.
std::pair<double, double> wilson(std::size_t successes, std::size_t n);

/// The same of scores that are all 0 or 1, one a sample; absent for others and for none.
std::optional<std::pair<double, double>> wilson_of(const std::vector<score_point>&);

}  // namespace assay::analysis
