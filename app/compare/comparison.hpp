#pragma once

#include <string>
#include <vector>

#include "analysis/paired.hpp"
#include "analysis/reliability.hpp"
#include "app/compare/sides.hpp"
#include "app/ranking/leaderboard.hpp"
#include "app/ranking/pairs.hpp"

namespace assay::compare {

/// Tasks of one side that a pair of sides could not use.
struct left_out {
  std::size_t not_on_other = 0;  ///< no partner
  std::size_t missing = 0;       ///< no outcome yet
  std::size_t errors = 0;
  std::size_t unscored = 0;  ///< an answer without a score

  std::size_t total() const { return not_on_other + missing + errors + unscored; }
};

/// A paired comparison, its p value adjusted for the others that are looked at together with it.
struct tested {
  analysis::paired_comparison value;
  double adjusted_p = 1;
};

/// The same for the samples of one tag or one cell.
struct group {
  std::vector<std::string> names;  ///< one for each column of the grouping
  tested result;
};

struct grouping {
  std::string key;  ///< `tag`, `cell`
  std::vector<std::string> columns;
  std::vector<group> groups;
};

/// A task that is right on one side and wrong on the other (above 0.5, or not).
struct flip {
  std::string sample_id;
  std::uint32_t epoch = 1;
  task_key a, b;
  double score_a = 0, score_b = 0;
};

/// One judge's view of two sides.
struct judged_pair {
  std::size_t a = 0, b = 0;  ///< indices of sides
  std::size_t judge = 0;
  std::size_t tasks = 0;        ///< pairs with both scores
  std::size_t same_answer = 0;  ///< pairs that are one and the same task of the ledger
  left_out left_a, left_b;
  tested overall;
  std::vector<grouping> groupings;  ///< of pairs with the first side only
  std::vector<flip> lost;           ///< right on a, wrong on b; in plan order
  std::vector<flip> won;
};

/// How far a side gives the same samples the same results again, by one judge.
struct repeated {
  std::size_t judge = 0;
  std::size_t side = 0;
  analysis::reliability value;
};

struct settings {
  subject what = subject::run;
  std::vector<std::string> judges;  ///< empty: all
  std::string cluster;              ///< empty: samples are independent
  analysis::comparison_settings numbers;
};

struct comparison {
  settings how;
  material read;
  ranking::pairing paired_by;
  std::vector<judged_pair> pairs;                  ///< every two sides, judge by judge
  std::vector<ranking::leaderboard> leaderboards;  ///< if there are more than two sides
  std::vector<repeated> reliability;               ///< of sides with several epochs
};

/// True if the difference is there at the level of the settings, all that was tested considered.
inline bool distinguishable(const tested& t, const settings& how) {
  return t.adjusted_p <= how.numbers.alpha && t.value.samples > 0;
}

/// Reads and computes everything. A problem if no two sides share a sample.
expected<comparison> compare(const std::vector<source>&, const settings&);

/// The machine form, names as in this file.
std::string to_json(const comparison&, std::size_t most_flips);

}  // namespace assay::compare
