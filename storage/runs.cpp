#include "storage/runs.hpp"

#include <charconv>

#include "storage/columns.hpp"

namespace assay::storage {

namespace {

run_info run_at(connection& db, const statement& row) {
  run_info run;
  run.id = row.integer(0);
  run.experiment = row.text(1);
  run.fingerprint = row.text(2);
  run.file = row.text(3);
  run.setup_json = row.text(4);
  run.state = stored_enum(db, row.integer(5), run_state::interrupted, "state of a run");
  run.started_unix_ns = row.integer(6);
  run.ended_unix_ns = row.integer(7);
  run.summary_json = row.text(8);
  run.opened_unix_ns = row.integer(9);
  return run;
}

void count_tasks(connection& db, run_info& run) {
  statement query(db,
                  "SELECT count(*), count(o.task), count(*) FILTER (WHERE o.status = 3) "
                  "FROM run_tasks r LEFT JOIN outcomes o ON o.task = r.task WHERE r.run = ?");
  if (!query.start(run.id).step()) return;
  run.tasks = query.integer(0);
  run.errors = query.integer(2);
  run.done = query.integer(1) - run.errors;
}

/// Every run, the one that was opened last first.
std::vector<run_info> read_runs(connection& db) {
  statement query(db,
                  "SELECT id, experiment, fingerprint, file, setup, state, started_ns, ended_ns, "
                  "summary, opened_ns FROM runs WHERE state <> 3 ORDER BY opened_ns DESC, id DESC");
  std::vector<run_info> runs;
  while (query.step()) runs.push_back(run_at(db, query));
  return runs;
}

run_id as_id(const std::string& name) {
  run_id id = 0;
  auto end = name.data() + name.size();
  auto [next, error] = std::from_chars(name.data(), end, id);
  return error == std::errc{} && next == end ? id : 0;
}

const run_info* pick(const std::vector<run_info>& runs, const std::string& name) {
  for (const auto& run : runs)
    if (run.id == as_id(name)) return &run;
  for (const auto& run : runs)
    if (run.experiment == name) return &run;
  return name == "latest" && !runs.empty() ? &runs.front() : nullptr;
}

tl::unexpected<problem> no_such_run(const std::string& name, const std::vector<run_info>& runs) {
  if (runs.empty()) return fail(name, "the ledger holds no run yet", "start one with `assay run`");
  std::vector<std::string_view> names{"latest"};
  for (const auto& run : runs) names.push_back(run.experiment);
  auto near = std::string(nearest(name, names));
  return fail(name, "no run of this id or experiment is in the ledger",
              near.empty() ? "`assay runs` lists them" : "did you mean `" + near + "`?");
}

}  // namespace

namespace {

/// The id of the run with the wanted experiment and plan, made if there is none.
run_id find_or_add(connection& db, const run_info& wanted) {
  statement known(db, "SELECT id FROM runs WHERE experiment = ? AND fingerprint = ?");
  if (known.start(wanted.experiment, wanted.fingerprint).step()) return known.integer(0);
  auto id = db.integer("SELECT max(id) FROM runs") + 1;
  statement(db,
            "INSERT INTO runs (id, experiment, fingerprint, file, setup, state, started_ns, "
            "opened_ns, ended_ns, summary) VALUES (?, ?, ?, '', '', 0, ?, ?, 0, '')")
      .run(id, wanted.experiment, wanted.fingerprint, wanted.started_unix_ns,
           wanted.started_unix_ns);
  return id;
}

}  // namespace

expected<run_info> open_run_row(connection& db, const run_info& wanted) {
  transaction change(db);
  auto id = find_or_add(db, wanted);
  auto opened = wanted.started_unix_ns;
  statement(db,
            "UPDATE runs SET file = ?, setup = ?, state = ?, ended_ns = 0, "
            "opened_ns = CASE WHEN opened_ns < ? THEN ? ELSE opened_ns END WHERE id = ?")
      .run(wanted.file, wanted.setup_json, run_state::running, opened, opened, id);
  run_info run;
  for (auto& other : read_runs(db))
    if (other.id == id) run = std::move(other);
  if (auto done = change.commit(); !done) return tl::make_unexpected(done.error());
  count_tasks(db, run);
  if (auto read = db.result(); !read) return tl::make_unexpected(read.error());
  return run;
}

expected<void> end_run_row(connection& db, run_id run, run_state state, std::int64_t unix_ns,
                           const std::string& summary_json) {
  transaction change(db);
  statement update(db, "UPDATE runs SET state = ?, ended_ns = ?, summary = ? WHERE id = ?");
  update.run(state, unix_ns, summary_json, run);
  return change.commit();
}

expected<std::vector<run_info>> all_runs(connection& db) {
  auto runs = read_runs(db);
  for (auto& run : runs) count_tasks(db, run);
  if (auto read = db.result(); !read) return tl::make_unexpected(read.error());
  return runs;
}

expected<run_info> run_named(connection& db, const std::string& name) {
  auto runs = read_runs(db);
  if (auto read = db.result(); !read) return tl::make_unexpected(read.error());
  auto found = pick(runs, name);
  if (!found) return no_such_run(name, runs);
  auto run = *found;
  count_tasks(db, run);
  if (auto read = db.result(); !read) return tl::make_unexpected(read.error());
  return run;
}

}  // namespace assay::storage
