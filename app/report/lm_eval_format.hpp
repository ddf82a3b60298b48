#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "app/report/setup.hpp"
#include "storage/ledger.hpp"

/// How lm-evaluation-harness names and lays out what it writes (its `evaluation_tracker.py`).
/// Included by the export only: it brings the JSON header with it.
namespace assay::report::lm_eval {

/// The harness's own rule: a run of characters that file systems dislike becomes `__`. Control
/// characters and names that mean another folder go the same way.
std::string file_name(std::string_view);

/// When the run started. Colons do not go into file names, and the harness cuts names at the last
/// `_`.
std::string date_of(const storage::run_info&);

/// The name under which the harness's readers know what a judge measures.
std::string metric_of(const judge_setup&);

/// Never fails: bytes that are not UTF-8 are replaced.
std::string text_of(const nlohmann::ordered_json&, int indent = -1);

/// The generation options of a request, in the harness's words.
nlohmann::ordered_json generation_of(const chat_request&);

/// One line of `samples_*.jsonl`: a task with one judge's verdict; the judge is the filter.
nlohmann::ordered_json sample_line(const storage::ledger_row&, const verdict&,
                                   const std::string& metric, std::size_t doc_id);

}  // namespace assay::report::lm_eval
