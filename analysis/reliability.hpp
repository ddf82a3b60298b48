#pragma once

#include <cstddef>
#include <vector>

namespace assay::analysis {

/// One sample asked several times.
struct repeated_sample {
  int asked = 0;  ///< epochs with a score
  int right = 0;  ///< of them, with a score above 0.5
};

/// Probability that k epochs drawn out of n without replacement, c of them right, are all right:
/// C(c, k) / C(n, k) (Yao et al. 2024, pass^k). REQUIRES: 0 < k <= n.
double pass_hat_k(int n, int c, int k);

/// Probability that at least the share `tau` of the k is right (Liu et al. 2024, G-Pass@k), the
/// upper tail of the hypergeometric distribution from ceil(tau k), at least 1. REQUIRES: as above.
double g_pass_at_k(int n, int c, int k, double tau);

/// 2/k * sum of G-Pass@k(i/k) for i from ceil(k/2) + 1 to k. REQUIRES: as above, k > 1.
double mg_pass_at_k(int n, int c, int k);

/// How far a model gives the same sample the same result again.
struct reliability {
  std::size_t samples = 0;  ///< with at least two scored epochs; the figures are over these
  std::size_t always_right = 0;
  std::size_t always_wrong = 0;
  std::size_t mixed = 0;
  /// Probability that two epochs of a sample agree (both right or both wrong), mean over samples.
  double consistency = 0;
  int epochs = 0;                ///< that every one of the samples has
  std::vector<double> pass_at;   ///< pass@k for k = 1 ... epochs, mean over samples
  std::vector<double> pass_hat;  ///< pass^k, likewise
};

reliability measure_reliability(const std::vector<repeated_sample>&);

}  // namespace assay::analysis
