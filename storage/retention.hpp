#pragma once

#include <vector>

#include "storage/ledger.hpp"

namespace assay::storage {

/// Which runs are old.
struct retention_rule {
  milliseconds older_than{0};   ///< since they last ended, or started if they never ended
  std::size_t keep_latest = 0;  ///< newest runs of each experiment, however old
};

/// The old ones among `newest_first`, oldest first. REQUIRES: what `ledger::runs` gives.
std::vector<run_info> old_runs(const std::vector<run_info>& newest_first, const retention_rule&,
                               std::int64_t now_unix_ns);

}  // namespace assay::storage
