#pragma once

#include <map>
#include <string>
#include <vector>

#include "app/demo/wishes.hpp"
#include "app/report/summary.hpp"

namespace assay::demo {

/// What came of one task. Depends on the wishes alone, never on where or when it was asked.
struct answer_row {
  std::string experiment;
  cell where;
  std::string sample;
  std::string status;
  std::vector<std::pair<std::string, std::optional<double>>> scores;
};

/// All that a demo has brought.
struct results {
  std::string mode;
  std::size_t workers = 0;
  wishes made_from;
  std::vector<report::run_summary> runs;  ///< in the order of the file
  std::vector<answer_row> answers;
  std::map<std::string, std::size_t> calls_of_nodes;
};

/// Reads the runs of the ledger.
expected<results> read_results(storage::ledger&, const wishes&, const std::string& mode,
                               std::size_t workers);

/// For people: rankings and summary, which are equal in every mode, then what this time took.
std::string to_text(const results&);

/// For machines: the same, and every answer.
std::string to_json(const results&);

}  // namespace assay::demo
