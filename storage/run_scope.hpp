#pragma once

#include <functional>
#include <string>
#include <vector>

#include "storage/ledger.hpp"
#include "storage/table_row.hpp"

namespace assay::storage {

/// Which rows make up a run: its tasks, the steps that serve them, the originals of its copied
/// answers, and what all these consist of. Kept in temporary tables of the connection (`scope_tasks
/// (id, round)`, and alike for runs, cells, samples, conversations and parameters), so one at a
/// time. Of runs whose answers it shares the scope has the name only: such a row is that of a
/// pruned run.
class run_scope {
 public:
  /// Finds them. Failures stick to the connection.
  run_scope(connection&, run_id);

  /// Calls `visit` with each row of a table, ids ascending.
  void each(const table_layout&, const std::function<void(const table_row&)>& visit);
  /// Of every table, in the order of `tables_of_a_ledger`.
  std::vector<content> contents();

 private:
  connection& db_;
  run_id run_;
};

/// Tasks in a temporary table (id, round).
struct task_set {
  const char* table;
  const char* count;
};

inline constexpr task_set tasks_of_the_run{"scope_tasks", "SELECT count(*) FROM scope_tasks"};

/// Adds what the tasks rest on: steps and originals, theirs, and so on.
void complete(connection&, const task_set&);

/// Runs statements in which `{r}` stands for the run.
void run_for(connection&, const std::vector<const char*>& statements, run_id);

/// An empty temporary table (id, round).
void begin_scope(connection&, const std::string& table);

}  // namespace assay::storage
