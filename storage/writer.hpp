#pragma once

#include <set>
#include <unordered_map>

#include "storage/contents.hpp"
#include "storage/ledger.hpp"

namespace assay::storage {

/// Everything that writes tasks and records. Invariants, each kept within one transaction:
/// 1. a task has at most one outcome; an answer is never replaced, an error by whatever is later;
/// 2. an attempt is stored once: it is known by run, task, the moment it began and its number;
/// 3. a verdict stands for the outcome that is stored (an error's verdicts go with the error).
class writer {
 public:
  explicit writer(connection& db)
      : db_(db), contents_(db), task_ids_(db, "SELECT max(id) FROM tasks") {}

  expected<void> put_tasks(run_id, std::size_t count, const std::function<task(std::size_t)>& make);
  expected<void> commit(const commit_batch&, const time_anchor&);

 private:
  /// What is stored of a task.
  struct stored_task {
    std::int64_t id = 0;
    std::optional<std::int64_t> status;  ///< of its outcome, where that was asked for
  };
  using stored_tasks = std::unordered_map<task_key, stored_task>;
  /// Where a task belongs.
  struct place {
    std::int64_t task = 0;
    std::int64_t cell = 0;
    std::int64_t sample = 0;
  };

  expected<void> put_range(run_id, std::size_t first, std::size_t last,
                           const std::function<task(std::size_t)>& make);
  std::vector<place> place_tasks(const std::vector<const task*>&, stored_tasks&);
  void add_tasks(const std::vector<const task*>&, stored_tasks&);
  std::int64_t next_position(run_id);
  void forget(bool committed);

  stored_tasks find_tasks(const commit_batch&);
  void put_unknown(const commit_batch&, stored_tasks&);
  void write_records(const commit_batch&, stored_tasks&, const time_anchor&);
  std::optional<std::int64_t> original_of(const outcome&, const stored_tasks&);
  void write_verdicts(const commit_batch&, const stored_tasks&);

  connection& db_;
  contents contents_;
  new_ids task_ids_;
};

}  // namespace assay::storage
