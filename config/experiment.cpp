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

options<draft_type> cache_options() {
  auto value = [](const char* name, auto at, const char* help, rule r = {}) {
    return field<draft_type>(
        name, [at](auto& d) -> auto& { return d.value.cache.*at; }, help, r);
  };
  return {
      value("on", &cache_settings::on, "take answers of the ledger, and ask equal requests once"),
      value("ttl", &cache_settings::ttl, "oldest answer that is taken; any age if not set",
            {.min = 1, .max = 3650 * 86'400e3}),
      value("across_accounts", &cache_settings::across_accounts,
            "also answers that another provider gave"),
  };
}

options<draft_type> watch_options() {
  auto value = [](const char* name, auto at, const char* help, rule r = {}) {
    return field<draft_type>(
        name, [at](auto& d) -> auto& { return d.value.watch.*at; }, help, r);
  };
  return {
      value("on", &watch_settings::on, "look for changes in the stream of answers"),
      value("window", &watch_settings::window, "answers that are compared with those before",
            {.min = 20, .max = 100'000}),
      value("significance", &watch_settings::significance,
            "chance of a false alarm of each figure, in the whole run", {.min = 1e-9, .max = 0.5}),
  };
}

options<draft_type> stop_options() {
  auto value = [](const char* name, auto at, const char* help, rule r = {}) {
    return field<draft_type>(
        name,
        [at](auto& d) -> auto& {
          auto& stop_when = d.value.stop_when;
          return (stop_when ? *stop_when : stop_when.emplace()).*at;
        },
        help, r);
  };
  return {
      required(value("judge", &stop_rule::judge, "whose mean score is looked at")),
      value("half_width", &stop_rule::half_width,
            "the mean is known precisely enough if its interval reaches so far to both sides",
            {.min = 0.001, .max = 0.5}),
      value("confidence", &stop_rule::confidence,
            "chance that the interval holds at whatever moment the run stops",
            {.min = 0.5, .max = 0.9999}),
      value("min_samples", &stop_rule::min_samples, "no stop before so many samples have a score",
            {.min = 1, .max = 1e9}),
  };
}

struct batching_profile {
  std::string_view name;
  batching_settings value;
};

constexpr batching_profile batching_profiles[] = {
    {"off", {}},
    {"conservative", {15, 1, milliseconds(2'000)}},
    {"balanced", {10, 2, milliseconds(1'000)}},
    {"aggressive", {8, 4, milliseconds(500)}},
};

void read_batching_table(reading& in, const node& n, batching_settings& out) {
  for (const auto& e : n.entries) {
    if (e.key == "max_items")
      take(in, e.value, "batching.max_items", {.min = 1, .max = 1'000}, out.max_items);
    else if (e.key == "max_calls")
      take(in, e.value, "batching.max_calls", {.min = 1, .max = 10'000}, out.max_calls);
    else if (e.key == "spacing")
      take(in, e.value, "batching.spacing", {.min = 0, .max = 3600e3}, out.spacing);
    else
      unknown_key(in, e, "batching", {"max_items", "max_calls", "spacing"});
  }
}

void read_batching(reading& in, const node& n, draft_type& d) {
  if (n.kind == node_kind::table) return read_batching_table(in, n, d.value.batching);
  std::vector<std::string_view> names;
  for (const auto& profile : batching_profiles) names.push_back(profile.name);
  if (auto index = take_name(in, n, "batching", names))
    d.value.batching = batching_profiles[*index].value;
}

options<draft_type> agent_options() {
  auto value = [](const char* name, auto at, const char* help, rule r = {}) {
    return field<draft_type>(
        name, [at](auto& d) -> auto& { return d.value.agent.*at; }, help, r);
  };
  using agent = agent_settings;
  return {
      value("tools", &agent::tools,
            "what the model may use: calculator, python, files, search, or tools of this file"),
      value("max_steps", &agent::max_steps, "model calls of a sample", {.min = 1, .max = 1'000}),
      value("max_tokens", &agent::max_tokens,
            "no further step of a sample that used so many, input and output",
            {.min = 1, .max = 1e12}),
      value("max_cost_usd", &agent::max_cost_usd, "no further step of a sample that cost so much",
            {.min = 0, .max = 1e9}),
      value(
          "max_working_time", &agent::max_working_time,
          "no further step of a sample whose calls and tools took so long; waiting is not counted",
          {.min = 1, .max = 30 * 86'400e3}),
      value("folder", &agent::folder, "what the tool files may list and read"),
      value("documents", &agent::documents,
            "field of the sample that the tool search looks through"),
  };
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
      field<draft_type>("max_cost_usd",
                        [](auto& d) -> auto& { return d.value.spending.max_cost_usd; },
                        "stop before a run costs more than this", {.min = 0, .max = 1e9}),
      field<draft_type>("max_tokens_total",
                        [](auto& d) -> auto& { return d.value.spending.max_tokens_total; },
                        "stop before a run uses more tokens than this, input and output",
                        {.min = 1, .max = 1e15}),
      field<draft_type>("deadline", [](auto& d) -> auto& { return d.value.spending.deadline; },
                        "send nothing more so long after the start",
                        {.min = 1, .max = 30 * 86'400e3}),
      value("priority", &experiment::priority,
            "of several runs on one account, the higher one goes first", {.min = -100, .max = 100}),
      value("weight", &experiment::weight, "share of an account among runs of the same priority",
            {.min = 0.001, .max = 1e6}),
      value("judge_reserve", &experiment::judge_reserve,
            "part of each account that is for questions of judges before anybody's samples",
            {.min = 0, .max = 0.9}),
      value("hedge", &experiment::hedge,
            "part of the tasks that may be sent a second time when all that is left are stragglers",
            {.min = 0, .max = 0.1}),
      group<draft_type>("watch", "changes in the stream of answers (docs/watching.md)",
                        watch_options()),
      group<draft_type>("cache", "when the answer to an equal request is taken instead of asking",
                        cache_options()),
      special<draft_type>("batching", "a name of a profile, or a table",
                          "several small requests in one call: \"conservative\", \"balanced\", "
                          "\"aggressive\", or { max_items, max_calls, spacing }",
                          read_batching),
      value("delivery", &experiment::delivery,
            "by single calls, or through the providers' own batch endpoints: within a day, at a "
            "lower price"),
      group<draft_type>("agent", "tools and limits of mode agent (agents.md)", agent_options()),
      group<draft_type>("stop_when",
                        "ask a model no more samples once its mean is known precisely enough "
                        "(docs/stopping.md)",
                        stop_options()),
      special<draft_type>("thresholds", "a table of numbers from 0 to 1",
                          "least mean score per judge; a miss gives exit code 4", read_thresholds),
  };
}

}  // namespace

const options<experiment_draft>& experiment_options() {
  static const auto all = make_options();
  return all;
}

void complete(reading& in, experiment_draft& d) {
  d.value.declared_at = in.problems.where(d.at);
  auto& folder = d.value.agent.folder;
  folder = resolve_path(folder, in.problems.path(d.at.file), in.env);
}

const options<general_draft>& general_options() {
  static const options<general_draft> all{
      field<general_draft>(
          "ledger", [](auto& g) -> auto& { return g.ledger; },
          "the file that holds all records, or the address of a PostgreSQL database, "
          "`postgresql://USER@HOST/DATABASE`; `assay-results/ledger.db` if not set"),
      field<general_draft>(
          "report_dir", [](auto& g) -> auto& { return g.report_dir; },
          "where reports are written; beside the ledger if not set, and in `assay-results` if "
          "that is on a server"),
  };
  return all;
}

}  // namespace assay::config
