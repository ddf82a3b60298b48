#include <CLI/App.hpp>
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>

#include "app/cli/carry_out.hpp"
#include "app/cli/dry_run.hpp"
#include "app/cli/input.hpp"
#include "app/cli/run.hpp"
#include "app/report/html.hpp"
#include "app/report/text.hpp"
#include "app/run/embedded_mocks.hpp"
#include "app/run/session.hpp"

namespace assay::cli {

namespace {

constexpr std::size_t most_report_rows = 200;

/// Where the HTML report of a run goes.
std::filesystem::path report_path(const settings& all, const std::string& ledger,
                                  const storage::run_info& info) {
  auto folder = all.report_dir.empty() ? folder_beside(ledger)
                                       : std::filesystem::path(all.report_dir);
  return folder / (info.experiment + "-run" + std::to_string(info.id) + ".html");
}

expected<void> write_report(const std::filesystem::path& path, storage::ledger& ledger,
                            const report::run_summary& summary) {
  std::error_code ignored;
  std::filesystem::create_directories(path.parent_path(), ignored);
  auto samples = report::choose_samples(ledger, summary);
  if (!samples) return tl::make_unexpected(samples.error());
  std::ofstream out(path, std::ios::binary);
  out << report::to_html(report::describe(summary, most_report_rows), *samples);
  out.close();
  if (!out) return fail(path.string(), "the report cannot be written", "is the folder writable?");
  return {};
}

/// One experiment from plan to report; its exit code.
int run_experiment(const settings& all, const experiment_settings& experiment,
                   const globals& options, const app::session_home* home) {
  auto anchor = app::anchor_now();
  auto path = ledger_of(options, all);
  auto only_nodes_call = home && home->places_here == 0;
  app::run_manner manner;
  if (only_nodes_call) manner.keys = app::key_holder::nodes;
  if (home) manner.term = home->term;
  auto run = app::prepare(all, experiment, path, anchor, manner);
  if (!run) {
    print_problems(run.error());
    return usage_error;
  }
  announce(*run, options);
  auto done = carry_out(*run, options, anchor, home);
  if (!done) {
    print_problems({done.error()});
    return some_errors;
  }
  auto html = report_path(all, path, done->summary.run);
  auto written = write_report(html, *run->ledger, done->summary);
  if (options.json) {
    std::printf("%s\n", report::to_json(done->summary).c_str());
  } else {
    std::printf("%s", report::to_text(done->summary).c_str());
    if (written) std::printf("\nreport: %s\n", html.c_str());
  }
  if (!written) print_problems({written.error()});
  return done->code;
}

int run(const run_options& wanted, const globals& options) {
  if (!wanted.dry_run) return run_file(wanted, options, {});
  auto all = load_selected(wanted.input, options);
  return all ? dry_run(*all, options) : usage_error;
}

}  // namespace

int run_file(const run_options& wanted, const globals& options, const make_home& home) {
  auto all = load_selected(wanted.input, options);
  if (!all) return usage_error;
  for (auto& judge : all->judges) judge.programs.unsafe = wanted.unsafe_no_sandbox;
  app::block_stop_signals();
  auto mocks = app::start_embedded_mocks(std::move(*all));
  if (!mocks) {
    print_problems(mocks.error());
    return usage_error;
  }
  std::optional<home_or_code> here;
  if (home) here.emplace(home(mocks->config));
  if (here && !*here) return here->error();
  int worst = success;
  for (const auto& experiment : mocks->config.experiments) {
    auto code = run_experiment(mocks->config, experiment, options, here ? &**here : nullptr);
    if (code == interrupted) return code;
    if (worst == success || code == usage_error) worst = code != success ? code : worst;
  }
  return worst;
}

void add_run_options(CLI::App& command, run_options& wanted) {
  add_file_options(command, wanted.input);
  command.add_flag("--unsafe-no-sandbox", wanted.unsafe_no_sandbox,
                   "Run programs of models with your own rights, where there is no bubblewrap; "
                   "their verdicts say so");
}

void add_run(CLI::App& app, globals& options, action& chosen) {
  auto wanted = std::make_shared<run_options>();
  auto* command = app.add_subcommand(
      "run", "Run the experiments of a file: send what the ledger lacks, judge, and report");
  add_run_options(*command, *wanted);
  command->add_flag("--dry-run", wanted->dry_run, "Only show what would be sent (as `assay plan`)");
  command->callback([&options, &chosen, wanted] {
    chosen = [&options, wanted] { return run(*wanted, options); };
  });
}

}  // namespace assay::cli
