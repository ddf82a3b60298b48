#pragma once

#include <string>

#include "app/report/document.hpp"

namespace assay::report {

/// The document for a terminal: at most 80 columns, aligned, without colour.
std::string to_text(const document&);

/// The summary for a terminal, long tables cut.
std::string to_text(const run_summary&);

/// One table for a terminal.
std::string to_text(const table&);

/// One task in full: prompt, answer, verdicts, and the time line of each attempt. What a terminal
/// would obey in a model's text is shown instead.
std::string to_text(const storage::ledger_row&);

}  // namespace assay::report
