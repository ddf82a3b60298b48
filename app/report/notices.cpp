#include "app/report/notices.hpp"

#include <algorithm>
#include <set>

#include "app/report/setup.hpp"

namespace assay::report {

namespace {

using analysis::watched_cell;
using analysis::watched_cells;

/// Earlier runs whose answers are read, at most.
constexpr int most_read = 4;

/// Names cells by what tells them apart.
class cell_names {
 public:
  explicit cell_names(const watched_cells& cells) {
    std::set<std::string> datasets, prompts;
    for (const auto& [cell, watches] : cells)
      datasets.insert(cell.dataset), prompts.insert(cell.prompt);
    several_datasets_ = datasets.size() > 1;
    several_prompts_ = prompts.size() > 1;
  }

  std::string where(const watched_cell& cell, const analysis::noticed& n) const {
    auto text = cell.model;
    if (several_datasets_) text += ", " + cell.dataset;
    if (several_prompts_) text += ", " + cell.prompt;
    if (!n.judge.empty()) text += ", " + n.judge;
    if (!n.place.empty()) text += ": " + n.place;
    return text;
  }

 private:
  bool several_datasets_ = false;
  bool several_prompts_ = false;
};

bool has(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// Whether the run can have the cell, going by its setup.
bool may_hold(const setup& made_with, const watched_cell& cell) {
  return find_named(made_with.models, cell.model) && has(made_with.datasets, cell.dataset) &&
         has(made_with.prompts, cell.prompt);
}

std::vector<std::string> names_of(const std::vector<judge_setup>& judges) {
  std::vector<std::string> names;
  for (const auto& judge : judges) names.push_back(judge.name);
  return names;
}

/// What the run brought itself, in cells.
expected<watched_cells> read_cells(storage::ledger& ledger, storage::run_id run,
                                   const setup& made_with, const analysis::watch_rule& rule) {
  own_answers answers;
  auto read = ledger.attempt_rows(run, [&](const auto& row) { answers.add(row); });
  if (read)
    read = ledger.score_rows(run, names_of(made_with.judges),
                             [&](const storage::score_row& row) { answers.add(row); });
  if (!read) return tl::make_unexpected(read.error());
  return answers.watch(rule);
}

/// Finished runs of the same experiment that began before, newest first.
expected<std::vector<storage::run_info>> earlier_runs(storage::ledger& ledger,
                                                      const storage::run_info& run) {
  auto runs = ledger.runs();
  if (!runs) return runs;
  std::erase_if(*runs, [&](const storage::run_info& other) {
    return other.experiment != run.experiment || other.state != storage::run_state::finished ||
           other.id == run.id || other.started_unix_ns > run.started_unix_ns;
  });
  std::stable_sort(runs->begin(), runs->end(), [](const auto& a, const auto& b) {
    return a.started_unix_ns > b.started_unix_ns;
  });
  return runs;
}

/// Holds each cell against the newest earlier run that brought a window of answers of it.
expected<std::vector<notice>> against_earlier(storage::ledger& ledger, const storage::run_info& run,
                                              const watched_cells& cells,
                                              const analysis::watch_rule& rule) {
  std::vector<notice> found;
  const cell_names names(cells);
  std::set<watched_cell> open;
  for (const auto& [cell, watches] : cells) open.insert(cell);
  auto earlier = earlier_runs(ledger, run);
  if (!earlier) return tl::make_unexpected(earlier.error());
  int left = most_read;
  for (const auto& other : *earlier) {
    auto made_with = setup_from_json(other.setup_json);
    if (!made_with) continue;
    auto useful = [&](const watched_cell& cell) { return may_hold(*made_with, cell); };
    if (std::none_of(open.begin(), open.end(), useful)) continue;
    if (left-- == 0) break;
    auto before = read_cells(ledger, other.id, *made_with, rule);
    if (!before) return tl::make_unexpected(before.error());
    for (const auto& [cell, watches] : *before) {
      if (watches.totals().answers() < rule.window || open.erase(cell) == 0) continue;
      for (auto& n : cells.at(cell).totals().against(watches.totals(), rule.significance))
        found.push_back({n.figure, names.where(cell, n), other.id, n.finding});
    }
  }
  return found;
}

}  // namespace

analysis::watch_rule rule_of(const watch_settings& settings) {
  return {static_cast<std::size_t>(settings.window), settings.significance};
}

void own_answers::add(const storage::attempt_row& row) {
  auto& sent = sent_[row.key];
  sent = std::max(sent, row.sent_unix_ns);
}

void own_answers::add(const storage::score_row& row) {
  auto sent = sent_.find(row.key);
  if (!row.has_outcome || row.cached || row.status == outcome_status::error || sent == sent_.end())
    return;
  answers_.push_back({sent->second,
                      analysis::watched_cell_of(row.where),
                      {row.sample_id, row.status, row.why == finish::length, row.text_digest,
                       row.output_tokens, row.provider, row.node},
                      row.scores});
}

analysis::watched_cells own_answers::watch(const analysis::watch_rule& rule) const {
  std::vector<const asked_answer*> in_order;
  for (const auto& answer : answers_) in_order.push_back(&answer);
  std::stable_sort(in_order.begin(), in_order.end(),
                   [](auto* a, auto* b) { return a->sent_ns < b->sent_ns; });
  analysis::watched_cells cells;
  for (auto* answer : in_order) {
    auto& watches = cells.try_emplace(answer->where, rule).first->second;
    if (watches.add(answer->what)) watches.add_scores(answer->what, answer->scores);
  }
  return cells;
}

expected<std::vector<notice>> find_notices(storage::ledger& ledger, const storage::run_info& run,
                                           const own_answers& answers,
                                           const watch_settings& settings) {
  std::vector<notice> found;
  if (!settings.on) return found;
  const auto rule = rule_of(settings);
  const auto cells = answers.watch(rule);
  const cell_names names(cells);
  for (const auto& [cell, watches] : cells)
    for (auto& n : watches.standing())
      found.push_back({n.figure, names.where(cell, n), std::nullopt, n.finding});
  auto differing = against_earlier(ledger, run, cells, rule);
  if (!differing) return differing;
  found.insert(found.end(), differing->begin(), differing->end());
  return found;
}

}  // namespace assay::report
