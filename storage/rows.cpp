#include "storage/rows.hpp"

#include <utility>

#include "storage/columns.hpp"
#include "storage/json_text.hpp"

namespace assay::storage {

namespace {

instant moment(std::optional<std::int64_t> unix_ns) {
  return instant(std::chrono::nanoseconds(unix_ns.value_or(0)));
}

token_usage usage_at(const statement& row, int column) {
  return {row.optional_integer(column),     row.optional_integer(column + 1),
          row.optional_integer(column + 2), row.optional_integer(column + 3),
          row.optional_integer(column + 4), row.optional_real(column + 5)};
}

timeline timeline_at(const statement& row, int column) {
  auto at = [&](int i) { return moment(row.optional_integer(column + i)); };
  return {at(0), at(1), at(2), at(3), at(4), at(5), at(6), at(7), at(8)};
}

row_loader::place place_at(const statement& row) {
  return {row.integer(0), row.integer(1), row.integer(2)};
}

}  // namespace

// -- loader ---------------------------------------------------------------------------------------

/// Columns: class, code, type, message, retry_after_ms, limited.
api_error row_loader::read_error(const statement& row, int column) {
  api_error error;
  error.kind = stored_error_class(db_, row.integer(column));
  error.code = row.text(column + 1);
  error.type = row.text(column + 2);
  error.message = row.text(column + 3);
  if (auto wait = row.optional_integer(column + 4)) error.retry_after = milliseconds(*wait);
  if (auto limited = row.optional_integer(column + 5))
    error.limited = stored_enum(db_, *limited, dimension::concurrency, "limit");
  return error;
}

const cell& row_loader::cell_of(std::int64_t id) {
  if (auto known = cells_.find(id); known != cells_.end()) return known->second;
  statement row(db_,
                "SELECT dataset, model, prompt, task_type, difficulty, mode FROM cells "
                "WHERE id = ?");
  auto& made = cells_[id];
  bool found = row.start(id).step();
  require_sound(db_, found, "cell missing");
  std::string cell::*const columns[] = {&cell::dataset,   &cell::model,      &cell::prompt,
                                        &cell::task_type, &cell::difficulty, &cell::mode};
  for (int i = 0; found && i < 6; ++i) made.*columns[i] = row.text(i);
  return made;
}

const row_loader::parameters& row_loader::parameters_of(std::int64_t id) {
  if (auto known = parameters_.find(id); known != parameters_.end()) return known->second;
  statement row(db_,
                "SELECT model, max_tokens, temperature, top_p, seed, stop, reasoning, extra, "
                "stream, providers, tools, endpoint FROM parameters WHERE id = ?");
  auto& made = parameters_[id];
  if (!row.start(id).step()) {
    require_sound(db_, false, "parameters missing");
    return made;
  }
  auto& request = made.request;
  request.model = row.text(0);
  if (auto tokens = row.optional_integer(1))
    request.max_tokens = static_cast<std::int32_t>(*tokens);
  request.temperature = row.optional_real(2);
  request.top_p = row.optional_real(3);
  request.seed = row.optional_integer(4);
  require_sound(db_, read_list(row.text(5), request.stop), "stop words");
  if (auto reasoning = row.optional_integer(6)) request.reasoning = *reasoning != 0;
  request.extra_json = row.text(7);
  request.stream = row.integer(8) != 0;
  require_sound(db_, read_list(row.text(9), made.providers), "providers");
  require_sound(db_, read_tools(row.text(10), request.tools), "tools");
  request.to = stored_enum(db_, row.integer(11), endpoint::embeddings, "endpoint");
  return made;
}

void row_loader::learn_samples(const std::vector<place>& places) {
  std::unordered_map<std::int64_t, sample> learnt;
  std::vector<std::int64_t> ids;
  for (const auto& at : places) {
    auto [made, fresh] = learnt.try_emplace(at.sample);
    if (!fresh) continue;
    if (auto known = samples_.find(at.sample); known != samples_.end())
      made->second = std::move(known->second);
    else
      ids.push_back(at.sample);
  }
  std::size_t found = 0;
  inquiry samples(db_,
                  "SELECT s.sample_id, s.task_type, s.difficulty, s.tags, t.input, t.targets, "
                  "t.choices, t.fields FROM samples s JOIN sample_texts t ON t.sample = s.id "
                  "WHERE s.id = ?");
  samples.each_of(ids, [&](std::size_t i, const statement& row) {
    auto& made = learnt[ids[i]];
    made.id = row.text(0);
    made.task_type = row.text(1);
    made.difficulty = row.text(2);
    made.input = row.text(4);
    require_sound(db_, read_list(row.text(3), made.tags), "tags");
    require_sound(db_, read_list(row.text(5), made.targets), "targets");
    require_sound(db_, read_list(row.text(6), made.choices), "choices");
    require_sound(db_, read_fields(row.text(7), made.fields), "fields");
    ++found;
  });
  require_sound(db_, found == ids.size(), "sample missing");
  samples_ = std::move(learnt);
}

std::vector<ledger_row> row_loader::load(const std::vector<place>& places) {
  std::vector<ledger_row> rows(places.size());
  learn_samples(places);
  auto ask_task = [&](std::size_t i, auto ask) { ask(places[i].task); };
  std::size_t found = 0;
  inquiry tasks(
      db_,
      "SELECT t.key, t.epoch, t.input_tokens, t.parameters, c.messages, o.run, o.status, "
      "o.provider, o.cost_usd, o.finish, o.error_class, o.error_code, o.error_type, "
      "o.error_message, o.retry_after_ms, o.limited, o.input_tokens, o.cached_input_tokens, "
      "o.cache_write_tokens, o.output_tokens, o.reasoning_tokens, o.billed_usd, o.finish_reason, "
      "o.response_id, o.model, o.system_fingerprint, o.service_tier, a.text, a.reasoning, "
      "a.refusal, o.cached, (SELECT key FROM tasks f WHERE f.id = o.copied_from), a.calls, "
      "a.thinking "
      "FROM tasks t JOIN conversations c ON c.id = t.conversation "
      "LEFT JOIN outcomes o ON o.task = t.id LEFT JOIN answers a ON a.task = t.id "
      "WHERE t.id = ?");
  tasks.each(places.size(), ask_task, [&](std::size_t i, const statement& row) {
    read_task(row, places[i], rows[i]);
    ++found;
  });
  require_sound(db_, found == places.size(), "task missing");
  inquiry attempts(
      db_,
      "SELECT a.number, a.provider, a.http_status, a.request_id, a.cost_usd, a.bytes_received, "
      "a.content_events, a.new_connection, a.limits, a.error_class, a.error_code, a.error_type, "
      "a.error_message, a.retry_after_ms, a.limited, a.input_tokens, a.cached_input_tokens, "
      "a.cache_write_tokens, a.output_tokens, a.reasoning_tokens, a.billed_usd, a.intended_ns, "
      "a.admitted_ns, a.sent_ns, a.first_byte_ns, a.first_event_ns, a.first_reasoning_ns, "
      "a.first_content_ns, a.last_content_ns, a.done_ns, a.items, a.hedge, a.batched, a.node, "
      "a.clock_offset_ns, a.clock_error_ns, a.egress FROM outcomes o "
      "CROSS JOIN attempts a ON a.run = o.run AND a.task = o.task "
      "WHERE o.task = ? ORDER BY a.began_ns, a.number");
  attempts.each(places.size(), ask_task, [&](std::size_t i, const statement& row) {
    read_attempt(row, rows[i].what.got.attempts.emplace_back());
  });
  inquiry verdicts(db_,
                   "SELECT judge, version, scored, score, extracted, explanation FROM verdicts "
                   "WHERE task = ? ORDER BY judge");
  verdicts.each(places.size(), ask_task, [&](std::size_t i, const statement& row) {
    auto& v = rows[i].verdicts.emplace_back();
    v.key = rows[i].what.asked.key;
    v.judge = row.text(0);
    v.judge_version = row.text(1);
    v.scored = row.integer(2) != 0;
    v.score = row.real(3);
    v.extracted = row.text(4);
    v.explanation = row.text(5);
  });
  return rows;
}

void row_loader::read_task(const statement& row, const place& at, ledger_row& into) {
  auto& asked = into.what.asked;
  const auto& shared = parameters_of(row.integer(3));
  asked.key = row.key(0);
  asked.epoch = static_cast<std::uint32_t>(row.integer(1));
  asked.where = cell_of(at.cell);
  asked.item = sample_of(at.sample);
  asked.request = shared.request;
  asked.providers = shared.providers;
  asked.input_tokens = row.integer(2);
  require_sound(db_, read_messages(row.text(4), asked.request.messages), "messages");
  into.has_outcome = !row.is_null(5);
  if (into.has_outcome) read_outcome(row, into);
}

void row_loader::read_outcome(const statement& row, ledger_row& into) {
  auto& got = into.what.got;
  got.key = into.what.asked.key;
  got.status = stored_status(db_, row.integer(6));
  got.provider = row.text(7);
  got.cost.value = row.real(8);
  got.cached = row.integer(30) != 0;
  if (got.cached) got.original = row.key(31);
  got.error = read_error(row, 10);
  auto& reply = got.reply;
  reply.why = stored_enum(db_, row.integer(9), finish::refusal, "finish");
  reply.usage = usage_at(row, 16);
  reply.finish_reason = row.text(22);
  reply.response_id = row.text(23);
  reply.model = row.text(24);
  reply.system_fingerprint = row.text(25);
  reply.service_tier = row.text(26);
  reply.text = row.text(27);
  reply.reasoning = row.text(28);
  reply.refusal = row.text(29);
  if (!row.is_null(32)) require_sound(db_, read_calls(row.text(32), reply.calls), "calls");
  reply.thinking = row.text(33);
}

void row_loader::read_attempt(const statement& row, attempt& into) {
  into.number = static_cast<std::uint32_t>(row.integer(0));
  into.provider = row.text(1);
  into.http_status = static_cast<int>(row.integer(2));
  into.request_id = row.text(3);
  into.cost.value = row.real(4);
  into.bytes_received = row.integer(5);
  into.content_events = static_cast<std::uint32_t>(row.integer(6));
  into.new_connection = row.integer(7) != 0;
  if (!row.is_null(8)) require_sound(db_, read_limits(row.text(8), into.limits), "limits");
  into.error = read_error(row, 9);
  into.usage = usage_at(row, 15);
  into.at = timeline_at(row, 21);
  into.items = static_cast<std::uint32_t>(row.integer(30));
  into.hedge = row.integer(31) != 0;
  into.batched = row.integer(32) != 0;
  into.from = {std::string(row.text(33)), std::chrono::nanoseconds(row.integer(34)),
               std::chrono::nanoseconds(row.integer(35)), std::string(row.text(36))};
}

// -- queries --------------------------------------------------------------------------------------

namespace {

/// Rows in memory at a time.
constexpr std::size_t rows_at_once = 200;

/// Reads places from a started query, a portion at a time, and passes each portion on.
template <class Load>
expected<void> in_portions(connection& db, statement& query, Load load) {
  std::vector<row_loader::place> places;
  for (bool more = true; more && !db.failed();) {
    places.clear();
    while (places.size() < rows_at_once && (more = query.step())) places.push_back(place_at(query));
    if (!places.empty() && !db.failed()) load(places);
  }
  return db.result();
}

}  // namespace

expected<void> visit_rows(connection& db, run_id run,
                          const std::function<void(ledger_row)>& visit) {
  row_loader loader(db);
  statement places(db, "SELECT task, cell, sample FROM run_tasks WHERE run = ? ORDER BY position",
                   use::stream);
  return in_portions(db, places.start(run), [&](const auto& portion) {
    for (auto& row : loader.load(portion)) {
      if (db.failed()) return;
      visit(std::move(row));
    }
  });
}

namespace {

/// Shorter beginnings of a key would match by chance.
constexpr std::size_t least_key_digits = 4;

bool is_key_start(const std::string& text) {
  return text.size() >= least_key_digits && text.size() <= 32 &&
         text.find_first_not_of("0123456789abcdef") == text.npos;
}

std::vector<ledger_row> load_all(connection& db, statement& query) {
  std::vector<row_loader::place> places;
  while (query.step()) places.push_back(place_at(query));
  return row_loader(db).load(places);
}

}  // namespace

expected<std::vector<ledger_row>> rows_like(connection& db, run_id run, const std::string& what) {
  statement by_sample(db,
                      "SELECT r.task, r.cell, r.sample FROM run_tasks r "
                      "JOIN samples s ON s.id = r.sample "
                      "WHERE r.run = ? AND s.sample_id = ? ORDER BY r.position");
  auto found = load_all(db, by_sample.start(run, what));
  if (found.empty() && is_key_start(what)) {
    auto first = parse_task_key(what + std::string(32 - what.size(), '0'));
    auto last = parse_task_key(what + std::string(32 - what.size(), 'f'));
    statement by_key(db,
                     "SELECT r.task, r.cell, r.sample FROM run_tasks r "
                     "JOIN tasks t ON t.id = r.task "
                     "WHERE r.run = ? AND t.key BETWEEN ? AND ? ORDER BY r.position");
    found = load_all(db, by_key.start(run, first, last));
  }
  if (auto read = db.result(); !read) return tl::make_unexpected(read.error());
  return found;
}

expected<void> visit_unanswered(connection& db, run_id run,
                                const std::function<void(const task_key&)>& visit) {
  statement line(db,
                 "SELECT t.key FROM run_tasks r CROSS JOIN tasks t ON t.id = r.task "
                 "LEFT JOIN outcomes o ON o.task = r.task "
                 "WHERE r.run = ? AND (o.status IS NULL OR o.status = 3) "
                 "AND EXISTS (SELECT 1 FROM steps s WHERE s.parent = t.id) ORDER BY r.position",
                 use::stream);
  line.start(run);
  while (line.step()) visit(line.key(0));
  return db.result();
}

expected<void> visit_steps(connection& db, const task_key& parent,
                           const std::function<void(ledger_row)>& visit) {
  row_loader loader(db);
  statement places(db,
                   "SELECT s.task, s.cell, s.sample FROM tasks p JOIN steps s ON s.parent = p.id "
                   "WHERE p.key = ? ORDER BY s.task");
  return in_portions(db, places.start(parent), [&](const auto& portion) {
    for (auto& row : loader.load(portion)) {
      row.what.asked.parent = parent;
      if (db.failed()) return;
      visit(std::move(row));
    }
  });
}

expected<void> visit_unjudged(connection& db, run_id run, const std::string& judge,
                              const std::function<std::string(const sample&)>& version,
                              const std::function<void(record)>& visit) {
  row_loader loader(db);
  statement query(db,
                  "SELECT r.task, r.cell, r.sample, v.version FROM run_tasks r "
                  "JOIN outcomes o ON o.task = r.task "
                  "LEFT JOIN verdicts v ON v.task = r.task AND v.judge = ? "
                  "WHERE r.run = ? AND o.status <> 3 ORDER BY r.position",
                  use::stream);
  query.start(judge, run);
  std::vector<row_loader::place> places;
  std::vector<std::optional<std::string>> versions;
  auto visit_portion = [&] {
    loader.learn_samples(places);
    if (db.failed()) return;
    std::vector<row_loader::place> due;
    for (std::size_t i = 0; i < places.size(); ++i)
      if (versions[i] != version(loader.sample_of(places[i].sample))) due.push_back(places[i]);
    for (auto& row : loader.load(due)) {
      if (db.failed()) return;
      visit(std::move(row.what));
    }
  };
  for (bool more = true; more && !db.failed();) {
    places.clear();
    versions.clear();
    while (places.size() < rows_at_once && (more = query.step())) {
      places.push_back(place_at(query));
      versions.push_back(query.is_null(3) ? std::nullopt
                                          : std::optional(std::string(query.text(3))));
    }
    visit_portion();
  }
  return db.result();
}

}  // namespace assay::storage
