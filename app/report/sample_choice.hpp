#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "app/report/summary.hpp"
#include "storage/ledger.hpp"

namespace assay::report {

/// Rows that a reader of a report looks at, spread over the cells of the run.
struct sample_choice {
  std::string judge;  ///< by whose verdicts `wrong` and `right` are told apart; empty if none
  std::vector<storage::ledger_row> failed;  ///< in error, refused or filtered
  std::vector<storage::ledger_row> wrong;   ///< scored below 0.5
  std::vector<storage::ledger_row> right;
  std::size_t all_failed = 0;  ///< how many there are, of which the above are shown
  std::size_t all_wrong = 0;
  std::size_t all_right = 0;
};

/// Picks at most 40 failed, 30 wrong and 15 right rows, the first ones of each cell (4, 3 and 1 a
/// cell), in plan order.
expected<sample_choice> choose_samples(storage::ledger&, const run_summary&);

}  // namespace assay::report
