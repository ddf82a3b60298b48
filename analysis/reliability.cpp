#include "analysis/reliability.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "analysis/scores.hpp"

namespace assay::analysis {

namespace {

double log_choose(int n, int k) {
  return std::lgamma(n + 1) - std::lgamma(k + 1) - std::lgamma(n - k + 1);
}

/// Probability of exactly `right` among k out of n with c right.
double hypergeometric(int n, int c, int k, int right) {
  if (right > c || k - right > n - c) return 0;
  return std::exp(log_choose(c, right) + log_choose(n - c, k - right) - log_choose(n, k));
}

double at_least(int n, int c, int k, int right) {
  double sum = 0;
  for (int i = std::max(right, 1); i <= std::min(c, k); ++i) sum += hypergeometric(n, c, k, i);
  return std::min(sum, 1.0);
}

}  // namespace

double pass_hat_k(int n, int c, int k) {
  double all_right = 1;
  for (int i = 0; i < k; ++i) all_right *= std::max(c - i, 0) / static_cast<double>(n - i);
  return all_right;
}

double g_pass_at_k(int n, int c, int k, double tau) {
  constexpr double rounding = 1e-9;  // 0.7 * 10 is 7
  return at_least(n, c, k, static_cast<int>(std::ceil(tau * k - rounding)));
}

double mg_pass_at_k(int n, int c, int k) {
  double sum = 0;
  for (int i = (k + 1) / 2 + 1; i <= k; ++i) sum += at_least(n, c, k, i);
  return 2 * sum / k;
}

reliability measure_reliability(const std::vector<repeated_sample>& samples) {
  reliability result;
  result.epochs = std::numeric_limits<int>::max();
  for (const auto& s : samples) {
    if (s.asked < 2) continue;
    ++result.samples;
    ++(s.right == s.asked ? result.always_right
       : s.right == 0     ? result.always_wrong
                          : result.mixed);
    result.consistency +=
        pass_hat_k(s.asked, s.right, 2) + pass_hat_k(s.asked, s.asked - s.right, 2);
    result.epochs = std::min(result.epochs, s.asked);
  }
  if (result.samples == 0) return {};
  const auto n = static_cast<double>(result.samples);
  result.consistency /= n;
  for (int k = 1; k <= result.epochs; ++k) {
    double any = 0, all = 0;
    for (const auto& s : samples) {
      if (s.asked < 2) continue;
      any += pass_at_k(s.asked, s.right, k);
      all += pass_hat_k(s.asked, s.right, k);
    }
    result.pass_at.push_back(any / n);
    result.pass_hat.push_back(all / n);
  }
  return result;
}

}  // namespace assay::analysis
