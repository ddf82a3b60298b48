#pragma once

#include <memory>
#include <string>
#include <vector>

#include "actors/provider.hpp"
#include "messages/problem.hpp"
#include "storage/ledger.hpp"

namespace assay::app {

/// The accounts of a run, made ours: no other process of this ledger sends to them meanwhile.
/// Fails with the other process's id.
expected<std::vector<std::unique_ptr<storage::account_lock>>> lock_accounts(
    storage::ledger&, const std::vector<actors::account_access_ptr>&);

/// Keeps in the ledger what the run has found out about the limits of its accounts so far.
expected<void> note_limits(storage::ledger&, storage::run_id,
                           const std::vector<actors::account_access_ptr>&,
                           const std::vector<provider_status>&, const time_anchor&, instant now);

/// What runs of the last week found out about the limits of a provider's account; of each, `left`
/// is what has come free if the account has been idle for so long.
expected<known_limits> limits_found_before(storage::ledger&, const provider_settings&,
                                           const time_anchor&,
                                           duration idle = std::chrono::minutes(1));

/// Whether a run of the ledger ended so (`kill -9`, loss of power), or is still under way
/// elsewhere.
expected<bool> ended_without_a_word(storage::ledger&);

/// What was sent to the accounts lately, by any run in the ledger, oldest first, for limits whose
/// windows have not passed yet. If a run ended without a word (`kill -9`, loss of power), as many
/// requests as an account may have in flight are taken to have been sent just now: more cannot be
/// missing, since an outcome keeps its slot until it is durable. With it goes what was found out
/// about their limits within the last week.
expected<std::vector<actors::account_memory>> recall(storage::ledger&,
                                                     const std::vector<actors::account_access_ptr>&,
                                                     const time_anchor&, bool ended_without_a_word);

}  // namespace assay::app
