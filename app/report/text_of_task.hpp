#pragma once

#include <string>

#include "app/report/calls_of_task.hpp"

namespace assay::report {

/// One task in full, as `to_text` gives it, with the steps of an agent: the whole conversation with
/// its tool calls and their results, and what each step took; and what judges asked models.
std::string to_text(const storage::ledger_row&, const task_calls&);

}  // namespace assay::report
