#include "evaluation/extraction/ranking.hpp"

#include <algorithm>
#include <cmath>
#include <map>

namespace assay::evaluation {

namespace {

constexpr double rank_offset = 60;

/// -2 where there is no angle between them.
double cosine(const std::vector<float>& a, const std::vector<float>& b) {
  constexpr double none = -2;
  if (a.size() != b.size()) return none;
  double dot = 0, aa = 0, bb = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    dot += static_cast<double>(a[i]) * b[i];
    aa += static_cast<double>(a[i]) * a[i];
    bb += static_cast<double>(b[i]) * b[i];
  }
  auto lengths = std::sqrt(aa) * std::sqrt(bb);
  return lengths > 0 && std::isfinite(dot / lengths) ? dot / lengths : none;
}

/// Sorted by score, then index, and cut.
std::vector<ranked> best_of(std::vector<ranked> all, std::size_t most) {
  auto keep = std::min(most, all.size());
  auto better = [](const ranked& a, const ranked& b) {
    return a.score != b.score ? a.score > b.score : a.index < b.index;
  };
  std::partial_sort(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(keep), all.end(),
                    better);
  all.resize(keep);
  return all;
}

}  // namespace

std::vector<ranked> fuse(const std::vector<std::vector<std::size_t>>& rankings, std::size_t most) {
  std::map<std::size_t, double> scores;
  for (const auto& ranking : rankings)
    for (std::size_t i = 0; i < ranking.size(); ++i)
      scores[ranking[i]] += 1 / (rank_offset + static_cast<double>(i + 1));
  std::vector<ranked> all;
  for (const auto& [index, score] : scores) all.push_back({index, score});
  return best_of(std::move(all), most);
}

std::vector<std::size_t> nearest_vectors(const std::vector<float>& query,
                                         const std::vector<std::vector<float>>& vectors,
                                         std::size_t most) {
  std::vector<ranked> all;
  for (std::size_t i = 0; i < vectors.size(); ++i) all.push_back({i, cosine(query, vectors[i])});
  std::vector<std::size_t> indices;
  for (const auto& r : best_of(std::move(all), most)) indices.push_back(r.index);
  return indices;
}

}  // namespace assay::evaluation
