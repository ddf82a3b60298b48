#pragma once

#include "storage/connection.hpp"
#include "storage/ledger.hpp"

/// The table of runs. See `ledger` for what each promises.
namespace assay::storage {

expected<run_info> open_run_row(connection&, const run_info& wanted);
expected<void> end_run_row(connection&, run_id, run_state, std::int64_t unix_ns,
                           const std::string& summary_json);
expected<std::vector<run_info>> all_runs(connection&);
expected<run_info> run_named(connection&, const std::string& name);

}  // namespace assay::storage
