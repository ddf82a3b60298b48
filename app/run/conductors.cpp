#include "app/run/conductors.hpp"

#include <algorithm>
#include <iterator>

#include "config/extraction_template.hpp"
#include "evaluation/agent/agent.hpp"
#include "evaluation/extraction/extraction.hpp"
#include "evaluation/graders/model_judge.hpp"

namespace assay::app {

namespace {

using evaluation::procedure_maker_ptr;

struct mode {
  std::string_view name;
  checked<procedure_maker_ptr> (*make)(const settings&, const experiment_settings&);
};

checked<procedure_maker_ptr> make_extraction(const settings& all,
                                             const experiment_settings& experiment) {
  auto read = [](const std::string& path) { return config::load_template(path); };
  return evaluation::make_extraction(all, experiment, read);
}

/// Those whose samples take several calls.
constexpr mode modes[] = {{"agent", evaluation::make_agent}, {"extraction", make_extraction}};

/// Null if the samples take one call each.
checked<procedure_maker_ptr> make_mode(const settings& all, const experiment_settings& experiment) {
  for (const auto& m : modes)
    if (m.name == experiment.mode) return m.make(all, experiment);
  return procedure_maker_ptr{};
}

}  // namespace

bool takes_several_calls(std::string_view name) {
  return std::any_of(std::begin(modes), std::end(modes),
                     [&](const mode& m) { return m.name == name; });
}

checked<std::vector<actors::conductor_config>> make_conductors(
    const settings& all, const experiment_settings& experiment) {
  std::vector<actors::conductor_config> conductors;
  std::vector<problem> problems;
  auto add = [&](procedure_maker_ptr maker, const std::string& purpose) {
    auto& made = conductors.emplace_back();
    made.maker = std::move(maker);
    made.purpose = purpose;
    for (const auto& model : all.models) made.models.emplace(model.name, model);
  };
  auto mode = make_mode(all, experiment);
  if (!mode)
    problems = std::move(mode.error());
  else if (*mode)
    add(std::move(*mode), experiment.mode);
  for (const auto& name : experiment.judges) {
    const auto* declared = find_named(all.judges, name);
    if (!evaluation::asks_models(declared->type)) continue;
    auto maker = evaluation::make_model_judge(all, *declared);
    if (!maker) {
      problems.push_back(maker.error());
      continue;
    }
    add(*maker, name);
    conductors.back().judge_version = [judge = *maker](const sample& s) {
      return judge->version(s);
    };
  }
  if (!problems.empty()) return tl::make_unexpected(std::move(problems));
  return conductors;
}

namespace {

/// An error is asked again.
expected<void> recall_steps_of(storage::ledger& ledger, const task_key& parent,
                               actors::conductor_memory& into) {
  return ledger.steps_of(parent, [&](storage::ledger_row row) {
    if (row.has_outcome && row.what.got.status != outcome_status::error)
      into.steps.emplace(row.what.got.key, std::move(row.what.got));
  });
}

}  // namespace

expected<actors::conductor_memory> recall_steps(storage::ledger& ledger, storage::run_id run,
                                                const actors::conductor_config& of) {
  actors::conductor_memory memory;
  std::vector<task_key> unfinished;
  auto listed =
      of.judges() ? ledger.unjudged(run, of.purpose, of.judge_version,
                                    [&](record r) {
                                      unfinished.push_back(r.asked.key);
                                      memory.owed.push_back(std::move(r));
                                    })
                  : ledger.unanswered(run, [&](const task_key& key) { unfinished.push_back(key); });
  if (!listed) return tl::make_unexpected(listed.error());
  for (auto& r : memory.owed) r.asked.run = run;
  for (const auto& parent : unfinished)
    if (auto read = recall_steps_of(ledger, parent, memory); !read)
      return tl::make_unexpected(read.error());
  return memory;
}

}  // namespace assay::app
