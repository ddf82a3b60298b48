#pragma once

#include <optional>

#include "actors/result_watcher.hpp"
#include "app/run/prepare.hpp"

namespace assay::app {

/// What watches the answers of the run while it goes on, with what the run has brought before. None
/// if that is switched off, or if only stored answers are judged.
expected<std::optional<actors::result_watcher_config>> recall_watching(storage::ledger&,
                                                                       const prepared_run&);

}  // namespace assay::app
