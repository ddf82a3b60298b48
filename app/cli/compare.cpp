#include <CLI/CLI.hpp>
#include <cstdio>

#include "app/cli/past_run.hpp"
#include "app/compare/document.hpp"
#include "app/report/markdown.hpp"
#include "app/report/text.hpp"

namespace assay::cli {

namespace {

constexpr std::size_t most_rows_on_terminal = 24;
constexpr std::size_t most_rows_in_file = 500;

struct compare_options {
  std::vector<std::string> runs;
  std::string by;
  compare::settings how;
  std::size_t flips = 0;
  bool markdown = false;
};

compare::subject subject_of(const compare_options& wanted) {
  if (wanted.by == "model") return compare::subject::model;
  if (wanted.by == "prompt") return compare::subject::prompt;
  return compare::subject::run;
}

int compare_runs(const compare_options& wanted, const globals& options) {
  std::vector<past_run> runs;
  std::vector<compare::source> sources;
  for (const auto& name : wanted.runs) {
    auto run = find_past_run(options, name);
    if (!run) return complain(run.error());
    for (const auto& known : runs)
      if (known.info.id == run->info.id)
        return complain({name, "run " + std::to_string(known.info.id) + " is named twice",
                         "compare it with another, or what is in it by `--by model|prompt`"});
    runs.push_back(std::move(*run));
  }
  sources.reserve(runs.size());
  for (const auto& run : runs) sources.push_back({run.ledger.get(), run.info});
  auto how = wanted.how;
  how.what = subject_of(wanted);
  auto compared = compare::compare(sources, how);
  if (!compared) return complain(compared.error());
  std::string out;
  if (options.json)
    out = compare::to_json(*compared, wanted.flips) + "\n";
  else if (wanted.markdown)
    out = report::to_markdown(compare::describe(*compared, wanted.flips, most_rows_in_file), {});
  else
    out = report::to_text(compare::describe(*compared, wanted.flips, most_rows_on_terminal));
  std::fwrite(out.data(), 1, out.size(), stdout);
  return success;
}

}  // namespace

void add_compare(CLI::App& app, globals& options, action& chosen) {
  auto wanted = std::make_shared<compare_options>();
  auto& numbers = wanted->how.numbers;
  auto* command = app.add_subcommand(
      "compare", "Hold runs, models or prompts against each other, sample by sample");
  command
      ->add_option("RUN", wanted->runs,
                   "Ids, experiment names, or `latest`; the first is what others are held against")
      ->required();
  command->add_option("--by", wanted->by, "What a side is: run, model or prompt")
      ->check(CLI::IsMember({"run", "model", "prompt"}))
      ->default_val("run");
  command->add_option("--judge", wanted->how.judges, "Only this judge; may be repeated [all]")
      ->allow_extra_args(false);
  command->add_option("--cluster", wanted->how.cluster,
                      "Samples that agree in this vary as one: dataset, task_type, difficulty, a "
                      "field, or the name of tags like name:value");
  command
      ->add_option("--flips", wanted->flips,
                   "List so many samples that went from right to wrong, and back")
      ->capture_default_str();
  command->add_option("--draws", numbers.draws, "Of the bootstrap, and of random sign patterns")
      ->check(CLI::Range(std::size_t{100}, std::size_t{1'000'000}))
      ->capture_default_str();
  command->add_option("--seed", numbers.seed, "Of all draws: equal seeds give equal figures")
      ->capture_default_str();
  command->add_option("--alpha", numbers.alpha, "Level of the tests; intervals hold 1 - alpha")
      ->check(CLI::Range(0.0001, 0.5))
      ->capture_default_str();
  command->add_flag("--markdown", wanted->markdown, "Markdown instead of a terminal's text");
  command->callback([&options, &chosen, wanted] {
    chosen = [&options, wanted] { return compare_runs(*wanted, options); };
  });
}

}  // namespace assay::cli
