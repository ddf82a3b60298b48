#include "storage/sqlite_writer.hpp"

#include <algorithm>
#include <unordered_map>

#include "messages/text_digest.hpp"
#include "storage/json_text.hpp"

namespace assay::storage {

namespace {

/// Large enough that the pages of the key index are written few times, small enough that other
/// writers get their turn.
constexpr std::size_t tasks_per_transaction = 50'000;

constexpr auto in_error = static_cast<std::int64_t>(outcome_status::error);

/// Empty texts and moments that did not come are stored as NULL.
std::optional<std::string_view> known(const std::string& text) {
  if (text.empty()) return std::nullopt;
  return text;
}

std::optional<std::int64_t> known(const time_anchor& anchor, instant t) {
  if (t == instant{}) return std::nullopt;
  return anchor.unix_ns(t);
}

std::optional<std::int64_t> count_of(const std::optional<milliseconds>& wait) {
  if (!wait) return std::nullopt;
  return wait->count();
}

/// The first known moment of an attempt: with its number, what tells it from others of the task.
std::int64_t began_ns(const timeline& at, const time_anchor& anchor) {
  for (auto moment : {at.admitted, at.sent, at.intended, at.done})
    if (moment != instant{}) return anchor.unix_ns(moment);
  return 0;
}

/// What the answer says was used; what it leaves open, the last attempt may know.
token_usage usage_of(const outcome& got) {
  auto usage = got.reply.usage;
  if (got.attempts.empty()) return usage;
  const auto& last = got.attempts.back().usage;
  if (!usage.input) usage.input = last.input;
  if (!usage.cached_input) usage.cached_input = last.cached_input;
  if (!usage.cache_write) usage.cache_write = last.cache_write;
  if (!usage.output) usage.output = last.output;
  if (!usage.reasoning) usage.reasoning = last.reasoning;
  if (!usage.billed_usd) usage.billed_usd = last.billed_usd;
  return usage;
}

void write_outcome(connection& db, std::int64_t id, run_id run, const outcome& got,
                   std::optional<std::int64_t> original, const time_anchor& anchor) {
  statement insert(db,
                   "INSERT OR REPLACE INTO outcomes VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
                   "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  const auto& error = got.error;
  const auto& reply = got.reply;
  auto usage = usage_of(got);
  auto at = got.attempts.empty() ? timeline{} : got.attempts.back().at;
  // how many tasks shared the answer: those of a provider's batch are answered one by one
  auto alone = got.attempts.empty() || got.attempts.back().batched;
  auto items = alone ? 1 : got.attempts.back().items;
  insert.run(id, run, got.status, error.kind, known(error.code), known(error.type),
             known(error.message), count_of(error.retry_after), error.limited, reply.why,
             known(reply.finish_reason), got.provider, known(reply.model), known(reply.response_id),
             known(reply.system_fingerprint), known(reply.service_tier), usage.input,
             usage.cached_input, usage.cache_write, usage.output, usage.reasoning, usage.billed_usd,
             got.cost.value, known(anchor, at.sent), known(anchor, at.done), items, got.cached,
             original, got.attempts.empty() ? std::string{} : got.attempts.back().from.node,
             text_digest(reply.text));
}

}  // namespace

// -- tasks ----------------------------------------------------------------------------------------

expected<void> sqlite_writer::put_tasks(run_id run, std::size_t count,
                                        const std::function<task(std::size_t)>& make) {
  auto held = static_cast<std::size_t>(next_position(run));
  if (auto read = db_.result(); !read) return read;
  while (held < count) {
    auto last = std::min(count, held + tasks_per_transaction);
    if (auto put = put_range(run, held, last, make); !put) return put;
    held = last;
  }
  return {};
}

expected<void> sqlite_writer::put_range(run_id run, std::size_t first, std::size_t last,
                                        const std::function<task(std::size_t)>& make) {
  transaction change(db_, [this] { contents_.forget(); });
  for (auto i = first; i < last && !db_.failed(); ++i) {
    auto item = make(i);
    link(run, static_cast<std::int64_t>(i), put_task(item), item);
  }
  return change.commit();
}

std::int64_t sqlite_writer::put_task(const task& item) {
  if (auto id = find_task(item.key)) return id;
  statement insert(db_,
                   "INSERT INTO tasks (key, epoch, conversation, parameters, input_tokens) "
                   "VALUES (?, ?, ?, ?, ?)");
  insert.run(item.key, item.epoch, contents_.id_of(item.request.messages),
             contents_.id_of(item.request, item.providers), item.input_tokens);
  return db_.last_id();
}

void sqlite_writer::link(run_id run, std::int64_t position, std::int64_t id, const task& item) {
  statement insert(db_, "INSERT INTO run_tasks VALUES (?, ?, ?, ?, ?)");
  insert.run(run, position, id, contents_.id_of(item.where), contents_.id_of(item.item));
}

void sqlite_writer::add_step(std::int64_t id, const task& item) {
  auto parent = find_task(item.parent);
  if (parent == 0 && !db_.failed())
    db_.fail_with(
        {to_string(item.key), "a step of a task that is not in the ledger", "put the task first"});
  statement insert(db_, "INSERT INTO steps (parent, task, cell, sample) VALUES (?, ?, ?, ?)");
  insert.run(parent, id, contents_.id_of(item.where), contents_.id_of(item.item));
}

std::int64_t sqlite_writer::next_position(run_id run) {
  statement query(db_, "SELECT max(position) + 1 FROM run_tasks WHERE run = ?");
  return query.start(run).step() ? query.integer(0) : 0;
}

std::int64_t sqlite_writer::find_task(const task_key& key) {
  statement query(db_, "SELECT id FROM tasks WHERE key = ?");
  return query.start(key).step() ? query.integer(0) : 0;
}

// -- records --------------------------------------------------------------------------------------

expected<void> sqlite_writer::commit(const commit_batch& batch, const time_anchor& anchor) {
  if (batch.records.empty() && batch.verdicts.empty()) return {};
  transaction change(db_, [this] { contents_.forget(); });
  std::unordered_map<task_key, std::int64_t> ids;
  for (const auto& item : batch.records) ids[item.got.key] = write_record(batch.run, item, anchor);
  for (const auto& item : batch.verdicts) {
    auto met = ids.find(item.key);
    write_verdict(met != ids.end() ? met->second : find_task(item.key), item);
  }
  return change.commit();
}

std::int64_t sqlite_writer::write_record(run_id run, const record& item,
                                         const time_anchor& anchor) {
  statement query(db_,
                  "SELECT t.id, o.status FROM tasks t LEFT JOIN outcomes o ON o.task = t.id "
                  "WHERE t.key = ?");
  std::optional<std::int64_t> status;
  std::int64_t id = 0;
  if (query.start(item.got.key).step()) {
    id = query.integer(0);
    status = query.optional_integer(1);
  } else {
    id = put_task(item.asked);
    if (item.asked.is_step())
      add_step(id, item.asked);
    else
      link(run, next_position(run), id, item.asked);
  }
  write_attempts(run, id, item, anchor);
  if (status && *status != in_error) return id;
  write_outcome(db_, id, run, item.got, original_of(item.got), anchor);
  write_answer(id, item.got.reply, status.has_value());
  if (status && item.got.status != outcome_status::error)
    statement(db_, "DELETE FROM verdicts WHERE task = ?").run(id);
  return id;
}

std::optional<std::int64_t> sqlite_writer::original_of(const outcome& got) {
  if (!got.cached) return std::nullopt;
  if (auto id = find_task(got.original)) return id;
  db_.fail_with({to_string(got.key), "a copied answer without its original in the ledger",
                 "name the task that was answered"});
  return std::nullopt;
}

void sqlite_writer::write_answer(std::int64_t id, const answer& reply, bool replaces) {
  if (replaces) statement(db_, "DELETE FROM answers WHERE task = ?").run(id);
  if (reply.text.empty() && reply.reasoning.empty() && reply.refusal.empty() && reply.calls.empty())
    return;
  statement insert(db_,
                   "INSERT INTO answers (task, text, reasoning, refusal, calls, thinking) "
                   "VALUES (?, ?, ?, ?, ?, ?)");
  insert.run(id, reply.text, reply.reasoning, reply.refusal, calls_json(reply.calls),
             reply.thinking);
}

void sqlite_writer::write_attempts(run_id run, std::int64_t id, const record& item,
                                   const time_anchor& anchor) {
  statement insert(
      db_,
      "INSERT OR IGNORE INTO attempts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
      "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  auto cell = contents_.id_of(item.asked.where);
  for (const auto& a : item.got.attempts) {
    const auto& error = a.error;
    auto at = [&](instant t) { return known(anchor, t); };
    insert.run(
        run, id, began_ns(a.at, anchor), a.number, cell, a.provider, a.http_status,
        known(a.request_id), error.kind, known(error.code), known(error.type), known(error.message),
        count_of(error.retry_after), error.limited, a.usage.input, a.usage.cached_input,
        a.usage.cache_write, a.usage.output, a.usage.reasoning, a.usage.billed_usd, a.cost.value,
        at(a.at.intended), at(a.at.admitted), at(a.at.sent), at(a.at.first_byte),
        at(a.at.first_event), at(a.at.first_reasoning), at(a.at.first_content),
        at(a.at.last_content), at(a.at.done), a.bytes_received, a.content_events, a.new_connection,
        a.limits.empty() ? std::nullopt : std::optional(limits_json(a.limits)), a.items, a.hedge,
        a.batched, a.from.node, a.from.clock_offset.count(), a.from.clock_error.count());
  }
}

void sqlite_writer::write_verdict(std::int64_t id, const verdict& v) {
  if (id == 0 && !db_.failed())
    db_.fail_with({to_string(v.key), "a verdict on a task that is not in the ledger",
                   "put the task or its record first"});
  statement insert(db_, "INSERT OR REPLACE INTO verdicts VALUES (?, ?, ?, ?, ?, ?, ?)");
  insert.run(id, v.judge, v.judge_version, v.scored, v.score, v.extracted, v.explanation);
}

}  // namespace assay::storage
