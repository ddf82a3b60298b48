#pragma once

#include "storage/ledger.hpp"
#include "storage/sqlite_contents.hpp"

namespace assay::storage {

/// Everything that writes tasks and records. Invariants, each kept within one transaction:
/// 1. a task has at most one outcome; an answer is never replaced, an error by whatever is later;
/// 2. an attempt is stored once: it is known by run, task, the moment it began and its number;
/// 3. a verdict stands for the outcome that is stored (an error's verdicts go with the error).
class sqlite_writer {
 public:
  explicit sqlite_writer(connection& db) : db_(db), contents_(db) {}

  expected<void> put_tasks(run_id, std::size_t count, const std::function<task(std::size_t)>& make);
  expected<void> commit(const commit_batch&, const time_anchor&);

 private:
  expected<void> put_range(run_id, std::size_t first, std::size_t last,
                           const std::function<task(std::size_t)>& make);
  std::int64_t put_task(const task&);
  void link(run_id, std::int64_t position, std::int64_t id, const task&);
  void add_step(std::int64_t id, const task&);
  std::int64_t next_position(run_id);

  std::int64_t write_record(run_id, const record&, const time_anchor&);
  std::optional<std::int64_t> original_of(const outcome&);
  void write_answer(std::int64_t id, const answer&, bool replaces);
  void write_attempts(run_id, std::int64_t id, const record&, const time_anchor&);
  void write_verdict(std::int64_t id, const verdict&);
  std::int64_t find_task(const task_key&);

  connection& db_;
  contents contents_;
};

}  // namespace assay::storage
