#include <CLI/App.hpp>
#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>

#include "app/cli/dry_run.hpp"
#include "app/cli/input.hpp"
#include "evaluation/plan.hpp"
#include "providers/catalog/cost.hpp"
#include "storage/ledger.hpp"

namespace assay::cli {

namespace {

using nlohmann::json;

struct cell_count {
  std::size_t tasks = 0;
  std::size_t missing = 0;
};

/// What one experiment would do.
struct forecast {
  std::string experiment;
  std::size_t tasks = 0;
  std::size_t missing = 0;
  std::map<cell, cell_count> cells;
  std::map<std::string, std::size_t> by_provider;  ///< "a" or "a, b": who serves the missing ones
  std::int64_t input_tokens = 0;
  usd most;
  bool priced = true;  ///< every model has prices
  bool capped = true;  ///< every model has max_tokens
  std::vector<std::string> notes;
};

expected<std::vector<std::size_t>> missing_of(const evaluation::plan& plan,
                                              const std::string& path) {
  std::vector<task_key> keys(plan.size());
  for (std::size_t i = 0; i < plan.size(); ++i) keys[i] = plan.key(i);
  std::vector<std::size_t> all(plan.size());
  for (std::size_t i = 0; i < plan.size(); ++i) all[i] = i;
  if (!std::filesystem::exists(path)) return all;
  auto ledger = storage::open_sqlite(path);
  if (!ledger) return tl::make_unexpected(ledger.error());
  return (*ledger)->missing_of(keys);
}

void count(forecast& f, const evaluation::plan& plan, const std::vector<std::size_t>& missing) {
  for (std::size_t i = 0; i < plan.size(); ++i) ++f.cells[plan.cell_of(i)].tasks;
  for (auto i : missing) {
    ++f.cells[plan.cell_of(i)].missing;
    std::string who;
    for (const auto& name : plan.providers_of(i)) who += (who.empty() ? "" : ", ") + name;
    ++f.by_provider[who];
    const auto& model = plan.model_of(i);
    auto t = plan.make_task(i);
    f.input_tokens += t.input_tokens;
    f.priced &= model.prices.input.has_value() || model.prices.output.has_value();
    f.capped &= model.max_tokens.has_value();
    f.most += catalog::cost_ceiling(t.input_tokens, model.max_tokens.value_or(0), model.prices);
  }
}

checked<forecast> look_ahead(const settings& all, const experiment_settings& experiment,
                             const std::string& path) {
  auto plan = evaluation::plan::make(all, experiment);
  if (!plan) return tl::make_unexpected(plan.error());
  auto missing = missing_of(*plan, path);
  if (!missing) return tl::make_unexpected(std::vector<problem>{missing.error()});
  forecast f;
  f.experiment = experiment.name;
  f.tasks = plan->size();
  f.missing = missing->size();
  f.notes = plan->shortfalls();
  if (experiment.max_tasks && missing->size() > *experiment.max_tasks) {
    f.notes.push_back("max_tasks sends " + std::to_string(*experiment.max_tasks) + " of " +
                      std::to_string(missing->size()) + " now");
    missing->resize(*experiment.max_tasks);
  }
  count(f, *plan, *missing);
  return f;
}

void print(const forecast& f) {
  std::printf("%s: %zu tasks, %zu in the ledger, %zu missing\n\n", f.experiment.c_str(), f.tasks,
              f.tasks - f.missing, f.missing);
  std::printf("%-16s %-16s %-14s %-12s %6s %8s\n", "dataset", "model", "prompt", "type/level",
              "have", "missing");
  for (const auto& [c, n] : f.cells) {
    auto kind = c.task_type + (c.difficulty.empty() ? "" : "/" + c.difficulty);
    std::printf("%-16.16s %-16.16s %-14.14s %-12.12s %6zu %8zu\n", c.dataset.c_str(),
                c.model.c_str(), c.prompt.c_str(), kind.empty() ? "-" : kind.c_str(),
                n.tasks - n.missing, n.missing);
  }
  for (const auto& [who, n] : f.by_provider) std::printf("\nto be sent to %s: %zu", who.c_str(), n);
  if (f.missing > 0)
    std::printf("\ninput: about %lld tokens", static_cast<long long>(f.input_tokens));
  if (f.missing > 0 && f.priced)
    std::printf("\ncost: at most USD %.4f%s", f.most.value,
                f.capped ? "" : " for the input; a model without max_tokens has no bound");
  if (f.missing > 0 && !f.priced) std::printf("\ncost: unknown, a model has no prices");
  std::printf("\n");
  for (const auto& note : f.notes) std::printf("note: %s\n", note.c_str());
}

json to_json(const forecast& f) {
  json cells = json::array();
  for (const auto& [c, n] : f.cells)
    cells.push_back({{"dataset", c.dataset},
                     {"model", c.model},
                     {"prompt", c.prompt},
                     {"task_type", c.task_type},
                     {"difficulty", c.difficulty},
                     {"have", n.tasks - n.missing},
                     {"missing", n.missing}});
  json out{{"experiment", f.experiment},
           {"tasks", f.tasks},
           {"missing", f.missing},
           {"cells", cells},
           {"by_provider", f.by_provider},
           {"input_tokens", f.input_tokens},
           {"notes", f.notes}};
  out["max_cost_usd"] = f.priced && f.capped ? json(f.most.value) : json(nullptr);
  return out;
}

}  // namespace

int dry_run(const settings& all, const globals& options) {
  auto path = ledger_of(options, all);
  json out = json::array();
  for (const auto& experiment : all.experiments) {
    auto f = look_ahead(all, experiment, path);
    if (!f) {
      print_problems(f.error());
      return usage_error;
    }
    if (options.json)
      out.push_back(to_json(*f));
    else
      print(*f);
  }
  if (options.json)
    std::printf("%s\n", out.dump(2, ' ', false, json::error_handler_t::replace).c_str());
  return success;
}

void add_plan(CLI::App& app, globals& options, action& chosen) {
  auto wanted = std::make_shared<file_options>();
  auto* command = app.add_subcommand("plan", "Show what a run would send, without sending it");
  add_file_options(*command, *wanted);
  command->callback([&options, &chosen, wanted] {
    chosen = [&options, wanted] {
      auto all = load_selected(*wanted);
      return all ? dry_run(*all, options) : int{usage_error};
    };
  });
}

}  // namespace assay::cli
