#pragma once

#include "storage/connection.hpp"
#include "storage/ledger.hpp"

/// What outlives a process of an account: what is known of its limits, and the batches that it was
/// handed. See `ledger` for what each promises.
namespace assay::storage {

expected<void> save_limits_row(connection&, run_id, const account_limits&);
expected<std::vector<account_limits>> limits_rows(connection&, run_id);
expected<std::optional<account_limits>> newest_limits_row(connection&, const std::string& account);

expected<std::int64_t> add_batch_row(connection&, const provider_batch&);
expected<void> change_batch_row(connection&, std::int64_t id, batch_state,
                                const std::string& batch_id, std::int64_t unix_ns);
expected<std::vector<provider_batch>> open_batch_rows(connection&, run_id);

}  // namespace assay::storage
