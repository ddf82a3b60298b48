#pragma once

#include <string>
#include <vector>

#include "storage/ledger.hpp"

namespace assay::report {

/// One task in full, as `to_text` gives it, with the steps of an agent: the whole conversation with
/// its tool calls and their results, and what each step took.
std::string to_text(const storage::ledger_row&, const std::vector<storage::ledger_row>& steps);

}  // namespace assay::report
