#include "app/compare/document.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "app/report/figures.hpp"

namespace assay::compare {

using report::show_count;
using report::show_score;
using report::table;
using report::tone;

namespace {

/// A, B, ... Z, then S27, S28, ...
std::string letter_of(std::size_t side) {
  return side < 26 ? std::string(1, static_cast<char>('A' + side)) : fmt::format("S{}", side + 1);
}

std::string show_difference(double d) { return fmt::format("{:+.3f}", d); }

std::string show_p(double p) { return p < 0.0001 ? "<0.0001" : fmt::format("{:.4f}", p); }

report::table_cell number(std::string text, double value) {
  return {std::move(text), tone::plain, {}, value};
}

report::table_cell count(std::size_t n) { return number(show_count(n), static_cast<double>(n)); }

/// The letter of the better side, or `-`.
report::table_cell better(const tested& t, const comparison& of, std::size_t a, std::size_t b) {
  if (!distinguishable(t, of.how)) return {"-"};
  return {letter_of(t.value.difference.mean > 0 ? b : a)};
}

std::string pair_name(const judged_pair& pair) {
  return letter_of(pair.b) + " - " + letter_of(pair.a);
}

void add_figures(std::vector<report::table_cell>& row, const tested& t, const comparison& of,
                 std::size_t a, std::size_t b) {
  const auto& v = t.value;
  if (v.samples == 0) {
    row.insert(row.end(), 6, {"-"});
    return;
  }
  row.push_back(number(show_score(v.mean_a), v.mean_a));
  row.push_back(number(show_score(v.mean_b), v.mean_b));
  row.push_back(number(show_difference(v.difference.mean), v.difference.mean));
  row.push_back({v.clusters < 2
                     ? "-"
                     : fmt::format("{} .. {}", show_difference(v.low), show_difference(v.high))});
  row.push_back(number(show_p(t.adjusted_p), t.adjusted_p));
  row.push_back(better(t, of, a, b));
}

void add_figure_columns(table& into, const comparison& of, bool adjusted) {
  const bool two = of.read.sides.size() == 2;
  into.columns.push_back({two ? "A" : "first", true});
  into.columns.push_back({two ? "B" : "second", true});
  into.columns.push_back({"diff.", true});
  into.columns.push_back({fmt::format("{:g} % interval", 100 * (1 - of.how.numbers.alpha)), true});
  into.columns.push_back({adjusted ? "p (Holm)" : "p", true});
  into.columns.push_back({"better"});
}

table difference_table(const comparison& of) {
  const bool two = of.read.sides.size() == 2;
  table result{"Differences", {{"judge"}}, {}, {}};
  if (!two) result.columns.push_back({"pair"});
  add_figure_columns(result, of, of.pairs.size() > 1);
  bool drawn = false, exact = false;
  for (const auto& pair : of.pairs) {
    std::vector<report::table_cell> row{{of.read.judges[pair.judge]}};
    if (!two) row.push_back({pair_name(pair)});
    add_figures(row, pair.overall, of, pair.a, pair.b);
    result.rows.push_back(std::move(row));
    (pair.overall.value.p.exact ? exact : drawn) = true;
  }
  if (!two) result.notes.push_back("B - A: first is A, second is B, and so on");
  if (exact) result.notes.push_back("p: exact sign flip test (right and wrong: McNemar's)");
  if (drawn)
    result.notes.push_back(fmt::format("p{}: sign flip test, {} random patterns",
                                       exact ? " of scores between right and wrong" : "",
                                       show_count(of.how.numbers.draws)));
  result.notes.push_back(
      fmt::format("better -: not distinguishable at {:g} %", 100 * of.how.numbers.alpha));
  return result;
}

table evidence_table(const comparison& of) {
  const bool two = of.read.sides.size() == 2;
  table result{"Evidence", {{"judge"}}, {}, {}};
  if (!two) result.columns.push_back({"pair"});
  result.columns.push_back({"samples", true});
  if (!of.how.cluster.empty()) result.columns.push_back({"clusters", true});
  for (const char* name : {"won", "tied", "lost", "+/- se", "detectable", "needed"})
    result.columns.push_back({name, true});
  for (const auto& pair : of.pairs) {
    const auto& v = pair.overall.value;
    std::vector<report::table_cell> row{{of.read.judges[pair.judge]}};
    if (!two) row.push_back({pair_name(pair)});
    row.push_back(count(v.samples));
    if (!of.how.cluster.empty()) row.push_back(count(v.clusters));
    for (auto n : {v.wins, v.ties, v.losses}) row.push_back(count(n));
    const double se = v.difference.standard_error;
    row.push_back(se > 0 ? number(fmt::format("{:.4f}", se), se) : report::table_cell{"-"});
    row.push_back(se > 0 ? number(fmt::format("{:.3f}", v.detectable), v.detectable)
                         : report::table_cell{"-"});
    row.push_back(v.samples_needed ? count(*v.samples_needed) : report::table_cell{"-"});
    result.rows.push_back(std::move(row));
  }
  result.notes.push_back("won: samples where the second side scores higher");
  result.notes.push_back(
      "detectable: the least true difference that this many samples show in 80 % of comparisons");
  result.notes.push_back("needed: samples to show the difference seen in 80 % of comparisons");
  return result;
}

std::string both(std::size_t a, std::size_t b) { return show_count(a) + " / " + show_count(b); }

table left_out_table(const comparison& of) {
  const bool two = of.read.sides.size() == 2;
  table result{"Tasks left out (first / second side)", {{"judge"}}, {}, {}};
  if (!two) result.columns.push_back({"pair"});
  for (const char* name : {"compared", "not on other", "missing", "in error", "unscored"})
    result.columns.push_back({name, true});
  for (const auto& pair : of.pairs) {
    const auto &a = pair.left_a, &b = pair.left_b;
    if (a.total() + b.total() == 0) continue;
    std::vector<report::table_cell> row{{of.read.judges[pair.judge]}};
    if (!two) row.push_back({pair_name(pair)});
    row.push_back(count(pair.tasks));
    row.push_back({both(a.not_on_other, b.not_on_other)});
    row.push_back({both(a.missing, b.missing)});
    row.push_back({both(a.errors, b.errors)});
    row.push_back({both(a.unscored, b.unscored)});
    result.rows.push_back(std::move(row));
  }
  return result;
}

std::vector<std::size_t> telling_columns(const grouping& shape) {
  std::vector<std::size_t> telling;
  for (std::size_t i = 0; i < shape.columns.size(); ++i)
    if (std::any_of(shape.groups.begin(), shape.groups.end(),
                    [&](const group& g) { return g.names[i] != shape.groups.front().names[i]; }))
      telling.push_back(i);
  if (telling.empty() && shape.columns.size() == 1) telling.push_back(0);
  return telling;
}

std::string words(std::string key) {
  std::replace(key.begin(), key.end(), '_', ' ');
  return key;
}

void cut(table& shown, std::size_t most_rows) {
  if (shown.rows.size() <= most_rows) return;
  shown.notes.push_back(
      fmt::format("{} more: --json has them", show_count(shown.rows.size() - most_rows)));
  shown.rows.resize(most_rows);
}

table grouping_table(const comparison& of, const judged_pair& pair, const grouping& shape,
                     std::size_t most_rows) {
  const auto telling = telling_columns(shape);
  table result{fmt::format("{} by {}: {}", of.read.judges[pair.judge], shape.key, pair_name(pair)),
               {},
               {},
               {}};
  for (auto i : telling) result.columns.push_back({words(shape.columns[i])});
  result.columns.push_back({"samples", true});
  add_figure_columns(result, of, shape.groups.size() > 1);
  for (const auto& g : shape.groups) {
    std::vector<report::table_cell> row;
    row.reserve(result.columns.size());
    for (auto i : telling) row.push_back({g.names[i].empty() ? "-" : g.names[i]});
    row.push_back(count(g.result.value.samples));
    add_figures(row, g.result, of, pair.a, pair.b);
    result.rows.push_back(std::move(row));
  }
  cut(result, most_rows);
  return result;
}

table leaderboard_table(const comparison& of, const ranking::leaderboard& board) {
  table result{"Leaderboard: " + of.read.judges[board.judge],
               {{"side"},
                {"name"},
                {"mean", true},
                {"95 % interval", true},
                {"samples", true},
                {"coverage", true},
                {"group"}},
               {},
               {"who shares a letter is not distinguishable (paired tests, Holm)"}};
  for (const auto& s : board.standings) {
    std::string groups;
    for (const auto& letter : s.groups) groups += (groups.empty() ? "" : " ") + letter;
    const bool scored = s.score.samples > 0;
    result.rows.push_back(
        {{letter_of(s.side)},
         {s.name},
         scored ? number(show_score(s.score.mean), s.score.mean) : report::table_cell{"-"},
         {scored ? show_score(s.score.low) + " - " + show_score(s.score.high) : "-"},
         count(s.score.samples),
         {report::show_percent(s.score.coverage())},
         {scored ? groups : "-"}});
  }
  return result;
}

table reliability_table(const comparison& of) {
  table result{"Reliability over epochs",
               {{"judge"},
                {"side"},
                {"samples", true},
                {"k", true},
                {"consistency", true},
                {"pass@1", true},
                {"pass@k", true},
                {"pass^k", true},
                {"mixed", true}},
               {},
               {"consistency: two epochs of a sample agree; pass@k: one of k is right; pass^k: all "
                "k are; mixed: samples neither always right nor always wrong"}};
  for (const auto& r : of.reliability) {
    const auto& v = r.value;
    result.rows.push_back({{of.read.judges[r.judge]},
                           {letter_of(r.side)},
                           count(v.samples),
                           count(static_cast<std::size_t>(v.epochs)),
                           number(show_score(v.consistency), v.consistency),
                           number(show_score(v.pass_at.front()), v.pass_at.front()),
                           number(show_score(v.pass_at.back()), v.pass_at.back()),
                           number(show_score(v.pass_hat.back()), v.pass_hat.back()),
                           count(v.mixed)});
  }
  return result;
}

table flip_table(const comparison& of, const judged_pair& pair, std::size_t most) {
  table result{
      fmt::format("{}: samples that flipped, {}", of.read.judges[pair.judge], pair_name(pair)),
      {{"sample"},
       {"epoch", true},
       {letter_of(pair.a), true},
       {letter_of(pair.b), true},
       {"task " + letter_of(pair.a)},
       {"task " + letter_of(pair.b)}},
      {},
      {fmt::format("{} lost, {} won; `assay show RUN TASK` shows one", show_count(pair.lost.size()),
                   show_count(pair.won.size()))}};
  constexpr std::size_t digits = 12;
  for (const auto* flips : {&pair.lost, &pair.won})
    for (std::size_t i = 0; i < flips->size() && i < most; ++i) {
      const auto& f = (*flips)[i];
      result.rows.push_back({{f.sample_id},
                             count(f.epoch),
                             number(show_score(f.score_a), f.score_a),
                             number(show_score(f.score_b), f.score_b),
                             {to_string(f.a).substr(0, digits)},
                             {to_string(f.b).substr(0, digits)}});
    }
  return result;
}

std::vector<std::string> remarks_of(const comparison& of) {
  std::vector<std::string> remarks;
  for (const auto& pair : of.pairs) {
    const auto left = pair.left_a.total() + pair.left_b.total();
    const auto name = of.read.judges[pair.judge] + ", " + pair_name(pair) + ": ";
    if (pair.tasks == 0)
      remarks.push_back(name + "no task was scored on both sides");
    else if (left > 0)
      remarks.push_back(fmt::format("{}{} tasks left out, {} compared", name, show_count(left),
                                    show_count(pair.tasks)));
    if (pair.same_answer > 0)
      remarks.push_back(
          fmt::format("{}{} of {} pairs are one and the same stored answer: they were asked once",
                      name, show_count(pair.same_answer), show_count(pair.tasks)));
  }
  if (of.read.without_cluster > 0)
    remarks.push_back(fmt::format("{} samples name no `{}`: each stands alone",
                                  show_count(of.read.without_cluster), of.how.cluster));
  return remarks;
}

std::vector<report::fact> facts_of(const comparison& of) {
  std::vector<report::fact> facts;
  for (std::size_t i = 0; i < of.read.sides.size(); ++i) {
    const auto& s = of.read.sides[i];
    facts.push_back({letter_of(i), fmt::format("{}, run {}, {} tasks", s.name, s.run,
                                               show_count(s.rows.size()))});
  }
  facts.push_back({"paired by", to_string(of.paired_by)});
  if (!of.how.cluster.empty()) facts.push_back({"clusters", of.how.cluster});
  facts.push_back({"interval", fmt::format("bootstrap (BCa), {} draws, seed {}",
                                           show_count(of.how.numbers.draws), of.how.numbers.seed)});
  return facts;
}

const char* plural(subject what) {
  return what == subject::run ? "runs" : what == subject::model ? "models" : "prompts";
}

}  // namespace

report::document describe(const comparison& of, std::size_t most_flips, std::size_t most_rows) {
  report::document result{
      fmt::format("comparison of {} {}", of.read.sides.size(), plural(of.how.what)),
      facts_of(of),
      remarks_of(of),
      {}};
  for (const auto& board : of.leaderboards) result.tables.push_back(leaderboard_table(of, board));
  result.tables.push_back(difference_table(of));
  result.tables.push_back(evidence_table(of));
  if (!of.reliability.empty()) result.tables.push_back(reliability_table(of));
  if (auto left = left_out_table(of); !left.rows.empty()) result.tables.push_back(std::move(left));
  for (const auto& pair : of.pairs)
    for (const auto& shape : pair.groupings)
      if (shape.groups.size() > (shape.key == "tag" ? 0u : 1u))
        result.tables.push_back(grouping_table(of, pair, shape, most_rows));
  for (const auto& pair : of.pairs)
    if (most_flips > 0 && pair.a == 0 && pair.lost.size() + pair.won.size() > 0)
      result.tables.push_back(flip_table(of, pair, most_flips));
  return result;
}

}  // namespace assay::compare
