#pragma once

#include <string_view>
#include <vector>

#include "actors/conductor.hpp"
#include "messages/problem.hpp"
#include "messages/settings.hpp"
#include "storage/ledger.hpp"

namespace assay::app {

/// The conductor of the experiment's mode, if its samples take several calls; then one for each of
/// its judges that asks models.
checked<std::vector<actors::conductor_config>> make_conductors(const settings&,
                                                               const experiment_settings&);

/// Whether a sample takes several calls in that mode.
bool takes_several_calls(std::string_view mode);

/// What the ledger holds for a conductor of the run: the calls that are paid for of samples without
/// an outcome, or the answers without a verdict of today's version and the calls made for it.
expected<actors::conductor_memory> recall_steps(storage::ledger&, storage::run_id,
                                                const actors::conductor_config&);

}  // namespace assay::app
