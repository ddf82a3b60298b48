#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "app/report/document.hpp"
#include "storage/ledger.hpp"

/// How many calls a run took, and how many it did not need (docs/fewer_calls.md).
namespace assay::report {

/// The records of one attempt or outcome at a time, added up.
class usage_counter {
 public:
  /// In the order of the ledger: attempts of a task one after the other.
  void add(const storage::attempt_row&);
  void add(const storage::score_row&);

  const call_usage& total() const { return total_; }
  const std::map<std::string, call_usage>& by_provider() const { return by_provider_; }
  const std::map<std::string, call_usage>& by_model() const { return by_model_; }

 private:
  call_usage total_;
  std::map<std::string, call_usage> by_provider_;
  std::map<std::string, call_usage> by_model_;
  task_key answered_;  ///< the task that the last answer was for
};

/// Reads the run's records.
expected<usage_counter> count_usage(storage::ledger&, storage::run_id);

/// A row for each name, and their sum if there are several. `group` names the first column.
table usage_table(const std::string& group, const std::map<std::string, call_usage>&,
                  const call_usage& total);

}  // namespace assay::report
