#include "app/plan/preview.hpp"

#include <cstdio>
#include <nlohmann/json.hpp>

#include "app/run/conductors.hpp"
#include "evaluation/graders/model_judge.hpp"
#include "providers/catalog/cost.hpp"
#include "storage/ledger.hpp"

namespace assay::planning {

using nlohmann::json;

namespace {

expected<std::vector<std::size_t>> missing_of(const evaluation::plan& plan,
                                              const std::string& path) {
  std::vector<task_key> keys(plan.size());
  for (std::size_t i = 0; i < plan.size(); ++i) keys[i] = plan.key(i);
  std::vector<std::size_t> all(plan.size());
  for (std::size_t i = 0; i < plan.size(); ++i) all[i] = i;
  if (!storage::may_exist(path)) return all;
  auto ledger = storage::open_ledger(path);
  if (!ledger) return tl::make_unexpected(ledger.error());
  return (*ledger)->missing_of(keys);
}

std::string list_of(const std::vector<std::string>& names) {
  std::string list;
  for (const auto& name : names) list += (list.empty() ? "" : ", ") + name;
  return list;
}

void count(preview& p) {
  const auto& plan = p.plan;
  for (std::size_t i = 0; i < plan.size(); ++i) ++p.cells[plan.cell_of(i)].tasks;
  for (auto i : p.to_send) {
    ++p.cells[plan.cell_of(i)].missing;
    ++p.by_provider[list_of(plan.providers_of(i))];
    const auto& model = plan.model_of(i);
    auto t = plan.make_task(i);
    p.input_tokens += t.input_tokens;
    p.priced &= model.prices.input.has_value() || model.prices.output.has_value();
    p.capped &= model.max_tokens.has_value();
    p.most += catalog::cost_ceiling(t.input_tokens, model.max_tokens.value_or(0), model.prices);
  }
}

/// What a plan cannot know: how many calls follow from the samples.
void note_follow_ups(const settings& all, const experiment_settings& experiment,
                     std::vector<std::string>& notes) {
  if (app::takes_several_calls(experiment.mode))
    notes.push_back("in mode " + experiment.mode +
                    " a sample takes several calls, of which the first is counted here "
                    "(with --simulate all are)");
  for (const auto& name : experiment.judges) {
    const auto* judge = find_named(all.judges, name);
    if (judge && evaluation::asks_models(judge->type))
      notes.push_back(
          "judge " + name + " asks " + list_of(judge->grader.models) +
          " about every answer; these calls are not counted here (with --simulate they are)");
  }
}

}  // namespace

checked<preview> look_ahead(const settings& all, const experiment_settings& experiment,
                            const std::string& ledger_path) {
  auto plan = evaluation::plan::make(all, experiment);
  if (!plan) return tl::make_unexpected(plan.error());
  auto missing = missing_of(*plan, ledger_path);
  if (!missing) return tl::make_unexpected(std::vector<problem>{missing.error()});
  preview p{
      .plan = std::move(*plan), .to_send = std::move(*missing), .experiment = experiment.name};
  p.tasks = p.plan.size();
  p.missing = p.to_send.size();
  p.notes = p.plan.shortfalls();
  note_follow_ups(all, experiment, p.notes);
  if (experiment.delivery == delivery_mode::batch)
    p.notes.push_back(
        "delivery is by batches, but times and cost here are those of single calls: in batches it "
        "may take a day, at batch.price_factor of the cost");
  if (experiment.stop_when)
    p.notes.push_back("stop_when may end it before; times and cost here are those of all tasks");
  if (experiment.max_tasks && p.missing > *experiment.max_tasks) {
    p.notes.push_back("max_tasks sends " + std::to_string(*experiment.max_tasks) + " of " +
                      std::to_string(p.missing) + " now");
    p.to_send.resize(*experiment.max_tasks);
  }
  count(p);
  return p;
}

void print(const preview& p) {
  std::printf("%s: %zu tasks, %zu in the ledger, %zu missing\n\n", p.experiment.c_str(), p.tasks,
              p.tasks - p.missing, p.missing);
  std::printf("%-16s %-16s %-14s %-12s %6s %8s\n", "dataset", "model", "prompt", "type/level",
              "have", "missing");
  for (const auto& [c, n] : p.cells) {
    auto kind = c.task_type + (c.difficulty.empty() ? "" : "/" + c.difficulty);
    std::printf("%-16.16s %-16.16s %-14.14s %-12.12s %6zu %8zu\n", c.dataset.c_str(),
                c.model.c_str(), c.prompt.c_str(), kind.empty() ? "-" : kind.c_str(),
                n.tasks - n.missing, n.missing);
  }
  for (const auto& [who, n] : p.by_provider) std::printf("\nto be sent to %s: %zu", who.c_str(), n);
  if (p.missing > 0)
    std::printf("\ninput: about %lld tokens", static_cast<long long>(p.input_tokens));
  if (p.missing > 0 && p.priced)
    std::printf("\ncost: at most USD %.4f%s", p.most.value,
                p.capped ? "" : " for the input; a model without max_tokens has no bound");
  if (p.missing > 0 && !p.priced) std::printf("\ncost: unknown, a model has no prices");
  std::printf("\n");
  for (const auto& note : p.notes) std::printf("note: %s\n", note.c_str());
}

json to_json(const preview& p) {
  json cells = json::array();
  for (const auto& [c, n] : p.cells)
    cells.push_back({{"dataset", c.dataset},
                     {"model", c.model},
                     {"prompt", c.prompt},
                     {"task_type", c.task_type},
                     {"difficulty", c.difficulty},
                     {"have", n.tasks - n.missing},
                     {"missing", n.missing}});
  json out{{"experiment", p.experiment},
           {"tasks", p.tasks},
           {"missing", p.missing},
           {"cells", cells},
           {"by_provider", p.by_provider},
           {"input_tokens", p.input_tokens},
           {"notes", p.notes}};
  out["max_cost_usd"] = p.priced && p.capped ? json(p.most.value) : json(nullptr);
  return out;
}

}  // namespace assay::planning
