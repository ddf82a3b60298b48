#pragma once

#include <cstdint>

namespace assay::storage {

/// The version that this program reads and writes.
extern const std::int64_t newest_schema;

/// The SQL that leads from a version to the next one, in the words of SQLite (`to_postgres_schema`
/// for the other database). REQUIRES: `0 <= version < newest_schema`.
const char* migration_from(std::int64_t version);

}  // namespace assay::storage
