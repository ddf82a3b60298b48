#include <CLI/App.hpp>
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>

#include "app/cli/dry_run.hpp"
#include "app/cli/input.hpp"
#include "app/cli/past_run.hpp"
#include "app/cli/run.hpp"
#include "app/report/html.hpp"
#include "app/report/text.hpp"

namespace assay::cli {

namespace {

constexpr std::size_t most_report_rows = 200;

/// Where the HTML report of a run goes.
std::filesystem::path report_path(const settings& all, const std::string& ledger,
                                  const storage::run_info& info) {
  std::filesystem::path folder = all.report_dir;
  if (folder.empty()) folder = folder_beside(ledger);
  return folder / file_name(info, ".html");
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
int run_experiment(const experiment_settings& experiment, const globals& options, app::stage& where,
                   const show_run& show) {
  const auto& all = where.config();
  auto path = ledger_of(options, all);
  auto anchor = where.now();
  auto run = app::prepare(all, experiment, path, anchor, where.manner());
  if (!run) {
    print_problems(run.error());
    return usage_error;
  }
  announce(*run, options);
  auto done = carry_out(*run, options, anchor, where);
  if (!done) {
    print_problems({done.error()});
    return some_errors;
  }
  auto html = report_path(all, path, done->summary.run);
  auto written = write_report(html, *run->ledger, done->summary);
  if (!written) html.clear();
  show(*done, html, options);
  if (!written) print_problems({written.error()});
  return done->code;
}

stage_or_code open_stage(settings all) {
  auto opened = app::real_stage(std::move(all));
  if (!opened) return refuse(opened.error());
  return std::move(*opened);
}

int run(const run_options& wanted, const globals& options) {
  if (!wanted.dry_run) return run_file(wanted, options, open_stage, print_report);
  auto all = load_selected(wanted.input, options);
  return all ? dry_run(*all, options) : usage_error;
}

}  // namespace

tl::unexpected<exit_code> refuse(const std::vector<problem>& problems) {
  print_problems(problems);
  return tl::make_unexpected(usage_error);
}

void print_report(const finished_run& done, const std::filesystem::path& html,
                  const globals& options) {
  if (options.json) {
    std::printf("%s\n", report::to_json(done.summary).c_str());
    return;
  }
  std::printf("%s", report::to_text(done.summary).c_str());
  if (!html.empty()) std::printf("\nreport: %s\n", html.c_str());
}

int run_file(const run_options& wanted, const globals& options, const make_stage& open,
             const show_run& show) {
  auto all = load_selected(wanted.input, options);
  if (!all) return usage_error;
  for (auto& judge : all->judges) judge.programs.unsafe = wanted.unsafe_no_sandbox;
  app::block_stop_signals();
  auto where = open(std::move(*all));
  if (!where) return where.error();
  int worst = success;
  for (const auto& experiment : (*where)->config().experiments) {
    auto code = run_experiment(experiment, options, **where, show);
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
