#include "config/sections.hpp"
#include "messages/known_names.hpp"

namespace assay::config {

namespace {

using draft_type = experiment_draft;

void read_thresholds(reading& in, const node& n, draft_type& d) {
  if (n.kind != node_kind::table) return mismatch(in, n, "thresholds", "a table { JUDGE = 0.8 }");
  for (const auto& e : n.entries) {
    double score = 0;
    take(in, e.value, dotted("thresholds", e.key), {.min = 0, .max = 1}, score);
    d.value.thresholds.emplace(e.key, score);
  }
}

options<draft_type> make_options() {
  auto value = [](const char* name, auto at, const char* help, rule r = {}) {
    return field<draft_type>(
        name, [at](auto& d) -> auto& { return d.value.*at; }, help, r);
  };
  using experiment = experiment_settings;
  constexpr rule count{.min = 1, .max = 1e9};
  return {
      required(value("datasets", &experiment::datasets, "datasets of this file")),
      required(value("models", &experiment::models, "models of this file")),
      required(value("prompts", &experiment::prompts,
                     "prompts of this file, or templates of the library")),
      value("judges", &experiment::judges, "judges of this file, or types that need no options"),
      named<draft_type>(
          "mode", [](auto& d) -> auto& { return d.value.mode; }, known::modes,
          "how a sample is put to a model"),
      value("instances", &experiment::instances,
            "samples per cell (model, task type, prompt, difficulty); all if not set", count),
      value("epochs", &experiment::epochs, "how often each sample is asked",
            {.min = 1, .max = 10'000}),
      value("concurrency", &experiment::concurrency, "requests in flight over all providers",
            {.min = 1, .max = 1'000'000}),
      value("max_tasks", &experiment::max_tasks, "send at most so many tasks in a run", count),
      value("max_cost_usd", &experiment::max_cost_usd, "stop before a run costs more than this",
            {.min = 0, .max = 1e9}),
      special<draft_type>("thresholds", "a table of numbers from 0 to 1",
                          "least mean score per judge; a miss gives exit code 4", read_thresholds),
  };
}

}  // namespace

const options<experiment_draft>& experiment_options() {
  static const auto all = make_options();
  return all;
}

void complete(reading& in, experiment_draft& d) { d.value.declared_at = in.problems.where(d.at); }

const options<general_draft>& general_options() {
  static const options<general_draft> all{
      field<general_draft>(
          "ledger", [](auto& g) -> auto& { return g.ledger; },
          "the file that holds all records; `assay-results/ledger.db` if not set"),
      field<general_draft>(
          "report_dir", [](auto& g) -> auto& { return g.report_dir; },
          "where reports are written; `assay-results` if not set"),
  };
  return all;
}

}  // namespace assay::config
