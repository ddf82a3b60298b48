#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <set>

#include "app/report/document_tables.hpp"
#include "app/report/figures.hpp"

namespace assay::report {

namespace {

/// Below this a mean may say more about what is missing than about the model.
constexpr double poor_coverage = 0.95;

/// The t interval within 0 and 1, or Wilson's where all scores are equal and t has nothing to go
/// by; of a mean that was stopped at, the one that holds nevertheless. A mark refers to a note.
struct shown_interval {
  std::optional<interval> value;
  std::string_view mark = {};
};

constexpr std::string_view wilson_mark = "*";
constexpr std::string_view stopped_mark = "+";

shown_interval interval_of(const analysis::estimate& value,
                           const std::optional<std::pair<double, double>>& wilson,
                           const known_mean* stopped) {
  if (value.samples == 0) return {};
  if (stopped)
    return {interval{stopped->interval_95.first, value.mean, stopped->interval_95.second},
            stopped_mark};
  if (value.standard_error > 0)
    return {interval{std::max(value.low, 0.0), value.mean, std::min(value.high, 1.0)}};
  if (wilson) return {interval{wilson->first, value.mean, wilson->second}, wilson_mark};
  return {};
}

table_cell mean_entry(const analysis::estimate& value, const shown_interval& shown) {
  auto entry = score_entry(value.samples ? std::optional(value.mean) : std::nullopt);
  entry.drawn = shown.value;
  return entry;
}

table_cell interval_entry(const shown_interval& shown) {
  if (!shown.value) return {"-"};
  return {fmt::format("{} - {}{}", show_score(shown.value->low), show_score(shown.value->high),
                      shown.mark)};
}

void note_interval(table& into, const shown_interval& shown) {
  auto note = [&](std::string_view mark, const char* text) {
    if (shown.mark == mark &&
        std::find(into.notes.begin(), into.notes.end(), text) == into.notes.end())
      into.notes.push_back(text);
  };
  note(wilson_mark, "* all scores are equal: Wilson's interval");
  note(stopped_mark, "+ stopped when precise enough: an interval that holds nevertheless");
}

void add_score(table& into, std::vector<table_cell>& row, const score_group& group,
               const known_mean* stopped) {
  const auto& value = group.value;
  const auto shown = interval_of(value, group.wilson, stopped);
  note_interval(into, shown);
  row.push_back(mean_entry(value, shown));
  row.push_back(
      score_entry(value.standard_error > 0 ? std::optional(value.standard_error) : std::nullopt));
  row.push_back(interval_entry(shown));
  row.push_back(count_entry(value.samples));
  row.push_back({show_percent(value.coverage()),
                 value.coverage() < poor_coverage ? tone::bad : tone::plain,
                 {},
                 value.coverage()});
}

void add_score_columns(table& into) {
  for (const char* name : {"mean", "+/- se", "95 % interval", "samples", "coverage"})
    into.columns.push_back({name, true});
}

std::string judge_name(const judge_setup& judge) {
  if (!judge.counts_chances()) return judge.name;
  return fmt::format("{} (pass@{})", judge.name, judge.k);
}

table overall_table(const run_summary& summary) {
  table result{"Scores", {{"judge"}}, {}, {}};
  add_score_columns(result);
  for (const auto& scores : summary.scores) {
    std::vector<table_cell> row{{judge_name(scores.judge)}};
    add_score(result, row, scores.overall, summary.stopped_mean(scores.judge.name, "", {}));
    result.rows.push_back(std::move(row));
  }
  return result;
}

/// Columns whose names differ between groups; the others say nothing.
std::vector<std::size_t> telling_columns(const grouping& groups) {
  std::vector<std::size_t> telling;
  for (std::size_t i = 0; i < groups.columns.size(); ++i)
    for (const auto& group : groups.groups)
      if (group.names[i] != groups.groups.front().names[i]) {
        telling.push_back(i);
        break;
      }
  return telling;
}

std::string words(std::string key) {
  std::replace(key.begin(), key.end(), '_', ' ');
  return key;
}

std::string title_of(const std::string& judge, const grouping& groups,
                     const std::vector<std::size_t>& telling) {
  std::string title = judge + " by";
  for (std::size_t i = 0; i < telling.size(); ++i) {
    const bool last = i + 1 == telling.size();
    title += i == 0 ? " " : last ? " and " : ", ";
    title += words(groups.columns[telling[i]]);
  }
  return title;
}

table grouping_table(const run_summary& summary, const judge_setup& judge, const grouping& shape) {
  const auto telling = shape.key == "tag" ? std::vector<std::size_t>{0} : telling_columns(shape);
  table result{title_of(judge_name(judge), shape, telling), {}, {}, {}};
  for (auto i : telling) result.columns.push_back({words(shape.columns[i])});
  add_score_columns(result);
  for (const auto& group : shape.groups) {
    std::vector<table_cell> row;
    for (auto i : telling) row.push_back({group.names[i].empty() ? "-" : group.names[i]});
    add_score(result, row, group, summary.stopped_mean(judge.name, shape.key, group.names));
    result.rows.push_back(std::move(row));
  }
  return result;
}

std::string letters_of(const ranking::standing& s) {
  std::string letters;
  for (const auto& letter : s.groups) letters += (letters.empty() ? "" : " ") + letter;
  return letters.empty() ? "-" : letters;
}

table leaderboard_table(const run_summary& summary, const ranking::leaderboard& board) {
  const auto& judge = summary.scores[board.judge].judge;
  table result{"Leaderboard: " + judge.name,
               {{"rank", true}, {"model"}, {"mean", true}, {"95 % interval", true}, {"group"}},
               {},
               {"models that share a letter are not distinguishable (paired tests, Holm)"}};
  if (judge.counts_chances())
    result.notes.push_back(fmt::format("mean: of single answers, not pass@{}", judge.k));
  for (const auto& s : board.standings) {
    const auto shown =
        interval_of(s.score, s.wilson, summary.stopped_mean(judge.name, "model", {s.name}));
    result.rows.push_back({s.rank > 0 ? count_entry(s.rank) : table_cell{"-"},
                           {s.name},
                           mean_entry(s.score, shown),
                           interval_entry(shown),
                           {letters_of(s)}});
    note_interval(result, shown);
  }
  return result;
}

}  // namespace

std::vector<table> leaderboard_tables_of(const run_summary& summary) {
  std::vector<table> tables;
  for (const auto& board : summary.leaderboards)
    if (board.standings.front().rank > 0) tables.push_back(leaderboard_table(summary, board));
  return tables;
}

std::vector<table> score_tables_of(const run_summary& summary) {
  std::vector<table> tables;
  if (summary.scores.empty()) return tables;
  tables.push_back(overall_table(summary));
  std::set<std::string> titles;
  for (const auto& scores : summary.scores)
    for (const auto& shape : scores.groupings) {
      if (shape.groups.size() < (shape.key == "tag" ? 1 : 2)) continue;
      // Cells that differ in model and prompt only have been shown already.
      auto made = grouping_table(summary, scores.judge, shape);
      if (titles.insert(made.title).second) tables.push_back(std::move(made));
    }
  return tables;
}

table notice_table(const run_summary& summary) {
  table result{
      "What was noticed",
      {{"what"}, {"where"}, {"state"}, {"since"}, {"before", true}, {"then", true}, {"p", true}},
      {},
      {"in the order in which they were asked; docs/watching.md says what is tested"}};
  for (const auto& n : summary.noticed) {
    auto figure = [&](double value) { return fmt::format("{:.3g}", value); };
    result.rows.push_back(
        {{n.what},
         {n.where},
         {std::string(to_string(n.finding.state)),
          n.finding.state == analysis::watch_state::firing ? tone::bad : tone::plain},
         {n.against ? fmt::format("run {}", *n.against) : n.finding.since},
         {figure(n.finding.before)},
         {figure(n.finding.now)},
         {fmt::format("{:.1e}", n.finding.p)}});
  }
  return result;
}

table stopping_table(const run_summary& summary) {
  table result{
      "",
      {{"model"}, {"mean", true}, {"interval", true}, {"samples", true}, {"of", true}, {"state"}},
      {},
      {}};
  if (!summary.stopping) return result;
  const auto& rule = summary.stopping->rule;
  result.title = fmt::format("Stop rule: {} within {:g} to both sides at {:g} %", rule.judge,
                             rule.half_width, 100 * rule.confidence);
  result.notes = {"the interval holds at whatever moment one stops (docs/stopping.md)"};
  for (const auto& m : summary.stopping->models)
    result.rows.push_back(
        {{m.model},
         score_entry(m.samples ? std::optional(m.mean) : std::nullopt),
         {fmt::format("{} - {}", show_score(m.interval.first), show_score(m.interval.second))},
         count_entry(m.samples),
         count_entry(m.planned),
         {m.stopped  ? "stopped"
          : m.enough ? "precise enough"
                     : "not precise enough"}});
  return result;
}

table threshold_table(const run_summary& summary) {
  table result{"Thresholds", {{"judge"}, {"wanted", true}, {"mean", true}, {"verdict"}}, {}, {}};
  for (const auto& check : summary.thresholds)
    result.rows.push_back(
        {{check.judge},
         score_entry(check.least),
         score_entry(check.mean),
         {check.missed() ? "MISSED" : "met", check.missed() ? tone::bad : tone::good}});
  return result;
}

}  // namespace assay::report
