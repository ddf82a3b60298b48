#include "analysis/paired.hpp"

#include <tuple>

#include "analysis/bootstrap.hpp"
#include "analysis/power.hpp"

namespace assay::analysis {

namespace {

std::vector<cluster_sum> differences_of(const std::vector<paired_score>& scores) {
  std::vector<clustered_value> differences;
  differences.reserve(scores.size());
  for (const auto& s : scores) differences.push_back({s.b - s.a, s.cluster});
  return in_clusters(std::move(differences));
}

}  // namespace

p_value paired_test(const std::vector<paired_score>& scores, const comparison_settings& how) {
  return sign_flip_test(differences_of(scores), how.draws, how.seed);
}

paired_comparison compare_paired(const std::vector<paired_score>& scores,
                                 const comparison_settings& how) {
  paired_comparison result{.samples = scores.size()};
  if (scores.empty()) return result;
  for (const auto& s : scores) {
    result.mean_a += s.a;
    result.mean_b += s.b;
    ++(s.b > s.a ? result.wins : s.b < s.a ? result.losses : result.ties);
  }
  result.mean_a /= static_cast<double>(scores.size());
  result.mean_b /= static_cast<double>(scores.size());
  const auto clusters = differences_of(scores);
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
