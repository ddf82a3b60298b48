#pragma once

#include <cstdint>
#include <string>

#include "messages/problem.hpp"

namespace assay::storage {

struct migrated {
  std::int64_t from = 0;  ///< version of the schema; 0: there was no ledger
  std::int64_t to = 0;
};

/// Brings a ledger to the newest version, as opening it would, and tells what that was.
expected<migrated> migrate_ledger(const std::string& where);

}  // namespace assay::storage
