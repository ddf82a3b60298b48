#include "storage/run_scope.hpp"

#include <map>

namespace assay::storage {

namespace {

/// By which of its columns a table belongs to a scope; those of a run itself have none.
struct membership {
  const char* table;
  const char* scope;
  const char* column;
};

constexpr membership memberships[] = {
    {"cells", "scope_cells", "id"},
    {"samples", "scope_samples", "id"},
    {"sample_texts", "scope_samples", "sample"},
    {"conversations", "scope_conversations", "id"},
    {"parameters", "scope_parameters", "id"},
    {"tasks", "scope_tasks", "id"},
    {"steps", "scope_tasks", "parent"},
    {"outcomes", "scope_tasks", "task"},
    {"answers", "scope_tasks", "task"},
    {"verdicts", "scope_tasks", "task"},
};

/// Of another run only what tells it apart (`round` 0: the run itself).
constexpr char runs_select[] =
    "SELECT t.id, t.experiment, t.fingerprint, CASE s.round WHEN 0 THEN t.file ELSE '' END, "
    "CASE s.round WHEN 0 THEN t.setup ELSE '' END, CASE s.round WHEN 0 THEN t.state ELSE 3 END, "
    "t.started_ns, CASE s.round WHEN 0 THEN t.opened_ns ELSE t.started_ns END, "
    "CASE s.round WHEN 0 THEN t.ended_ns ELSE 0 END, "
    "CASE s.round WHEN 0 THEN t.summary ELSE '' END "
    "FROM scope_runs s CROSS JOIN runs t ON t.id = s.id ORDER BY s.id";

/// The attempts of the run, and those of other runs that brought answers which it shares.
constexpr char others_attempts[] =
    " FROM scope_tasks s CROSS JOIN outcomes o ON o.task = s.id "
    "CROSS JOIN attempts t ON t.run = o.run AND t.task = o.task WHERE o.run <> ? ORDER BY s.id";

std::string columns_of(const table_layout& table) {
  std::string all;
  for (const auto& column : table.columns) all += (all.empty() ? "t." : ", t.") + column;
  return all;
}

/// One after the other they give the rows of a table; `?` is the run.
std::vector<std::string> selects_of(const table_layout& table) {
  if (table.name == "runs") return {runs_select};
  auto select = "SELECT " + columns_of(table);
  for (const auto& m : memberships)
    if (m.table == table.name)
      return {select + " FROM " + m.scope + " s CROSS JOIN " + table.name + " t ON t." + m.column +
              " = s.id ORDER BY s.id"};
  auto own = select + " FROM " + table.name + " t WHERE t.run = ? ORDER BY " +
             (table.has_id() ? "t.id" : "t." + table.columns[1]);
  if (table.name != "attempts") return {own};
  return {own, select + others_attempts};
}

const std::vector<std::string>& selects(const table_layout& table) {
  static const auto all = [] {
    std::map<std::string, std::vector<std::string>> made;
    for (const auto& t : tables_of_a_ledger()) made[t.name] = selects_of(t);
    return made;
  }();
  return all.at(table.name);
}

/// What a task of the last round rests on. `{s}` is the scope.
constexpr const char* next_round[] = {
    "INSERT INTO {s} SELECT t.task, {n} FROM {s} s CROSS JOIN steps t ON t.parent = s.id "
    "WHERE s.round = {n} - 1 ON CONFLICT DO NOTHING",
    "INSERT INTO {s} SELECT t.copied_from, {n} FROM {s} s CROSS JOIN outcomes t ON t.task = s.id "
    "WHERE s.round = {n} - 1 AND t.copied_from IS NOT NULL ON CONFLICT DO NOTHING",
};

/// What the tasks consist of. `{r}` is the run.
const std::vector<const char*> contents_of_tasks{
    "INSERT INTO scope_runs VALUES ({r}, 0)",
    "INSERT INTO scope_runs SELECT DISTINCT o.run, 1 FROM scope_tasks s "
    "CROSS JOIN outcomes o ON o.task = s.id WHERE o.run <> {r}",
    "INSERT INTO scope_conversations SELECT DISTINCT t.conversation, 0 FROM scope_tasks s "
    "CROSS JOIN tasks t ON t.id = s.id",
    "INSERT INTO scope_parameters SELECT DISTINCT t.parameters, 0 FROM scope_tasks s "
    "CROSS JOIN tasks t ON t.id = s.id",
    "INSERT INTO scope_samples SELECT DISTINCT sample, 0 FROM run_tasks WHERE run = {r}",
    "INSERT INTO scope_samples SELECT t.sample, 0 FROM scope_tasks s "
    "CROSS JOIN steps t ON t.parent = s.id WHERE true ON CONFLICT DO NOTHING",
    "INSERT INTO scope_cells SELECT DISTINCT cell, 0 FROM run_tasks WHERE run = {r}",
    "INSERT INTO scope_cells SELECT DISTINCT t.cell, 0 FROM scope_tasks s "
    "CROSS JOIN steps t ON t.parent = s.id WHERE true ON CONFLICT DO NOTHING",
    "INSERT INTO scope_cells SELECT DISTINCT cell, 0 FROM attempts WHERE run = {r} "
    "ON CONFLICT DO NOTHING",
    "INSERT INTO scope_cells SELECT DISTINCT t.cell, 0 FROM scope_tasks s "
    "CROSS JOIN outcomes o ON o.task = s.id "
    "CROSS JOIN attempts t ON t.run = o.run AND t.task = o.task WHERE o.run <> {r} "
    "ON CONFLICT DO NOTHING",
};

std::string filled(std::string text, std::string_view name, const std::string& value) {
  for (std::size_t at = 0; (at = text.find(name, at)) != text.npos; at += value.size())
    text.replace(at, name.size(), value);
  return text;
}

}  // namespace

void run_for(connection& db, const std::vector<const char*>& statements, run_id run) {
  for (auto sql : statements) db.run_script(filled(sql, "{r}", std::to_string(run)));
}

void begin_scope(connection& db, const std::string& table) {
  db.run_script("CREATE TEMP TABLE IF NOT EXISTS " + table +
                " (id BIGINT NOT NULL PRIMARY KEY, round BIGINT NOT NULL)");
  db.run_script("DELETE FROM " + table);
}

void complete(connection& db, const task_set& tasks) {
  auto before = db.integer(tasks.count);
  for (int round = 1; !db.failed(); ++round) {
    for (auto sql : next_round)
      db.run_script(filled(filled(sql, "{s}", tasks.table), "{n}", std::to_string(round)));
    auto now = db.integer(tasks.count);
    if (now == before) return;
    before = now;
  }
}

run_scope::run_scope(connection& db, run_id run) : db_(db), run_(run) {
  for (auto scope : {"scope_runs", "scope_tasks", "scope_cells", "scope_samples",
                     "scope_conversations", "scope_parameters"})
    begin_scope(db, scope);
  auto number = std::to_string(run);
  db.run_script("INSERT INTO scope_tasks SELECT DISTINCT task, 0 FROM run_tasks WHERE run = " +
                number);
  db.run_script("INSERT INTO scope_tasks SELECT DISTINCT task, 0 FROM attempts WHERE run = " +
                number + " ON CONFLICT DO NOTHING");
  complete(db, tasks_of_the_run);
  run_for(db, contents_of_tasks, run);
}

void run_scope::each(const table_layout& table,
                     const std::function<void(const table_row&)>& visit) {
  table_row values;
  for (const auto& sql : selects(table)) {
    statement row(db_, sql.c_str(), use::stream);
    if (sql.find('?') == sql.npos)
      row.start();
    else
      row.start(run_);
    while (row.step()) {
      read_row(row, table, values);
      visit(values);
    }
  }
}

std::vector<content> run_scope::contents() {
  std::vector<content> all;
  for (const auto& table : tables_of_a_ledger())
    each(table, [&, &sum = all.emplace_back()](const table_row& row) { sum.add(row); });
  return all;
}

}  // namespace assay::storage
