#include "app/ranking/leaderboard.hpp"

#include <algorithm>
#include <cmath>

#include "analysis/holm.hpp"
#include "analysis/leaderboard.hpp"
#include "app/ranking/pairs.hpp"

namespace assay::ranking {

namespace {

standing standing_of(const material& read, std::size_t index, std::size_t judge) {
  const auto& side = read.sides[index];
  std::vector<analysis::score_point> points;
  for (std::size_t r = 0; r < side.rows.size(); ++r)
    if (const double score = read.score(side, r, judge); !std::isnan(score))
      points.push_back({side.rows[r].sample, score});
  standing result{.side = index, .name = side.name};
  result.wilson = analysis::wilson_of(points);
  result.score = analysis::estimate_mean(std::move(points), side.rows.size());
  return result;
}

/// The place of two sides, `a` before `b`, among all pairs by judge.
std::size_t place_of(std::size_t a, std::size_t b, std::size_t judge, const material& read) {
  return (a * read.sides.size() + b) * read.judges.size() + judge;
}

}  // namespace

leaderboard rank(const material& read, std::size_t judge,
                 const std::function<bool(std::size_t, std::size_t)>& distinguishable) {
  leaderboard result{judge, {}};
  auto& all = result.standings;
  for (std::size_t s = 0; s < read.sides.size(); ++s) all.push_back(standing_of(read, s, judge));
  std::stable_sort(all.begin(), all.end(), [](const standing& x, const standing& y) {
    const bool scored_x = x.score.samples > 0, scored_y = y.score.samples > 0;
    return scored_x != scored_y ? scored_x : x.score.mean > y.score.mean;
  });
  const auto scored = static_cast<std::size_t>(
      std::count_if(all.begin(), all.end(), [](const standing& x) { return x.score.samples > 0; }));
  auto letters = analysis::letter_groups(scored, [&](std::size_t i, std::size_t j) {
    return distinguishable(std::min(all[i].side, all[j].side), std::max(all[i].side, all[j].side));
  });
  for (std::size_t i = 0; i < scored; ++i) {
    const bool tied = i > 0 && all[i].score.mean == all[i - 1].score.mean;
    all[i].rank = tied ? all[i - 1].rank : i + 1;
    all[i].groups = std::move(letters[i]);
  }
  return result;
}

std::vector<leaderboard> rank_all(const material& read, subject what,
                                  const analysis::comparison_settings& how) {
  std::vector<leaderboard> boards;
  if (read.sides.size() < 2) return boards;
  const auto by = pairing_of(read, what);
  std::vector<double> p;
  std::vector<std::size_t> places;
  for (std::size_t a = 0; a < read.sides.size(); ++a)
    for (std::size_t b = a + 1; b < read.sides.size(); ++b) {
      const auto matches = match_rows(read, read.sides[a], read.sides[b], by);
      for (std::size_t j = 0; j < read.judges.size(); ++j) {
        const auto scores = scores_of(read, read.sides[a], read.sides[b], j, matches);
        p.push_back(analysis::paired_test(scores, how).value);
        places.push_back(place_of(a, b, j, read));
      }
    }
  const auto adjusted = analysis::holm(p);
  for (std::size_t j = 0; j < read.judges.size(); ++j)
    boards.push_back(rank(read, j, [&](std::size_t a, std::size_t b) {
      const auto at = std::lower_bound(places.begin(), places.end(), place_of(a, b, j, read));
      return adjusted[static_cast<std::size_t>(at - places.begin())] <= how.alpha;
    }));
  return boards;
}

}  // namespace assay::ranking
