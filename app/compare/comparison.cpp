#include "app/compare/comparison.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "analysis/holm.hpp"

namespace assay::compare {

using ranking::match;
using ranking::match_rows;

namespace {

constexpr double right_above = 0.5;

/// Why a row has no score by a judge.
void count_unscored(const row& r, left_out& into) {
  ++(!r.has_outcome ? into.missing : r.error ? into.errors : into.unscored);
}

/// Fills in Holm's p values over all of them.
void adjust(const std::vector<tested*>& together) {
  std::vector<double> p;
  p.reserve(together.size());
  for (const auto* t : together) p.push_back(t->value.p.value);
  const auto adjusted = analysis::holm(p);
  for (std::size_t i = 0; i < together.size(); ++i) together[i]->adjusted_p = adjusted[i];
}

/// Two sides and their pairs.
class pair_view {
 public:
  pair_view(const comparison& of, std::size_t a, std::size_t b)
      : of_(of), a_(a), b_(b), matches_(match_rows(of.read, side_a(), side_b(), of.paired_by)) {}

  const std::vector<match>& matches() const { return matches_; }

  judged_pair by(std::size_t judge) const {
    judged_pair result{.a = a_, .b = b_, .judge = judge};
    result.left_a.not_on_other = side_a().rows.size() - matches_.size();
    result.left_b.not_on_other = side_b().rows.size() - matches_.size();
    for (const auto& m : matches_) note(m, result);
    result.overall.value = compared(judge, matches_);
    sort_by_plan(result.lost);
    sort_by_plan(result.won);
    if (a_ == 0) {
      result.groupings.push_back(by_tag(judge));
      result.groupings.push_back(by_cell(judge, result.overall.value));
    }
    return result;
  }

 private:
  const side& side_a() const { return of_.read.sides[a_]; }
  const side& side_b() const { return of_.read.sides[b_]; }

  void note(const match& m, judged_pair& into) const {
    const auto &a = side_a().rows[m.a], &b = side_b().rows[m.b];
    const auto &known_a = of_.read.names[a_][m.a], &known_b = of_.read.names[b_][m.b];
    const double score_a = of_.read.score(side_a(), m.a, into.judge);
    const double score_b = of_.read.score(side_b(), m.b, into.judge);
    if (std::isnan(score_a)) count_unscored(a, into.left_a);
    if (std::isnan(score_b)) count_unscored(b, into.left_b);
    if (std::isnan(score_a) || std::isnan(score_b)) return;
    ++into.tasks;
    into.same_answer += known_a.key == known_b.key;
    if ((score_a > right_above) == (score_b > right_above)) return;
    (score_a > score_b ? into.lost : into.won)
        .push_back({known_a.sample_id, a.epoch, known_a.key, known_b.key, score_a, score_b});
  }

  /// Flips are found sample by sample; people know the order of the plan.
  void sort_by_plan(std::vector<flip>& flips) const {
    if (flips.empty()) return;
    std::map<task_key, std::size_t> position;
    for (const auto& f : flips) position[f.a] = 0;
    for (std::size_t i = 0; i < side_a().rows.size(); ++i)
      if (auto at = position.find(of_.read.names[a_][i].key); at != position.end()) at->second = i;
    std::stable_sort(flips.begin(), flips.end(), [&](const flip& x, const flip& y) {
      return position.at(x.a) < position.at(y.a);
    });
  }

  analysis::paired_comparison compared(std::size_t judge, const std::vector<match>& matches) const {
    return analysis::compare_paired(
        ranking::scores_of(of_.read, side_a(), side_b(), judge, matches), of_.how.numbers);
  }

  /// `only`: the comparison of the one group that there is, if it is known.
  grouping finish(std::size_t judge, grouping shape,
                  const std::map<std::vector<std::string>, std::vector<match>>& groups,
                  const analysis::paired_comparison* only = nullptr) const {
    for (const auto& [names, matches] : groups)
      shape.groups.push_back({names, {only ? *only : compared(judge, matches)}});
    std::vector<tested*> together;
    for (auto& g : shape.groups) together.push_back(&g.result);
    adjust(together);
    return shape;
  }

  grouping by_tag(std::size_t judge) const {
    std::map<std::vector<std::string>, std::vector<match>> groups;
    for (const auto& m : matches_)
      for (const auto& tag : of_.read.tag_lists[of_.read.names[a_][m.a].tag_list])
        groups[{tag}].push_back(m);
    return finish(judge, {"tag", {"tag"}, {}}, groups);
  }

  grouping by_cell(std::size_t judge, const analysis::paired_comparison& whole) const {
    const auto& by = of_.paired_by;
    std::map<std::uint32_t, std::vector<match>> by_number;
    for (const auto& m : matches_) by_number[side_a().rows[m.a].cell].push_back(m);
    std::map<std::vector<std::string>, std::vector<match>> groups;
    for (auto& [number, matches] : by_number) {
      const auto& c = of_.read.cells[number];
      auto& all = groups[{c.dataset, by.model ? c.model : "", by.prompt ? c.prompt : "",
                          c.task_type, c.difficulty, by.mode ? c.mode : ""}];
      all.insert(all.end(), matches.begin(), matches.end());
    }
    for (auto& [names, matches] : groups)
      std::stable_sort(matches.begin(), matches.end(), [&](const match& x, const match& y) {
        return side_a().rows[x.a].sample < side_a().rows[y.a].sample;
      });
    return finish(judge,
                  {"cell", {"dataset", "model", "prompt", "task_type", "difficulty", "mode"}, {}},
                  groups, groups.size() == 1 ? &whole : nullptr);
  }

  const comparison& of_;
  std::size_t a_, b_;
  std::vector<match> matches_;
};

const judged_pair& pair_of(const comparison& of, std::size_t judge, std::size_t a, std::size_t b) {
  return *std::find_if(of.pairs.begin(), of.pairs.end(), [&](const judged_pair& p) {
    return p.judge == judge && p.a == a && p.b == b;
  });
}

ranking::leaderboard rank(const comparison& of, std::size_t judge) {
  return ranking::rank(of.read, judge, [&](std::size_t a, std::size_t b) {
    return distinguishable(pair_of(of, judge, a, b).overall, of.how);
  });
}

/// Epochs of a sample count together in each cell by itself: another prompt is another question.
analysis::reliability reliability_of(const material& read, const side& of, std::size_t judge) {
  std::map<std::pair<std::uint64_t, std::uint32_t>, analysis::repeated_sample> samples;
  for (std::size_t r = 0; r < of.rows.size(); ++r) {
    const double score = read.score(of, r, judge);
    if (std::isnan(score)) continue;
    auto& sample = samples[{of.rows[r].sample, of.rows[r].cell}];
    ++sample.asked;
    sample.right += score > right_above;
  }
  std::vector<analysis::repeated_sample> all;
  all.reserve(samples.size());
  for (const auto& [where, sample] : samples) all.push_back(sample);
  return analysis::measure_reliability(all);
}

bool has_epochs(const side& of) {
  return std::any_of(of.rows.begin(), of.rows.end(), [](const row& r) { return r.epoch > 1; });
}

problem nothing_shared(const comparison& of) {
  return {
      {},
      "no two sides share a sample (pairs agree in " + to_string(of.paired_by) + ")",
      "do they ask the same datasets? `--by model` or `--by prompt` compares those within runs"};
}

}  // namespace

expected<comparison> compare(const std::vector<source>& sources, const settings& how) {
  auto read = gather(sources, how.what, how.judges);
  if (!read) return tl::make_unexpected(read.error());
  comparison result{how, std::move(*read), {}, {}, {}, {}};
  if (!how.cluster.empty())
    if (auto set = set_clusters(result.read, sources, how.cluster); !set)
      return tl::make_unexpected(set.error());
  result.paired_by = ranking::pairing_of(result.read, how.what);
  std::size_t matches = 0;
  for (std::size_t a = 0; a < result.read.sides.size(); ++a)
    for (std::size_t b = a + 1; b < result.read.sides.size(); ++b) {
      const pair_view view(result, a, b);
      matches += view.matches().size();
      for (std::size_t j = 0; j < result.read.judges.size(); ++j)
        result.pairs.push_back(view.by(j));
    }
  if (matches == 0) return tl::make_unexpected(nothing_shared(result));
  std::stable_sort(result.pairs.begin(), result.pairs.end(),
                   [](const judged_pair& x, const judged_pair& y) { return x.judge < y.judge; });
  std::vector<tested*> together;
  for (auto& pair : result.pairs) together.push_back(&pair.overall);
  adjust(together);
  if (result.read.sides.size() > 2)
    for (std::size_t j = 0; j < result.read.judges.size(); ++j)
      result.leaderboards.push_back(rank(result, j));
  for (std::size_t j = 0; j < result.read.judges.size(); ++j)
    for (std::size_t s = 0; s < result.read.sides.size(); ++s)
      if (const auto& side = result.read.sides[s]; has_epochs(side))
        if (auto value = reliability_of(result.read, side, j); value.samples > 0)
          result.reliability.push_back({j, s, std::move(value)});
  return result;
}

}  // namespace assay::compare
