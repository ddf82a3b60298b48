#include "bench/evaluate/assay_run.hpp"

#include <algorithm>
#include <chrono>

#include "app/report/summary.hpp"
#include "app/run/prepare.hpp"
#include "app/run/session.hpp"
#include "bench/evaluate/process.hpp"
#include "bench/must.hpp"
#include "config/load.hpp"

namespace assay::bench {

namespace {

constexpr int warm_up = 10'000;

/// Adds the CPU time of its life to `total`.
class cpu_meter {
 public:
  explicit cpu_meter(double& total) : total_(total), start_(cpu_ms()) {}
  ~cpu_meter() { total_ += cpu_ms() - start_; }

 private:
  double& total_;
  double start_;
};

app::prepared_run prepare(const std::filesystem::path& file, const time_anchor& anchor) {
  auto all = must(config::load(file.string()));
  return must(app::prepare(all, all.experiments.front(), all.ledger, anchor));
}

void note_memory(const std::vector<reading>& readings, run_figures& into) {
  for (const auto& r : readings) {
    into.most_threads = std::max(into.most_threads, r.threads);
    if (into.early_mb == 0 && r.answered >= warm_up) into.early_mb = r.resident_mb;
  }
  into.start_mb = readings.front().resident_mb;
  into.late_mb = readings.back().resident_mb;
  into.peak_mb = peak_mb();
}

void run(const app::prepared_run& prepared, const time_anchor& anchor, const server_counts& counts,
         run_figures& into) {
  auto start = std::chrono::steady_clock::now();
  watch memory(counts);
  auto end = app::run_session(prepared, {.quiet = true, .terminal = false}, anchor);
  note_memory(memory.readings(), into);
  into.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  if (!end.stopped_by.empty()) give_up(problem{"the run", end.stopped_by, ""});
}

report::run_summary sum_up(const app::prepared_run& prepared, const time_anchor& anchor) {
  auto info = must(prepared.ledger->find_run(std::to_string(prepared.info.id)));
  auto summary = must(report::summarise(*prepared.ledger, info));
  must(prepared.ledger->end_run(info.id, storage::run_state::finished,
                                anchor.unix_ns(std::chrono::steady_clock::now()),
                                report::to_json(summary)));
  return summary;
}

void note(const report::run_summary& summary, run_figures& into) {
  into.answered = static_cast<int>(summary.counts.answered);
  into.errors = static_cast<int>(summary.counts.errors + summary.counts.missing);
  into.score = summary.scores.front().overall.value.mean;
  into.makespan_s = summary.speed.makespan_s;
  into.bound_s = summary.speed.least.seconds;
  for (const auto& provider : summary.providers)
    into.rate_limited += static_cast<int>(provider.count(error_class::rate_limited));
}

}  // namespace

run_figures run_assay(const std::filesystem::path& experiment_file, const server_counts& counts) {
  run_figures got;
  auto anchor = app::anchor_now();
  app::block_stop_signals();
  auto prepared = [&] {
    cpu_meter measure(got.prepare_ms);
    return prepare(experiment_file, anchor);
  }();
  {
    cpu_meter measure(got.session_ms);
    run(prepared, anchor, counts, got);
  }
  auto summary = [&] {
    cpu_meter measure(got.summary_ms);
    return sum_up(prepared, anchor);
  }();
  note(summary, got);
  return got;
}

}  // namespace assay::bench
