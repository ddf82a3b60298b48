#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "app/report/calls_of_task.hpp"
#include "messages/problem.hpp"
#include "storage/ledger.hpp"

/// A run for other programs. Rows are written as they are read: memory does not grow with the run.
/// Whatever bytes an answer holds, the output is valid UTF-8.
namespace assay::report {

/// One JSON object a line with everything that is known of a task: sample, request, outcome, every
/// attempt with its time line, every verdict. Times are UTC, durations seconds, money USD.
expected<void> export_jsonl(storage::ledger&, const storage::run_info&, std::ostream&);

/// The line of one task, without a line break.
std::string to_json(const storage::ledger_row&, const storage::run_info&);

/// The same with `transcript`, the conversation as far as it came, `steps` and `questions`.
std::string to_json(const storage::ledger_row&, const storage::run_info&, const task_calls&);

/// CSV (RFC 4180: CRLF, quotes doubled) with one line a task; each judge has the columns
/// `score_NAME` and `extracted_NAME`.
expected<void> export_csv(storage::ledger&, const storage::run_info&, std::ostream&);

/// The layout of lm-evaluation-harness below `folder`: for each model a folder with
/// `results_<date>.json` and one `samples_<task>_<date>.jsonl` for each dataset (and prompt, if
/// there are several). The date is that of the run's start, so that a second export replaces the
/// first. Gives the paths written. Tasks that no judge scored are left out, as that format has no
/// place for them; `n-samples` tells how many there are.
expected<std::vector<std::string>> export_lm_eval(storage::ledger&, const storage::run_info&,
                                                  const std::string& folder);

}  // namespace assay::report
