#pragma once

#include "storage/connection.hpp"
#include "storage/ledger.hpp"

namespace assay::storage {

/// Which answers may be copied; see `ledger::take_cached`.
struct copy_rules {
  cache_settings wanted;
  std::int64_t now_unix_ns = 0;
  bool also_combined = false;
};

/// Gives missing tasks of the run the answers to equal requests.
///
/// Invariants: only originals are copied, never copies, so that age and provider are those of the
/// exchange that took place; an answer is never replaced; all copies are written or none.
expected<std::size_t> copy_answers(connection&, run_id, const copy_rules&);

}  // namespace assay::storage
