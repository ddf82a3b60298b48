#pragma once

#include "actors/supervisor.hpp"
#include "app/run/prepare.hpp"

namespace assay::app {

/// The actors of a prepared run over its ledger, without a transport: that is the caller's.
/// REQUIRES: the run outlives them.
actors::supervisor_config tree_of(const prepared_run&, const time_anchor&);

}  // namespace assay::app
