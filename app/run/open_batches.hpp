#pragma once

#include <map>
#include <string>
#include <vector>

#include "actors/batch_desk.hpp"
#include "evaluation/plan.hpp"
#include "storage/ledger.hpp"

namespace assay::app {

/// The batches that an earlier start of the run left open at its providers, each with those of its
/// tasks that still have no answer.
expected<std::vector<actors::held_batch>> open_batches(storage::ledger&, storage::run_id);

/// Which provider holds a task already, by position in the plan: nobody else may be asked for it.
std::map<std::uint32_t, std::string> holders(const std::vector<actors::held_batch>&,
                                             const evaluation::plan&,
                                             const std::vector<std::uint32_t>& missing);

}  // namespace assay::app
