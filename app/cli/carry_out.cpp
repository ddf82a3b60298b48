#include "app/cli/carry_out.hpp"

#include <unistd.h>

#include <cstdio>

namespace assay::cli {

namespace {

std::string count_of(std::size_t n, const char* noun) {
  return std::to_string(n) + " " + noun + (n == 1 ? "" : "s");
}

int exit_code_of(const app::session_end& end, const report::run_summary& summary) {
  if (end.interrupted) return interrupted;
  auto budget = end.stopped_by.rfind("budget reached", 0) == 0;
  if (summary.counts.errors > 0 || (!end.stopped_by.empty() && !budget)) return some_errors;
  return summary.threshold_missed() ? threshold_missed : success;
}

/// A run whose stop rule was met has left tasks that are not missing; what is not precise enough,
/// since errors turned out otherwise when they were asked again, goes on the next time.
bool complete(const app::prepared_run& run, const app::session_end& end,
              const report::run_summary& summary) {
  if (!end.stopped_by.empty() || end.interrupted) return false;
  if (summary.stopping && summary.counts.missing > 0) return false;
  return run.missing.size() == run.missing_in_all || summary.counts.missing == 0;
}

void announce_stop(const report::run_summary& summary) {
  if (!summary.stopping) return;
  const auto& stopping = *summary.stopping;
  for (const auto& known : stopping.models)
    if (known.stopped)
      std::fprintf(stderr, "stopped: %s\n",
                   report::describe(known, stopping.rule, stopping.models.size() > 1).c_str());
}

}  // namespace

void announce(const app::prepared_run& run, const globals& options) {
  if (options.quiet) return;
  auto had = run.plan.size() - run.spared - run.missing_in_all;
  std::fprintf(stderr, "%s: %s, %zu in the ledger, %zu to do (run %lld, %s)\n",
               run.experiment.name.c_str(), count_of(run.plan.size(), "task").c_str(), had,
               run.missing.size(), static_cast<long long>(run.info.id), run.ledger_path.c_str());
  if (run.owed > 0)
    std::fprintf(stderr, "judges are to ask models for %s\n",
                 count_of(run.owed, "verdict").c_str());
  else if (run.missing.empty() && run.spared == 0)
    std::fprintf(stderr, "nothing is missing: every task has its outcome, no request is sent\n");
  if (run.spared > 0)
    std::fprintf(stderr, "note: stop_when leaves %s unasked: what is known is precise enough\n",
                 count_of(run.spared, "task").c_str());
  for (const auto& line : run.plan.shortfalls()) std::fprintf(stderr, "note: %s\n", line.c_str());
  if (run.missing.size() < run.missing_in_all)
    std::fprintf(stderr, "note: max_tasks leaves %zu for the next run\n",
                 run.missing_in_all - run.missing.size());
}

expected<finished_run> carry_out(app::prepared_run& run, const globals& options,
                                 const time_anchor& anchor, app::stage& where) {
  app::session_end end;
  app::session_options display{options.quiet, isatty(STDERR_FILENO) == 1};
  if (!app::nothing_to_do(run)) end = where.run(run, display, anchor);
  if (!end.stopped_by.empty())
    std::fprintf(stderr, "stopped: %s\nrun the same command again to continue\n",
                 end.stopped_by.c_str());

  auto info = run.ledger->find_run(std::to_string(run.info.id));
  if (!info) return tl::make_unexpected(info.error());
  auto now = anchor.unix_ns(where.now().steady);
  if (!app::nothing_to_do(run) || info->ended_unix_ns == 0) info->ended_unix_ns = now;
  auto summary = report::summarise(*run.ledger, *info);
  if (!summary) return tl::make_unexpected(summary.error());
  info->state =
      complete(run, end, *summary) ? storage::run_state::finished : storage::run_state::interrupted;
  summary->run.state = info->state;
  if (!options.quiet) announce_stop(*summary);
  auto ended =
      run.ledger->end_run(info->id, info->state, info->ended_unix_ns, report::to_json(*summary));
  if (!ended) return tl::make_unexpected(ended.error());
  auto code = exit_code_of(end, *summary);
  return finished_run{std::move(*summary), code};
}

}  // namespace assay::cli
