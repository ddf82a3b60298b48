#include <unistd.h>

#include <CLI/App.hpp>
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>

#include "app/cli/dry_run.hpp"
#include "app/cli/input.hpp"
#include "app/report/html.hpp"
#include "app/report/text.hpp"
#include "app/run/embedded_mocks.hpp"
#include "app/run/session.hpp"

namespace assay::cli {

namespace {

struct run_options {
  file_options input;
  bool dry_run = false;
  bool unsafe_no_sandbox = false;
};

struct finished_run {
  report::run_summary summary;
  int code = success;
};

std::string count_of(std::size_t n, const char* noun) {
  return std::to_string(n) + " " + noun + (n == 1 ? "" : "s");
}

constexpr std::size_t most_report_rows = 200;

/// Where the HTML report of a run goes.
std::filesystem::path report_path(const settings& all, const std::string& ledger,
                                  const storage::run_info& info) {
  auto folder = all.report_dir.empty() ? std::filesystem::path(ledger).parent_path()
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

void announce(const app::prepared_run& run, const globals& options) {
  if (options.quiet) return;
  auto had = run.plan.size() - run.missing_in_all;
  std::fprintf(stderr, "%s: %s, %zu in the ledger, %zu to do (run %lld, %s)\n",
               run.experiment.name.c_str(), count_of(run.plan.size(), "task").c_str(), had,
               run.missing.size(), static_cast<long long>(run.info.id), run.ledger_path.c_str());
  if (run.missing.empty())
    std::fprintf(stderr, "nothing is missing: every task has its outcome, no request is sent\n");
  for (const auto& line : run.plan.shortfalls()) std::fprintf(stderr, "note: %s\n", line.c_str());
  if (run.missing.size() < run.missing_in_all)
    std::fprintf(stderr, "note: max_tasks leaves %zu for the next run\n",
                 run.missing_in_all - run.missing.size());
}

int exit_code_of(const app::session_end& end, const report::run_summary& summary) {
  if (end.interrupted) return interrupted;
  auto budget = end.stopped_by.rfind("budget reached", 0) == 0;
  if (summary.counts.errors > 0 || (!end.stopped_by.empty() && !budget)) return some_errors;
  return summary.threshold_missed() ? threshold_missed : success;
}

/// Does what is missing, then sums up from the ledger.
expected<finished_run> finish(app::prepared_run& run, const globals& options,
                              const time_anchor& anchor) {
  app::session_end end;
  if (!run.missing.empty())
    end = app::run_session(run, {options.quiet, isatty(STDERR_FILENO) == 1}, anchor);
  if (!end.stopped_by.empty())
    std::fprintf(stderr, "stopped: %s\nrun the same command again to continue\n",
                 end.stopped_by.c_str());

  auto info = run.ledger->find_run(std::to_string(run.info.id));
  if (!info) return tl::make_unexpected(info.error());
  auto all_sent = run.missing.size() == run.missing_in_all;
  auto complete = all_sent && end.stopped_by.empty() && !end.interrupted;
  info->state = complete ? storage::run_state::finished : storage::run_state::interrupted;
  auto now = anchor.unix_ns(std::chrono::steady_clock::now());
  if (!run.missing.empty() || info->ended_unix_ns == 0) info->ended_unix_ns = now;
  auto summary = report::summarise(*run.ledger, *info);
  if (!summary) return tl::make_unexpected(summary.error());
  auto ended =
      run.ledger->end_run(info->id, info->state, info->ended_unix_ns, report::to_json(*summary));
  if (!ended) return tl::make_unexpected(ended.error());
  auto code = exit_code_of(end, *summary);
  return finished_run{std::move(*summary), code};
}

/// One experiment from plan to report; its exit code.
int run_experiment(const settings& all, const experiment_settings& experiment,
                   const globals& options) {
  auto anchor = app::anchor_now();
  auto path = ledger_of(options, all);
  auto run = app::prepare(all, experiment, path, anchor);
  if (!run) {
    print_problems(run.error());
    return usage_error;
  }
  announce(*run, options);
  auto done = finish(*run, options, anchor);
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
  auto all = load_selected(wanted.input, options);
  if (!all) return usage_error;
  if (wanted.dry_run) return dry_run(*all, options);
  for (auto& judge : all->judges) judge.programs.unsafe = wanted.unsafe_no_sandbox;
  app::block_stop_signals();
  auto mocks = app::start_embedded_mocks(std::move(*all));
  if (!mocks) {
    print_problems(mocks.error());
    return usage_error;
  }
  int worst = success;
  for (const auto& experiment : mocks->config.experiments) {
    auto code = run_experiment(mocks->config, experiment, options);
    if (code == interrupted) return code;
    if (worst == success || code == usage_error) worst = code != success ? code : worst;
  }
  return worst;
}

}  // namespace

void add_run(CLI::App& app, globals& options, action& chosen) {
  auto wanted = std::make_shared<run_options>();
  auto* command = app.add_subcommand(
      "run", "Run the experiments of a file: send what the ledger lacks, judge, and report");
  add_file_options(*command, wanted->input);
  command->add_flag("--dry-run", wanted->dry_run, "Only show what would be sent (as `assay plan`)");
  command->add_flag("--unsafe-no-sandbox", wanted->unsafe_no_sandbox,
                    "Run programs of models with your own rights, where there is no bubblewrap; "
                    "their verdicts say so");
  command->callback([&options, &chosen, wanted] {
    chosen = [&options, wanted] { return run(*wanted, options); };
  });
}

}  // namespace assay::cli
