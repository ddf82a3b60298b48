#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "messages/batch.hpp"

/// How a batch is known again at the provider by whoever has its row of the ledger.
namespace assay::actors {

/// 16 hexadecimal digits that follow from the row and that no other batch has.
/// REQUIRES: the batch has a task.
std::string mark_of(const provider_batch&);

/// The id of a task's request in the batch with this mark: 49 of [0-9a-f-].
std::string custom_id(const task_key&, std::string_view mark);

/// The task of such an id, if it is of this batch.
std::optional<task_key> task_of(std::string_view custom_id, std::string_view mark);

}  // namespace assay::actors
