#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "analysis/paired.hpp"
#include "analysis/scores.hpp"
#include "app/ranking/material.hpp"

namespace assay::ranking {

/// A side among all sides, by one judge.
struct standing {
  std::size_t side = 0;
  std::string name;      ///< of the side
  std::size_t rank = 0;  ///< from 1, equal means share one; 0: no score
  analysis::estimate score;
  /// Wilson interval; only where every score is 0 or 1 and no sample has several.
  std::optional<std::pair<double, double>> wilson;
  std::vector<std::string> groups;  ///< letters; who shares one is not distinguishable
};

struct leaderboard {
  std::size_t judge = 0;
  std::vector<standing> standings;  ///< best first, those without a score last
};

/// Means over all scored samples of each side; groups by who is distinguishable from whom, asked
/// with two indices of sides, the lower first.
leaderboard rank(const material&, std::size_t judge,
                 const std::function<bool(std::size_t, std::size_t)>& distinguishable);

/// The leaderboards of all judges, by the paired test of every two sides at the level of the
/// settings, Holm's correction over judges and pairs. None if there are fewer than two sides.
/// O(n log n) in the rows of a pair.
std::vector<leaderboard> rank_all(const material&, subject, const analysis::comparison_settings&);

}  // namespace assay::ranking
