#pragma once

#include "storage/archive.hpp"

namespace assay::storage {

struct restored_run {
  run_id run = 0;
  std::string experiment;
  bool was_there = false;          ///< nothing was changed
  std::int64_t tasks = 0;          ///< of the run
  std::int64_t other_answers = 0;  ///< tasks to which the ledger holds another answer, which stays
};

/// Reads the archive at `path` into a ledger in one transaction, under the run's old id if that is
/// free. A run that is there already is left alone. What the ledger holds stays: answers are
/// shared, and none is replaced; an outcome in error is replaced by an answer.
expected<restored_run> restore_archive(ledger&, const std::string& path);

}  // namespace assay::storage
