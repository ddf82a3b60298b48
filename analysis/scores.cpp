#include "analysis/scores.hpp"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <unordered_map>

#include "analysis/quantiles.hpp"

namespace assay::analysis {

namespace {

constexpr double normal_quantile_975 = 1.959963984540054;

/// Samples become numbers in the order of their first row; rows without a score are left out.
std::vector<score_point> points_of(const std::vector<scored_sample>& rows) {
  std::unordered_map<std::string_view, std::uint64_t> numbers;
  std::vector<score_point> points;
  for (const auto& row : rows) {
    if (!row.score) continue;
    auto number = numbers.try_emplace(row.sample_id, numbers.size()).first->second;
    points.push_back({number, *row.score});
  }
  return points;
}

/// Calls `visit(first, last)` for the points of each sample.
template <class Visit>
void by_sample(std::vector<score_point>& points, Visit visit) {
  auto same_order = [](const score_point& a, const score_point& b) { return a.sample < b.sample; };
  if (!std::is_sorted(points.begin(), points.end(), same_order))
    std::stable_sort(points.begin(), points.end(), same_order);
  for (auto first = points.begin(); first != points.end();) {
    auto last = std::find_if(first, points.end(),
                             [&](const score_point& p) { return p.sample != first->sample; });
    visit(first, last);
    first = last;
  }
}

/// s / sqrt(n) with s from n - 1, and the t interval, over one value a sample. Two passes, so that
/// nearly equal values lose nothing.
estimate estimate_values(const std::vector<double>& values, std::size_t scored,
                         std::size_t planned) {
  estimate result{.samples = values.size(), .planned = planned, .scored = scored};
  if (values.empty()) return result;
  const auto n = static_cast<double>(values.size());
  double sum = 0;
  for (double v : values) sum += v;
  result.mean = result.low = result.high = sum / n;
  if (values.size() < 2) return result;
  double squares = 0;
  for (double v : values) squares += (v - result.mean) * (v - result.mean);
  result.standard_error = std::sqrt(squares / (n - 1) / n);
  const double half = t_quantile(0.975, n - 1) * result.standard_error;
  result.low -= half;
  result.high += half;
  return result;
}

}  // namespace

estimate estimate_mean(const std::vector<scored_sample>& rows) {
  return estimate_mean(points_of(rows), rows.size());
}

estimate estimate_mean(std::vector<score_point> points, std::size_t planned) {
  std::vector<double> means;
  by_sample(points, [&](auto first, auto last) {
    double sum = 0;
    for (auto p = first; p != last; ++p) sum += p->score;
    means.push_back(sum / static_cast<double>(last - first));
  });
  return estimate_values(means, points.size(), planned);
}

estimate estimate_pass_at_k(const std::vector<scored_sample>& rows, int k) {
  return estimate_pass_at_k(points_of(rows), k, rows.size());
}

estimate estimate_pass_at_k(std::vector<score_point> points, int k, std::size_t planned) {
  std::vector<double> values;
  by_sample(points, [&](auto first, auto last) {
    if (last - first < k) return;
    auto right = std::count_if(first, last, [](const score_point& p) { return p.score > 0.5; });
    values.push_back(pass_at_k(static_cast<int>(last - first), static_cast<int>(right), k));
  });
  return estimate_values(values, points.size(), planned);
}

double pass_at_k(int n, int c, int k) {
  if (n - c < k) return 1;
  double none_right = 1;
  for (int i = n - c + 1; i <= n; ++i) none_right *= 1 - static_cast<double>(k) / i;
  return 1 - none_right;
}

std::pair<double, double> wilson(std::size_t successes, std::size_t n) {
  if (n == 0) return {0, 1};
  const auto count = static_cast<double>(n);
  const double p = static_cast<double>(successes) / count;
  const double z2 = normal_quantile_975 * normal_quantile_975;
  const double centre = (p + z2 / (2 * count)) / (1 + z2 / count);
  const double half = normal_quantile_975 *
                      std::sqrt(p * (1 - p) / count + z2 / (4 * count * count)) / (1 + z2 / count);
  return {std::max(0.0, centre - half), std::min(1.0, centre + half)};
}

std::optional<std::pair<double, double>> wilson_of(const std::vector<score_point>& points) {
  std::vector<std::uint64_t> samples;
  std::size_t right = 0;
  for (const auto& p : points) {
    if (p.score != 0 && p.score != 1) return std::nullopt;
    samples.push_back(p.sample);
    right += p.score == 1;
  }
  std::sort(samples.begin(), samples.end());
  const bool repeated = std::adjacent_find(samples.begin(), samples.end()) != samples.end();
  if (points.empty() || repeated) return std::nullopt;
  return wilson(right, points.size());
}

}  // namespace assay::analysis
