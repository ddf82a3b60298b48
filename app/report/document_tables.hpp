#pragma once

#include <vector>

#include "app/report/document.hpp"

/// The tables of a report, each from the summary alone. A table without rows is not shown.
namespace assay::report {

/// Entries that sort by their number.
table_cell count_entry(std::size_t, tone = tone::plain);
table_cell seconds_entry(double);
table_cell usd_entry(usd);
table_cell score_entry(std::optional<double>);

/// Each judge over all tasks, then each way to cut that says more than the one before.
std::vector<table> score_tables_of(const run_summary&);
/// The models of the run, best first, a table a judge.
std::vector<table> leaderboard_tables_of(const run_summary&);
/// Judges that ask models: how they agreed and what they cost; then each panel.
std::vector<table> panel_tables_of(const run_summary&);
/// How precise each model's mean is, of a run with a stop rule.
table stopping_table(const run_summary&);
table threshold_table(const run_summary&);
/// Changes in the stream of answers.
table notice_table(const run_summary&);
/// Tasks in error and failed attempts by class.
table error_table(const run_summary&);
/// Time taken against the least time that the limits allow.
table speed_table(const run_summary&);
table found_limits_table(const run_summary&);
table latency_table(const run_summary&);
table provider_table(const run_summary&);
/// Calls saved and sent twice; empty if every task was asked in a call of its own.
table call_table(const run_summary&);

}  // namespace assay::report
