#pragma once

#include <vector>

#include "storage/ledger.hpp"

namespace assay::report {

/// The model calls that a task took besides its own request, oldest first.
struct task_calls {
  std::vector<storage::ledger_row> steps;      ///< of an agent or an extraction
  std::vector<storage::ledger_row> questions;  ///< of judges about its answer
};

/// What the ledger holds of them.
expected<task_calls> calls_of(storage::ledger&, const task& asked);

/// The conversation as far as it has come: each step holds all that was said before it.
const std::vector<chat_message>& conversation(const storage::ledger_row&, const task_calls&);

}  // namespace assay::report
