#include "app/report/document.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "app/report/document_tables.hpp"
#include "app/report/figures.hpp"

namespace assay::report {

namespace {

std::string outcomes_text(const outcome_counts& counts) {
  std::string text;
  auto add = [&](std::size_t n, const char* what) {
    if (n > 0) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", show_count(n), what);
  };
  add(counts.answered, "answered");
  add(counts.refused, "refused");
  add(counts.filtered, "filtered");
  add(counts.errors, "in error");
  add(counts.missing, "missing");
  add(counts.spared, "not needed");
  return text.empty() ? "none" : text;
}

std::vector<fact> facts_of(const run_summary& summary) {
  const auto& counts = summary.counts;
  const bool whole = counts.errors + counts.missing == 0;
  std::vector<fact> facts;
  facts.push_back({"state", std::string(storage::to_string(summary.run.state)),
                   summary.run.state == storage::run_state::finished ? tone::plain : tone::bad});
  facts.push_back({"started", show_utc(summary.run.started_unix_ns), tone::plain});
  facts.push_back({"tasks", show_count(counts.tasks), tone::plain});
  facts.push_back({"outcomes", outcomes_text(counts), whole ? tone::plain : tone::bad});
  if (summary.reused > 0)
    facts.push_back({"reused", show_count(summary.reused) + " from earlier runs", tone::plain});
  if (summary.calls.saved() > 0)
    facts.push_back(
        {"calls",
         fmt::format("{:.0f}, {:.0f} saved ({} cached, {} joined, {:.0f} by sharing)",
                     summary.calls.calls, summary.calls.saved(), summary.calls.cache_hits,
                     summary.calls.coalesced, summary.calls.shared),
         tone::plain});
  const auto of_judges = summary.judges_cost();
  facts.push_back({"cost",
                   show_usd(summary.cost) +
                       (of_judges.value > 0 ? ", " + show_usd(of_judges) + " of it by judges" : ""),
                   tone::plain});
  facts.push_back(
      {"tokens",
       fmt::format("{} in, {} out", show_count(static_cast<std::uint64_t>(summary.input_tokens)),
                   show_count(static_cast<std::uint64_t>(summary.output_tokens))),
       tone::plain});
  if (summary.speed.tasks == 0) return facts;
  facts.push_back({"time", show_seconds(summary.speed.makespan_s), tone::plain});
  if (auto ratio = summary.speed.ratio())
    facts.push_back({"least time",
                     fmt::format("{} ({}), ratio {}", show_seconds(summary.speed.least.seconds),
                                 summary.speed.least.binds, show_ratio(*ratio)),
                     tone::plain});
  return facts;
}

std::vector<std::string> remarks_of(const run_summary& summary) {
  std::vector<std::string> remarks;
  const auto& counts = summary.counts;
  if (counts.missing > 0)
    remarks.push_back(
        fmt::format("{} of {} tasks have no outcome yet; running the experiment again "
                    "does only these",
                    show_count(counts.missing), show_count(counts.tasks)));
  if (counts.errors > 0)
    remarks.push_back(
        fmt::format("{} of {} tasks ended in error: they are left out of every mean and "
                    "lower the coverage; running the experiment again asks them again",
                    show_count(counts.errors), show_count(counts.tasks)));
  if (summary.stopping)
    for (const auto& known : summary.stopping->models)
      if (known.stopped)
        remarks.push_back("stopped: " + describe(known, summary.stopping->rule,
                                                 summary.stopping->models.size() > 1));
  for (const auto& check : summary.thresholds)
    if (check.missed())
      remarks.push_back(fmt::format("threshold missed: {} is {}, wanted at least {}", check.judge,
                                    check.mean ? show_score(*check.mean) : "not scored",
                                    show_score(check.least)));
  return remarks;
}

void cut_rows(table& wide, std::size_t most_rows) {
  if (wide.rows.size() <= most_rows) return;
  wide.notes.push_back(fmt::format("{} more rows are left out here; --json has all of them",
                                   show_count(wide.rows.size() - most_rows)));
  wide.rows.resize(most_rows);
}

}  // namespace

document describe(const run_summary& summary, std::size_t most_rows) {
  document result;
  result.title = fmt::format("{}, run {}", summary.run.experiment, summary.run.id);
  result.facts = facts_of(summary);
  result.remarks = remarks_of(summary);
  result.tables = score_tables_of(summary);
  auto boards = leaderboard_tables_of(summary);
  const auto after_overall = result.tables.begin() + (result.tables.empty() ? 0 : 1);
  result.tables.insert(after_overall, std::make_move_iterator(boards.begin()),
                       std::make_move_iterator(boards.end()));
  for (auto& made : panel_tables_of(summary)) result.tables.push_back(std::move(made));
  for (auto* make : {stopping_table, threshold_table, notice_table, error_table, speed_table,
                     found_limits_table, latency_table, provider_table, call_table}) {
    auto made = make(summary);
    if (!made.rows.empty()) result.tables.push_back(std::move(made));
  }
  for (auto& wide : result.tables) cut_rows(wide, most_rows);
  return result;
}

}  // namespace assay::report
