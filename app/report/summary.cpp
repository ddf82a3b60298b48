#include "app/report/summary.hpp"

#include <algorithm>

#include "app/report/attempt_figures.hpp"
#include "app/report/score_tables.hpp"
#include "app/report/usage.hpp"

namespace assay::report {

bool brought_answer(error_class kind) {
  return kind == error_class::none || kind == error_class::refusal ||
         kind == error_class::content_filtered;
}

std::size_t provider_summary::failures() const {
  std::size_t n = 0;
  for (const auto& [kind, attempts] : by_class)
    if (!brought_answer(kind) && kind != error_class::rate_limited) n += attempts;
  return n;
}

bool run_summary::threshold_missed() const {
  return std::any_of(thresholds.begin(), thresholds.end(),
                     [](const auto& t) { return t.missed(); });
}

const known_mean* run_summary::stopped_mean(const std::string& judge, const std::string& key,
                                            const std::vector<std::string>& names) const {
  if (!stopping) return nullptr;
  if (key.empty() && stopping->models.size() == 1)
    return stopping->stopped_by(judge, stopping->models.front().model);
  if (key == "model" || (key == "model_prompt" && made_with.prompts.size() == 1))
    return stopping->stopped_by(judge, names.front());
  return nullptr;
}

usd run_summary::judges_cost() const {
  usd sum;
  for (const auto& panel : panels) sum += panel.cost();
  return sum;
}

namespace {

/// The judges of the setup, then those that left verdicts without standing in it.
expected<std::vector<judge_setup>> all_judges(storage::ledger& ledger, storage::run_id run,
                                              const setup& made_with) {
  auto names = ledger.judges_of(run);
  if (!names) return tl::make_unexpected(names.error());
  auto judges = made_with.judges;
  for (const auto& name : *names)
    if (!find_named(judges, name)) judges.push_back({name, name, 1});
  return judges;
}

void count(const storage::score_row& row, run_summary& into) {
  auto& counts = into.counts;
  ++counts.tasks;
  if (!row.has_outcome) {
    ++counts.missing;
    return;
  }
  switch (row.status) {
    case outcome_status::answered:
      ++counts.answered;
      break;
    case outcome_status::refused:
      ++counts.refused;
      break;
    case outcome_status::filtered:
      ++counts.filtered;
      break;
    case outcome_status::error:
      ++counts.errors;
      ++into.errors[row.error];
      break;
  }
}

/// Where a run with a stop rule stands; needs a reading of its own, since what the other figures
/// are of follows from it.
expected<std::optional<stopping_point>> stopping_point_of(storage::ledger& ledger,
                                                          storage::run_id run,
                                                          const setup& made_with) {
  if (!made_with.stop_when) return std::optional<stopping_point>{};
  stopping_rows rows(*made_with.stop_when);
  auto read = ledger.score_rows(run, {made_with.stop_when->judge},
                                [&](const storage::score_row& row) { rows.add(row); });
  if (!read) return tl::make_unexpected(read.error());
  return std::optional<stopping_point>(rows);
}

std::vector<threshold_check> check_thresholds(const run_summary& summary) {
  std::vector<threshold_check> checks;
  for (const auto& [judge, least] : summary.made_with.thresholds) {
    threshold_check check{judge, least, {}};
    for (const auto& scores : summary.scores)
      if (scores.judge.name == judge && scores.overall.value.samples > 0)
        check.mean = scores.overall.value.mean;
    checks.push_back(std::move(check));
  }
  return checks;
}

}  // namespace

expected<run_summary> summarise(storage::ledger& ledger, const storage::run_info& run) {
  run_summary result;
  result.run = run;
  auto made_with = setup_from_json(run.setup_json);
  if (!made_with) return tl::make_unexpected(made_with.error());
  result.made_with = std::move(*made_with);
  auto found = ledger.limits_of(run.id);
  if (!found) return tl::make_unexpected(found.error());
  result.found_limits = std::move(*found);
  for (const auto& f : result.found_limits)
    for (auto& provider : result.made_with.providers)
      if (provider.name == f.provider) provider.limits = with_found(provider.limits, f.limits);

  auto judges = all_judges(ledger, run.id, result.made_with);
  if (!judges) return tl::make_unexpected(judges.error());
  attempt_figures exchanges(result.made_with);
  panel_figures panels(*judges);
  usage_counter usage;
  own_answers answers;
  auto read = ledger.attempt_rows(run.id, [&](const storage::attempt_row& row) {
    exchanges.add(row);
    usage.add(row);
    answers.add(row);
    panels.add(row);
  });
  if (!read) return tl::make_unexpected(read.error());
  exchanges.finish();

  for (const auto& judge : panels.judges())
    if (auto seen = ledger.verdicts_of(run.id, judge, [&](const verdict& v) { panels.add(v); });
        !seen)
      return tl::make_unexpected(seen.error());
  auto stop = stopping_point_of(ledger, run.id, result.made_with);
  if (!stop) return tl::make_unexpected(stop.error());
  ranking::material models;
  for (const auto& judge : *judges) models.judges.push_back(judge.name);
  const bool several_models = result.made_with.models.size() != 1;
  ranking::gatherer by_model(models, ranking::subject::model);
  by_model.begin(run);
  score_tables tables(std::move(*judges));
  read = ledger.score_rows(run.id, models.judges, [&](const storage::score_row& row) {
    usage.add(row);
    if (*stop && (*stop)->spares(row)) {
      ++result.counts.tasks;
      ++result.counts.spared;
      return;
    }
    count(row, result);
    result.reused += row.reused;
    tables.add(row);
    if (several_models) by_model.add(row);
    answers.add(row);
  });
  if (!read) return tl::make_unexpected(read.error());

  if (*stop) result.stopping = (*stop)->summary();
  result.scores = tables.scores();
  result.leaderboards = ranking::rank_all(models, ranking::subject::model, {});
  result.panels = panels.panels();
  result.providers = exchanges.providers();
  result.calls = usage.total();
  result.calls_by_provider = usage.by_provider();
  result.speed = exchanges.overall();
  for (const auto& provider : result.providers) {
    result.cost += provider.cost;
    result.input_tokens += provider.input_tokens;
    result.output_tokens += provider.output_tokens;
  }
  result.thresholds = check_thresholds(result);
  auto noticed = find_notices(ledger, run, answers, result.made_with.watch);
  if (!noticed) return tl::make_unexpected(noticed.error());
  result.noticed = std::move(*noticed);
  return result;
}

}  // namespace assay::report
