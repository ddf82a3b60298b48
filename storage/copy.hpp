#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "storage/ledger.hpp"

namespace assay::storage {

/// What a copy did with one table.
struct copied_table {
  std::string name;
  std::int64_t rows = 0;   ///< in the source
  std::int64_t added = 0;  ///< that the target did not have
};

/// Copies all records of a ledger into another one, of whatever database, with their ids: into an
/// empty one, or into one that a copy of the same ledger has begun to fill. Repeating it adds what
/// is new in the source. Then reads both again and compares row by row: a target that holds
/// anything else is a problem. `told` is called after each table.
///
/// REQUIRES: nobody else writes to either of them meanwhile.
expected<std::vector<copied_table>> copy_ledger(
    ledger& from, ledger& to, const std::function<void(const copied_table&)>& told);

}  // namespace assay::storage
