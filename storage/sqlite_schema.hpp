#pragma once

#include <cstdint>

#include "storage/migrations.hpp"
#include "storage/sqlite_connection.hpp"

namespace assay::storage {

/// `PRAGMA application_id` of every ledger: "assy".
inline constexpr std::int64_t ledger_application_id = 0x61737379;

/// Makes an opened file a ledger of the newest version: checks that it is one (or empty), sets the
/// connection up, and runs the migrations that it lacks. A file that is not a ledger is not
/// touched.
expected<void> prepare_ledger(sqlite_connection&);

}  // namespace assay::storage
