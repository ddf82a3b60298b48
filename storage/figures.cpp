#include "storage/figures.hpp"

#include <unordered_set>
#include <utility>

#include "storage/columns.hpp"
#include "storage/json_text.hpp"
#include "storage/rows.hpp"

namespace assay::storage {

// -- what is missing ------------------------------------------------------------------------------

expected<std::vector<std::size_t>> missing_positions(connection& db, run_id run) {
  statement query(db,
                  "SELECT r.position FROM run_tasks r LEFT JOIN outcomes o ON o.task = r.task "
                  "WHERE r.run = ? AND (o.status IS NULL OR o.status = 3) ORDER BY r.position",
                  use::stream);
  std::vector<std::size_t> positions;
  query.start(run);
  while (query.step()) positions.push_back(static_cast<std::size_t>(query.integer(0)));
  if (auto read = db.result(); !read) return tl::make_unexpected(read.error());
  return positions;
}

namespace {

/// Asks the key index for each key: best for few keys in a large ledger.
std::vector<std::size_t> look_up(connection& db, const std::vector<task_key>& keys) {
  std::vector<bool> answered(keys.size());
  inquiry query(db,
                "SELECT 1 FROM tasks t JOIN outcomes o ON o.task = t.id "
                "WHERE t.key = ? AND o.status <> 3");
  query.each_of(keys, [&](std::size_t i, const statement&) { answered[i] = true; });
  std::vector<std::size_t> missing;
  for (std::size_t i = 0; i < keys.size(); ++i)
    if (!answered[i]) missing.push_back(i);
  return missing;
}

/// Reads all answered keys in file order, which costs a fraction of a look-up each.
std::vector<std::size_t> read_through(connection& db, const std::vector<task_key>& keys,
                                      std::size_t stored) {
  statement query(db,
                  "SELECT t.key FROM outcomes o CROSS JOIN tasks t ON t.id = o.task "
                  "WHERE o.status <> 3",
                  use::stream);
  std::unordered_set<task_key> answered(stored);
  while (query.step()) answered.insert(query.key(0));
  std::vector<std::size_t> missing;
  for (std::size_t i = 0; i < keys.size(); ++i)
    if (!answered.contains(keys[i])) missing.push_back(i);
  return missing;
}

}  // namespace

expected<std::vector<std::size_t>> missing_keys(connection& db, const std::vector<task_key>& keys) {
  auto stored = static_cast<std::size_t>(db.integer("SELECT max(task) FROM outcomes"));
  auto missing = keys.size() < stored / 8 ? look_up(db, keys) : read_through(db, keys, stored);
  if (auto read = db.result(); !read) return tl::make_unexpected(read.error());
  return missing;
}

// -- scores ---------------------------------------------------------------------------------------

namespace {

score_row score_row_at(connection& db, const statement& row, row_loader& loader,
                       const std::vector<std::string>& judges) {
  score_row out;
  out.key = row.key(1);
  out.epoch = static_cast<std::uint32_t>(row.integer(2));
  out.where = loader.cell_of(row.integer(3));
  out.sample_id = row.text(4);
  require_sound(db, read_list(row.text(5), out.tags), "tags");
  out.scores.reserve(judges.size());
  for (const auto& judge : judges) out.scores.emplace_back(judge, std::nullopt);
  out.has_outcome = !row.is_null(6);
  if (!out.has_outcome) return out;
  out.status = stored_status(db, row.integer(6));
  out.error = stored_error_class(db, row.integer(7));
  out.provider = row.text(8);
  out.cost.value = row.real(9);
  out.input_tokens = row.integer(10);
  out.output_tokens = row.integer(11);
  out.latency_ns = row.integer(12);
  out.cached = row.integer(16) != 0;
  out.coalesced = out.cached && row.integer(17) != 0;
  out.reused = row.integer(18) != 0;
  out.why = stored_enum(db, row.integer(19), finish::refusal, "finish");
  out.node = row.text(20);
  out.text_digest = row.optional_integer(21);
  return out;
}

void add_verdict(const statement& row, score_row& into) {
  bool scored = row.integer(14) != 0 && !row.is_null(15);
  if (!scored) return;
  for (auto& [judge, score] : into.scores)
    if (judge == row.text(13)) score = row.real(15);
}

}  // namespace

/// A task comes as one line for each of its verdicts; lines of a task are neighbours.
expected<void> visit_scores(connection& db, run_id run, const std::vector<std::string>& judges,
                            const std::function<void(score_row)>& visit) {
  row_loader loader(db);
  statement line(
      db,
      "SELECT r.position, t.key, t.epoch, r.cell, s.sample_id, s.tags, o.status, "
      "o.error_class, o.provider, o.cost_usd, o.input_tokens, o.output_tokens, "
      "o.done_ns - o.sent_ns, v.judge, v.scored, v.score, o.cached = 1 AND o.run = r.run, "
      "f.run = r.run, o.run <> r.run, o.finish, o.node, o.text_digest "
      "FROM run_tasks r CROSS JOIN tasks t ON t.id = r.task "
      "CROSS JOIN samples s ON s.id = r.sample "
      "LEFT JOIN outcomes o ON o.task = r.task "
      "LEFT JOIN outcomes f ON f.task = o.copied_from "
      "LEFT JOIN verdicts v ON v.task = r.task WHERE r.run = ? ORDER BY r.position",
      use::stream);
  line.start(run);
  score_row row;
  std::int64_t position = -1;
  while (line.step()) {
    if (line.integer(0) != position) {
      if (position >= 0) visit(std::move(row));
      position = line.integer(0);
      row = score_row_at(db, line, loader, judges);
    }
    add_verdict(line, row);
  }
  if (auto read = db.result(); !read) return read;
  if (position >= 0) visit(std::move(row));
  return {};
}

expected<void> visit_sample_fields(
    connection& db, run_id run,
    const std::function<void(const task_key&, const field_list&)>& visit) {
  statement line(db,
                 "SELECT t.key, x.fields FROM run_tasks r CROSS JOIN tasks t ON t.id = r.task "
                 "CROSS JOIN sample_texts x ON x.sample = r.sample WHERE r.run = ? "
                 "ORDER BY r.position",
                 use::stream);
  line.start(run);
  field_list fields;
  while (line.step()) {
    require_sound(db, read_fields(line.text(1), fields), "fields");
    if (!db.failed()) visit(line.key(0), fields);
  }
  return db.result();
}

// -- exchanges ------------------------------------------------------------------------------------

expected<void> visit_attempts(connection& db, run_id run,
                              const std::function<void(const attempt_row&)>& visit) {
  row_loader loader(db);
  statement line(db,
                 "SELECT t.key, a.provider, a.cell, a.number, a.error_class, a.http_status, "
                 "a.admitted_ns, a.sent_ns, a.first_content_ns, a.done_ns, a.input_tokens, "
                 "a.output_tokens, a.cost_usd, a.items, a.hedge, a.batched, "
                 "a.node, a.clock_error_ns, a.egress FROM attempts a "
                 "CROSS JOIN tasks t ON t.id = a.task "
                 "WHERE a.run = ? ORDER BY a.task, a.began_ns, a.number",
                 use::stream);
  line.start(run);
  attempt_row row;
  while (line.step()) {
    row.key = line.key(0);
    row.provider = line.text(1);
    const auto& where = loader.cell_of(line.integer(2));
    row.model = where.model;
    row.mode = where.mode;
    row.prompt = where.prompt;
    row.number = static_cast<std::uint32_t>(line.integer(3));
    row.kind = stored_error_class(db, line.integer(4));
    row.http_status = static_cast<int>(line.integer(5));
    row.admitted_unix_ns = line.integer(6);
    row.sent_unix_ns = line.integer(7);
    row.first_content_unix_ns = line.integer(8);
    row.done_unix_ns = line.integer(9);
    row.input_tokens = line.integer(10);
    row.output_tokens = line.integer(11);
    row.cost.value = line.real(12);
    row.items = static_cast<std::uint32_t>(line.integer(13));
    row.hedge = line.integer(14) != 0;
    row.batched = line.integer(15) != 0;
    row.node = line.text(16);
    row.clock_error_ns = line.integer(17);
    row.egress = line.text(18);
    if (!db.failed()) visit(row);
  }
  return db.result();
}

expected<void> visit_verdicts(connection& db, run_id run, const std::string& judge,
                              const std::function<void(const verdict&)>& visit) {
  statement line(db,
                 "SELECT t.key, v.version, v.scored, v.score, v.extracted, v.explanation "
                 "FROM run_tasks r CROSS JOIN verdicts v ON v.task = r.task AND v.judge = ? "
                 "CROSS JOIN tasks t ON t.id = r.task WHERE r.run = ? ORDER BY r.position",
                 use::stream);
  line.start(judge, run);
  verdict v;
  v.judge = judge;
  while (line.step()) {
    v.key = line.key(0);
    v.judge_version = line.text(1);
    v.scored = line.integer(2) != 0;
    v.score = line.real(3);
    v.extracted = line.text(4);
    v.explanation = line.text(5);
    visit(v);
  }
  return db.result();
}

expected<std::vector<std::string>> judge_names(connection& db, run_id run) {
  statement query(db,
                  "SELECT DISTINCT v.judge FROM run_tasks r CROSS JOIN verdicts v "
                  "ON v.task = r.task WHERE r.run = ? ORDER BY v.judge");
  std::vector<std::string> names;
  query.start(run);
  while (query.step()) names.emplace_back(query.text(0));
  if (auto read = db.result(); !read) return tl::make_unexpected(read.error());
  return names;
}

}  // namespace assay::storage
