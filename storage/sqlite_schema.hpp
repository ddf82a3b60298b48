#pragma once

#include <cstdint>

#include "storage/sqlite_connection.hpp"

namespace assay::storage {

/// `PRAGMA application_id` of every ledger: "assy".
inline constexpr std::int64_t ledger_application_id = 0x61737379;

/// The version that this program reads and writes (`PRAGMA user_version`).
extern const std::int64_t newest_schema;

/// The SQL that leads from a version to the next one. REQUIRES: `0 <= version < newest_schema`.
const char* migration_from(std::int64_t version);

/// Makes an opened file a ledger of the newest version: checks that it is one (or empty), sets the
/// connection up, and runs the migrations that it lacks. A file that is not a ledger is not
/// touched.
expected<void> prepare_ledger(connection&);

}  // namespace assay::storage
