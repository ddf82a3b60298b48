#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "storage/connection.hpp"
#include "storage/ledger.hpp"

namespace assay::storage {

/// Builds whole rows (texts included) from their parts. The instants of a stored time line count
/// from the Unix epoch. A row that nobody can read becomes the connection's failure.
class row_loader {
 public:
  explicit row_loader(connection& db) : db_(db) {}

  /// A row of `run_tasks`.
  struct place {
    std::int64_t task = 0;
    std::int64_t cell = 0;
    std::int64_t sample = 0;
  };

  /// One row for each place, in the same order.
  std::vector<ledger_row> load(const std::vector<place>&);
  /// The samples of these places, to be read once each.
  void learn_samples(const std::vector<place>&);
  /// REQUIRES: learnt, and nothing else since.
  const sample& sample_of(std::int64_t id) { return samples_[id]; }
  const cell& cell_of(std::int64_t id);

 private:
  struct parameters {
    chat_request request;
    std::vector<std::string> providers;
  };

  const parameters& parameters_of(std::int64_t id);
  void read_task(const statement& row, const place&, ledger_row& into);
  void read_outcome(const statement& row, ledger_row& into);
  void read_attempt(const statement& row, attempt& into);
  api_error read_error(const statement& row, int column);

  connection& db_;
  std::map<std::int64_t, cell> cells_;
  std::map<std::int64_t, parameters> parameters_;
  std::unordered_map<std::int64_t, sample> samples_;  ///< those learnt last
};

/// The queries that give whole rows; see `ledger` for what each promises.
expected<void> visit_rows(connection&, run_id, const std::function<void(ledger_row)>& visit);
expected<std::vector<ledger_row>> rows_like(connection&, run_id, const std::string& what);
expected<void> visit_unanswered(connection&, run_id,
                                const std::function<void(const task_key&)>& visit);
expected<void> visit_steps(connection&, const task_key& parent,
                           const std::function<void(ledger_row)>& visit);
expected<void> visit_unjudged(connection&, run_id, const std::string& judge,
                              const std::function<std::string(const sample&)>& version,
                              const std::function<void(record)>& visit);

}  // namespace assay::storage
