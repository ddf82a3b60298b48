#pragma once

#include "storage/migrations.hpp"
#include "storage/postgres_connection.hpp"

namespace assay::storage {

/// The version of the ledger in an opened connection's schema; 0 if there is none.
expected<std::int64_t> version_of(postgres_connection&);

/// Makes the schema of an opened connection (`current_schema()`) a ledger of the newest version:
/// checks that it is one (or empty), and runs the migrations that it lacks. A schema that holds
/// something else is not touched.
expected<void> prepare_ledger(postgres_connection&);

}  // namespace assay::storage
