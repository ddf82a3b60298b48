#include "analysis/paired.hpp"

#include <tuple>

#include "analysis/bootstrap.hpp"
#include "analysis/power.hpp"

namespace assay::analysis {

paired_comparison compare_paired(const std::vector<paired_score>& scores,
                                 const comparison_settings& how) {
  paired_comparison result{.samples = scores.size()};
  if (scores.empty()) return result;
  std::vector<clustered_value> differences;
  differences.reserve(scores.size());
  for (const auto& s : scores) {
    result.mean_a += s.a;
    result.mean_b += s.b;
    ++(s.b > s.a ? result.wins : s.b < s.a ? result.losses : result.ties);
    differences.push_back({s.b - s.a, s.cluster});
  }
  result.mean_a /= static_cast<double>(scores.size());
  result.mean_b /= static_cast<double>(scores.size());
  const auto clusters = in_clusters(std::move(differences));
  result.clusters = clusters.size();
  result.difference = mean_of(clusters, how.alpha);
  std::tie(result.low, result.high) = bootstrap_interval(clusters, how.draws, how.seed, how.alpha);
  result.p = sign_flip_test(clusters, how.draws, how.seed);
  const double error = result.difference.standard_error;
  if (error > 0)
    result.detectable =
        detectable_difference(error, static_cast<double>(clusters.size() - 1), how.alpha);
  result.samples_needed =
      samples_to_detect(result.difference.mean, error, scores.size(), how.alpha);
  return result;
}

}  // namespace assay::analysis
