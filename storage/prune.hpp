#pragma once

#include <cstdint>
#include <string>

#include "storage/archive_format.hpp"

namespace assay::storage {

struct pruned_run {
  std::int64_t tasks = 0;  ///< that are gone
  std::int64_t kept = 0;   ///< of the run's tasks, that other runs rest on
};

/// A problem if the run has a batch at a provider that is not collected.
expected<void> check_collected(ledger&, run_id);

/// Removes a run from the ledger in one transaction: all but what other runs rest on (`run_scope`).
/// If `archive` is not null, the ledger must hold just what that says: nothing that was recorded
/// after it was archived is removed. A problem, too: the run has batches at a provider that are not
/// collected.
///
/// REQUIRES: the run's lock.
expected<pruned_run> prune_run(ledger&, run_id, const archive_header* archive);

/// How much a ledger takes, and what became of the space of what was removed.
struct space {
  std::int64_t before = 0;  ///< bytes
  std::int64_t after = 0;
  bool busy = false;  ///< a run is going on, so nothing was given back: later runs use the space
};

/// Gives the space of removed records back: to the file system from a file, to the server's own
/// use there.
expected<space> give_back_space(ledger&);

}  // namespace assay::storage
