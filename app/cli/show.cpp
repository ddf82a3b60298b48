#include <CLI/CLI.hpp>
#include <cstdio>

#include "app/cli/past_run.hpp"
#include "app/report/export.hpp"
#include "app/report/summary.hpp"
#include "app/report/text.hpp"
#include "app/report/text_of_task.hpp"

namespace assay::cli {

namespace {

struct show_options {
  std::string run = "latest";
  std::string sample;
};

int show_run(past_run& run, bool json) {
  auto summary = report::summarise(*run.ledger, run.info);
  if (!summary) return complain(summary.error());
  const auto text = json ? report::to_json(*summary) + "\n" : report::to_text(*summary);
  std::fwrite(text.data(), 1, text.size(), stdout);
  return success;
}

int show_sample(past_run& run, const std::string& sample, bool json) {
  auto rows = run.ledger->find_rows(run.info.id, sample);
  if (!rows) return complain(rows.error());
  if (rows->empty())
    return complain({"run " + std::to_string(run.info.id),
                     "no sample has this id, and no key starts with it: `" + sample + "`",
                     "`assay export " + std::to_string(run.info.id) +
                         " --format csv --output -` lists them all"});
  bool first = true;
  for (const auto& row : *rows) {
    auto calls = report::calls_of(*run.ledger, row.what.asked);
    if (!calls) return complain(calls.error());
    auto text = json ? report::to_json(row, run.info, *calls) + "\n" : report::to_text(row, *calls);
    if (!first && !json) text = "\n" + std::string(80, '-') + "\n\n" + text;
    first = false;
    std::fwrite(text.data(), 1, text.size(), stdout);
  }
  return success;
}

int show(const show_options& wanted, const globals& options) {
  auto run = find_past_run(options, wanted.run);
  if (!run) return complain(run.error());
  return wanted.sample.empty() ? show_run(*run, options.json)
                               : show_sample(*run, wanted.sample, options.json);
}

}  // namespace

void add_show(CLI::App& app, globals& options, action& chosen) {
  auto wanted = std::make_shared<show_options>();
  auto* command = app.add_subcommand("show", "Show the summary of a run, or one of its samples");
  command->add_option("RUN", wanted->run, "Id, experiment name, or `latest`")
      ->capture_default_str();
  command->add_option("SAMPLE", wanted->sample, "Id of a sample, or the start of a task's key");
  command->callback([&options, &chosen, wanted] {
    chosen = [&options, wanted] { return show(*wanted, options); };
  });
}

}  // namespace assay::cli
