#include "storage/prune.hpp"

#include "storage/archive.hpp"
#include "storage/database_ledger.hpp"
#include "storage/run_scope.hpp"

namespace assay::storage {

namespace {

constexpr task_set kept_tasks{"scope_kept", "SELECT count(*) FROM scope_kept"};

/// Of the run's tasks those that others rest on: in their plans, as steps of their tasks, or as
/// originals of their copies. `{r}` is the run.
const std::vector<const char*> find_kept{
    "INSERT INTO scope_kept SELECT DISTINCT r.task, 0 FROM run_tasks r "
    "CROSS JOIN scope_tasks s ON s.id = r.task WHERE r.run <> {r}",
    "INSERT INTO scope_kept SELECT t.task, 0 FROM scope_tasks s CROSS JOIN steps t ON t.task = "
    "s.id "
    "WHERE NOT EXISTS (SELECT 1 FROM scope_tasks p WHERE p.id = t.parent) ON CONFLICT DO NOTHING",
    "INSERT INTO scope_kept SELECT DISTINCT o.copied_from, 0 FROM outcomes o "
    "CROSS JOIN scope_tasks s ON s.id = o.copied_from "
    "WHERE NOT EXISTS (SELECT 1 FROM scope_tasks c WHERE c.id = o.task) ON CONFLICT DO NOTHING",
};

/// From here on `scope_tasks` are those that go. Cells stay: other processes may know their ids.
const std::vector<const char*> removals{
    "DELETE FROM scope_tasks WHERE id IN (SELECT id FROM scope_kept)",
    "DELETE FROM verdicts WHERE task IN (SELECT id FROM scope_tasks)",
    "DELETE FROM answers WHERE task IN (SELECT id FROM scope_tasks)",
    "DELETE FROM attempts WHERE run = {r} AND NOT EXISTS (SELECT 1 FROM scope_kept s "
    "CROSS JOIN outcomes o ON o.task = s.id WHERE s.id = attempts.task AND o.run = {r})",
    "DELETE FROM attempts WHERE (run, task) IN (SELECT r.id, s.id FROM runs r "
    "CROSS JOIN scope_tasks s ON r.state = 3)",
    "DELETE FROM outcomes WHERE task IN (SELECT id FROM scope_tasks)",
    "DELETE FROM steps WHERE parent IN (SELECT id FROM scope_tasks)",
    "DELETE FROM run_tasks WHERE run = {r}",
    "DELETE FROM tasks WHERE id IN (SELECT id FROM scope_tasks)",
    "DELETE FROM conversations WHERE id IN (SELECT s.id FROM scope_conversations s "
    "WHERE NOT EXISTS (SELECT 1 FROM tasks t WHERE t.conversation = s.id))",
    "DELETE FROM parameters WHERE id IN (SELECT id FROM scope_parameters) "
    "AND id NOT IN (SELECT DISTINCT parameters FROM tasks)",
    "DELETE FROM scope_samples WHERE id IN (SELECT s.id FROM run_tasks r "
    "CROSS JOIN scope_samples s ON s.id = r.sample)",
    "DELETE FROM scope_samples WHERE id IN (SELECT s.id FROM steps r "
    "CROSS JOIN scope_samples s ON s.id = r.sample)",
    "DELETE FROM sample_texts WHERE sample IN (SELECT id FROM scope_samples)",
    "DELETE FROM samples WHERE id IN (SELECT id FROM scope_samples)",
    "DELETE FROM known_limits WHERE run = {r}",
    "DELETE FROM provider_batches WHERE run = {r}",
    "UPDATE runs SET file = '', setup = '', state = 3, opened_ns = started_ns, ended_ns = 0, "
    "summary = '' WHERE id = {r}",
    "DELETE FROM runs WHERE state = 3 AND NOT EXISTS (SELECT 1 FROM attempts a "
    "WHERE a.run = runs.id) AND NOT EXISTS (SELECT 1 FROM outcomes o WHERE o.run = runs.id)",
};

expected<void> check_archived(ledger& from, connection& db, run_id run,
                              const archive_header& archive) {
  auto held = describe_run(from, run);
  if (!held) return tl::make_unexpected(held.error());
  if (*held == archive) return {};
  return fail(db.name(),
              "the archive of run " + std::to_string(run) + " is not what the ledger holds",
              "archive it again: `assay db archive " + std::to_string(run) + "`");
}

}  // namespace

expected<void> check_collected(ledger& from, run_id run) {
  auto open = from.open_batches(run);
  if (!open) return tl::make_unexpected(open.error());
  if (open->empty()) return {};
  return fail("run " + std::to_string(run),
              "a batch at " + open->front().provider + " is not collected",
              "run the experiment again to collect it");
}

expected<pruned_run> prune_run(ledger& from, run_id run, const archive_header* archive) {
  auto& db = dynamic_cast<database_ledger&>(from).database();
  transaction change(db);
  if (auto free = check_collected(from, run); !free) return tl::make_unexpected(free.error());
  if (archive)
    if (auto same = check_archived(from, db, run, *archive); !same)
      return tl::make_unexpected(same.error());
  run_scope scope(db, run);
  begin_scope(db, kept_tasks.table);
  run_for(db, find_kept, run);
  complete(db, kept_tasks);
  pruned_run done;
  auto all = db.integer(tasks_of_the_run.count);
  done.kept = db.integer(kept_tasks.count);
  done.tasks = all - done.kept;
  run_for(db, removals, run);
  if (auto committed = change.commit(); !committed) return tl::make_unexpected(committed.error());
  return done;
}

expected<space> give_back_space(ledger& from) {
  auto& db = dynamic_cast<database_ledger&>(from).database();
  space all;
  all.before = db.size();
  auto runs = from.runs();
  if (!runs) return tl::make_unexpected(runs.error());
  std::vector<std::unique_ptr<run_lock>> held;
  for (const auto& run : *runs) {
    if (run.state != run_state::running) continue;
    auto lock = from.lock_run(run.id);
    if (!lock) all.busy = true;
    if (lock) held.push_back(std::move(*lock));
  }
  if (!all.busy) db.vacuum();
  all.after = db.size();
  if (auto done = db.result(); !done) return tl::make_unexpected(done.error());
  return all;
}

}  // namespace assay::storage
