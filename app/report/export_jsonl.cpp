#include <ostream>

#include "app/report/export.hpp"

namespace assay::report {

expected<void> export_jsonl(storage::ledger& ledger, const storage::run_info& run,
                            std::ostream& out) {
  return ledger.rows(run.id,
                     [&](const storage::ledger_row& row) { out << to_json(row, run) << '\n'; });
}

}  // namespace assay::report
