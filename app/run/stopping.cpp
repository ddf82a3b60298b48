#include "app/run/stopping.hpp"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "app/report/stopping.hpp"

namespace assay::app {

namespace {

/// What the ledger holds of a run with a stop rule.
struct stored_state {
  explicit stored_state(const stop_rule& rule) : rows(rule) {}
  report::stopping_rows rows;
  std::unordered_set<task_key> failed;
  std::unordered_map<task_key, actors::watched_task> owed;  ///< answers without their verdict
};

std::uint64_t number_of(const evaluation::plan& plan, std::uint32_t position) {
  return analysis::order_number(plan.cell_of(position).dataset, plan.sample_of(position).id);
}

/// The positions by the number of each, those of one number ascending.
template <class Number>
std::vector<std::uint32_t> in_order(const std::vector<std::uint32_t>& positions, Number number) {
  std::vector<std::pair<std::uint64_t, std::uint32_t>> numbered;
  numbered.reserve(positions.size());
  for (auto position : positions) numbered.emplace_back(number(position), position);
  std::sort(numbered.begin(), numbered.end());
  std::vector<std::uint32_t> ordered;
  ordered.reserve(numbered.size());
  for (const auto& [n, position] : numbered) ordered.push_back(position);
  return ordered;
}

/// The answers that a judge which asks models has still to judge; a judge by a rule has none.
expected<std::unordered_set<task_key>> owed_to(storage::ledger& ledger, const prepared_run& run,
                                               const std::string& judge) {
  std::unordered_set<task_key> owed;
  for (const auto& c : run.conductors) {
    if (!c.judges() || c.purpose != judge) continue;
    auto listed = ledger.unjudged(run.info.id, judge, c.judge_version,
                                  [&](const record& r) { owed.insert(r.asked.key); });
    if (!listed) return tl::make_unexpected(listed.error());
  }
  return owed;
}

expected<stored_state> read_state(storage::ledger& ledger, const prepared_run& run) {
  const auto& rule = *run.experiment.stop_when;
  stored_state state(rule);
  auto owed = owed_to(ledger, run, rule.judge);
  if (!owed) return tl::make_unexpected(owed.error());
  auto read = ledger.score_rows(run.info.id, {rule.judge}, [&](const storage::score_row& row) {
    const bool is_owed = owed->count(row.key) > 0;
    state.rows.add(row, is_owed);
    if (row.has_outcome && row.status == outcome_status::error)
      state.failed.insert(row.key);
    else if (is_owed)
      state.owed.emplace(row.key, actors::watched_task{row.where.model, report::order_number(row)});
  });
  if (!read) return tl::make_unexpected(read.error());
  return state;
}

}  // namespace

expected<std::vector<std::uint32_t>> still_wanted(storage::ledger& ledger, const prepared_run& run,
                                                  std::vector<std::uint32_t> positions) {
  if (!run.experiment.stop_when) return positions;
  auto state = read_state(ledger, run);
  if (!state) return tl::make_unexpected(state.error());
  const auto watches = state->rows.watches();
  std::erase_if(positions, [&](auto position) {
    const auto watch = watches.find(run.plan.cell_of(position).model);
    return watch != watches.end() && watch->second.enough() &&
           state->failed.count(run.plan.key(position)) == 0;
  });
  return positions;
}

std::vector<std::uint32_t> first_asked(const prepared_run& run,
                                       std::vector<std::uint32_t> positions, std::size_t count) {
  if (run.experiment.stop_when)
    positions = in_order(positions, [&](auto position) { return number_of(run.plan, position); });
  positions.resize(std::min(positions.size(), count));
  std::sort(positions.begin(), positions.end());
  return positions;
}

void put_in_order(work& todo, const evaluation::plan& plan) {
  todo.positions = in_order(todo.positions, [&](auto position) {
    auto number = number_of(plan, position);
    if (todo.equals)
      for (auto equal : todo.equals(position)) number = std::min(number, number_of(plan, equal));
    return number;
  });
  todo.in_order = true;
}

expected<std::optional<actors::stopper_config>> recall_stopping(storage::ledger& ledger,
                                                                const prepared_run& run) {
  std::optional<actors::stopper_config> config;
  if (!run.experiment.stop_when || run.plan.size() == 0) return config;
  auto state = read_state(ledger, run);
  if (!state) return tl::make_unexpected(state.error());
  config.emplace();
  config->run = run.info.id;
  config->judge = run.experiment.stop_when->judge;
  config->models = state->rows.watches(run.experiment.stop_when->confidence, true);
  std::erase_if(config->models, [](const auto& model) { return model.second.enough(); });
  config->owed = std::move(state->owed);
  return config;
}

}  // namespace assay::app
