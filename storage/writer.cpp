#include "storage/writer.hpp"

#include <algorithm>

#include "messages/text_digest.hpp"
#include "storage/json_text.hpp"

namespace assay::storage {

namespace {

/// Large enough that the pages of the key index are written few times, small enough that other
/// writers get their turn.
constexpr std::size_t tasks_per_transaction = 50'000;

/// Tasks in memory at a time while a plan is put.
constexpr std::size_t tasks_at_once = 2'000;

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

/// What a batch says about outcomes. Deletions come first, so that what replaces an error finds its
/// place free; within one round no task has two outcomes.
class outcome_rows {
 public:
  explicit outcome_rows(connection& db)
      : gone_verdicts_(db, "DELETE FROM verdicts WHERE task = ?"),
        gone_answers_(db, "DELETE FROM answers WHERE task = ?"),
        gone_(db, "DELETE FROM outcomes WHERE task = ?"),
        outcomes_(db,
                  "INSERT INTO outcomes VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
                  "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"),
        answers_(db,
                 "INSERT INTO answers (task, text, reasoning, refusal, calls, thinking) "
                 "VALUES (?, ?, ?, ?, ?, ?)") {}

  void add(std::int64_t task, run_id run, const outcome& got, std::optional<std::int64_t> original,
           const time_anchor& anchor, bool replaces) {
    if (tasks_.contains(task)) flush();
    tasks_.insert(task);
    if (replaces) remove(task, got.status != outcome_status::error);
    add_outcome(task, run, got, original, anchor);
    const auto& reply = got.reply;
    if (!reply.text.empty() || !reply.reasoning.empty() || !reply.refusal.empty() ||
        !reply.calls.empty())
      answers_.add(task, reply.text, reply.reasoning, reply.refusal, calls_json(reply.calls),
                   reply.thinking);
  }

  void flush() {
    for (auto* rows : {&gone_verdicts_, &gone_answers_, &gone_, &outcomes_, &answers_})
      rows->flush();
    tasks_.clear();
  }

 private:
  void remove(std::int64_t task, bool verdicts_too) {
    gone_.add(task);
    gone_answers_.add(task);
    if (verdicts_too) gone_verdicts_.add(task);
  }

  void add_outcome(std::int64_t task, run_id run, const outcome& got,
                   std::optional<std::int64_t> original, const time_anchor& anchor) {
    const auto& error = got.error;
    const auto& reply = got.reply;
    auto usage = usage_of(got);
    auto at = got.attempts.empty() ? timeline{} : got.attempts.back().at;
    // how many tasks shared the answer: those of a provider's batch are answered one by one
    auto alone = got.attempts.empty() || got.attempts.back().batched;
    auto items = alone ? 1 : got.attempts.back().items;
    outcomes_.add(task, run, got.status, error.kind, known(error.code), known(error.type),
                  known(error.message), count_of(error.retry_after), error.limited, reply.why,
                  known(reply.finish_reason), got.provider, known(reply.model),
                  known(reply.response_id), known(reply.system_fingerprint),
                  known(reply.service_tier), usage.input, usage.cached_input, usage.cache_write,
                  usage.output, usage.reasoning, usage.billed_usd, got.cost.value,
                  known(anchor, at.sent), known(anchor, at.done), items, got.cached, original,
                  got.attempts.empty() ? std::string{} : got.attempts.back().from.node,
                  text_digest(reply.text));
  }

  bulk gone_verdicts_, gone_answers_, gone_, outcomes_, answers_;
  std::set<std::int64_t> tasks_;  ///< with an outcome that is not flushed
};

void add_attempts(bulk& rows, run_id run, std::int64_t task, std::int64_t cell, const record& item,
                  const time_anchor& anchor) {
  for (const auto& a : item.got.attempts) {
    const auto& error = a.error;
    auto at = [&](instant t) { return known(anchor, t); };
    rows.add(run, task, began_ns(a.at, anchor), a.number, cell, a.provider, a.http_status,
             known(a.request_id), error.kind, known(error.code), known(error.type),
             known(error.message), count_of(error.retry_after), error.limited, a.usage.input,
             a.usage.cached_input, a.usage.cache_write, a.usage.output, a.usage.reasoning,
             a.usage.billed_usd, a.cost.value, at(a.at.intended), at(a.at.admitted), at(a.at.sent),
             at(a.at.first_byte), at(a.at.first_event), at(a.at.first_reasoning),
             at(a.at.first_content), at(a.at.last_content), at(a.at.done), a.bytes_received,
             a.content_events, a.new_connection,
             a.limits.empty() ? std::nullopt : std::optional(limits_json(a.limits)), a.items,
             a.hedge, a.batched, a.from.node, a.from.clock_offset.count(),
             a.from.clock_error.count(), a.from.egress);
  }
}

}  // namespace

void writer::forget(bool committed) {
  contents_.forget(committed);
  task_ids_.forget();
}

// -- tasks ----------------------------------------------------------------------------------------

expected<void> writer::put_tasks(run_id run, std::size_t count,
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

expected<void> writer::put_range(run_id run, std::size_t first, std::size_t last,
                                 const std::function<task(std::size_t)>& make) {
  transaction change(db_, [this](bool committed) { forget(committed); });
  bulk links(db_, "INSERT INTO run_tasks VALUES (?, ?, ?, ?, ?)");
  std::vector<task> items;
  for (auto i = first; i < last && !db_.failed();) {
    items.clear();
    for (auto end = std::min(last, i + tasks_at_once); i + items.size() < end;)
      items.push_back(make(i + items.size()));
    std::vector<const task*> group;
    group.reserve(items.size());
    for (const auto& item : items) group.push_back(&item);
    stored_tasks stored;
    for (const auto& at : place_tasks(group, stored))
      links.add(run, static_cast<std::int64_t>(i++), at.task, at.cell, at.sample);
  }
  links.flush();
  return change.commit();
}

/// Finds each task, or adds it. `stored` knows them afterwards.
std::vector<writer::place> writer::place_tasks(const std::vector<const task*>& items,
                                               stored_tasks& stored) {
  inquiry find(db_, "SELECT id FROM tasks WHERE key = ?");
  find.each(
      items.size(), [&](std::size_t i, auto ask) { ask(items[i]->key); },
      [&](std::size_t i, const statement& row) { stored[items[i]->key].id = row.integer(0); });
  contents_.trim();
  std::vector<task_key> samples;
  samples.reserve(items.size());
  for (const auto* item : items) samples.push_back(contents_.meet(item->item));
  add_tasks(items, stored);
  std::vector<place> places;
  if (db_.failed()) return places;
  for (std::size_t i = 0; i < items.size(); ++i)
    places.push_back({stored[items[i]->key].id, contents_.id_of(items[i]->where),
                      contents_.sample_id(samples[i])});
  return places;
}

/// Writes those that are not stored yet, and what all of them consist of.
void writer::add_tasks(const std::vector<const task*>& items, stored_tasks& stored) {
  struct fresh_task {
    const task* what;
    task_key conversation, parameters;
  };
  std::vector<fresh_task> fresh;
  for (const auto* item : items) {
    auto& known = stored[item->key];
    if (known.id != 0) continue;
    known.id = task_ids_.next();
    fresh.push_back({item, contents_.meet(item->request.messages),
                     contents_.meet(item->request, item->providers)});
  }
  contents_.settle();
  if (db_.failed()) return;
  bulk insert(db_,
              "INSERT INTO tasks (id, key, epoch, conversation, parameters, input_tokens) "
              "VALUES (?, ?, ?, ?, ?, ?)");
  for (const auto& f : fresh)
    insert.add(stored[f.what->key].id, f.what->key, f.what->epoch,
               contents_.conversation_id(f.conversation), contents_.parameters_id(f.parameters),
               f.what->input_tokens);
  insert.flush();
}

std::int64_t writer::next_position(run_id run) {
  statement query(db_, "SELECT max(position) + 1 FROM run_tasks WHERE run = ?");
  return query.start(run).step() ? query.integer(0) : 0;
}

// -- records --------------------------------------------------------------------------------------

expected<void> writer::commit(const commit_batch& batch, const time_anchor& anchor) {
  if (batch.records.empty() && batch.verdicts.empty()) return {};
  transaction change(db_, [this](bool committed) { forget(committed); });
  auto stored = find_tasks(batch);
  put_unknown(batch, stored);
  write_records(batch, stored, anchor);
  write_verdicts(batch, stored);
  return change.commit();
}

/// Every task that the batch speaks of and the ledger knows.
writer::stored_tasks writer::find_tasks(const commit_batch& batch) {
  stored_tasks stored;
  std::vector<task_key> keys;
  auto want = [&](const task_key& key) {
    if (stored.try_emplace(key).second) keys.push_back(key);
  };
  for (const auto& item : batch.records) {
    want(item.got.key);
    if (item.got.cached) want(item.got.original);
    if (item.asked.is_step()) want(item.asked.parent);
  }
  for (const auto& item : batch.verdicts) want(item.key);
  inquiry find(db_,
               "SELECT t.id, o.status FROM tasks t LEFT JOIN outcomes o ON o.task = t.id "
               "WHERE t.key = ?");
  find.each_of(keys, [&](std::size_t i, const statement& row) {
    stored[keys[i]] = {row.integer(0), row.optional_integer(1)};
  });
  return stored;
}

/// Tasks that were never put: those of the run go to its end, steps to the task that they serve.
void writer::put_unknown(const commit_batch& batch, stored_tasks& stored) {
  std::vector<const task*> unknown;
  for (const auto& item : batch.records)
    if (stored[item.got.key].id == 0) unknown.push_back(&item.asked);
  if (unknown.empty() || db_.failed()) return;
  bulk steps(db_, "INSERT INTO steps (parent, task, cell, sample) VALUES (?, ?, ?, ?)");
  bulk links(db_, "INSERT INTO run_tasks VALUES (?, ?, ?, ?, ?)");
  auto position = next_position(batch.run);
  std::set<std::int64_t> linked;
  auto places = place_tasks(unknown, stored);
  for (std::size_t i = 0; i < places.size(); ++i) {
    const auto& [id, cell, sample] = places[i];
    if (!linked.insert(id).second) continue;
    if (!unknown[i]->is_step()) {
      links.add(batch.run, position++, id, cell, sample);
      continue;
    }
    auto parent = stored[unknown[i]->parent].id;
    if (parent == 0)
      db_.fail_with({to_string(unknown[i]->key), "a step of a task that is not in the ledger",
                     "put the task first"});
    steps.add(parent, id, cell, sample);
  }
  steps.flush();
  links.flush();
}

void writer::write_records(const commit_batch& batch, stored_tasks& stored,
                           const time_anchor& anchor) {
  bulk attempts(db_,
                "INSERT INTO attempts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
                "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
                "?, ?, ?) ON CONFLICT DO NOTHING");
  outcome_rows outcomes(db_);
  for (const auto& item : batch.records) {
    if (db_.failed()) return;
    auto& [id, status] = stored[item.got.key];
    add_attempts(attempts, batch.run, id, contents_.id_of(item.asked.where), item, anchor);
    if (status && *status != in_error) continue;
    outcomes.add(id, batch.run, item.got, original_of(item.got, stored), anchor,
                 status.has_value());
    status = static_cast<std::int64_t>(item.got.status);
  }
  attempts.flush();
  outcomes.flush();
}

std::optional<std::int64_t> writer::original_of(const outcome& got, const stored_tasks& stored) {
  if (!got.cached) return std::nullopt;
  if (auto id = stored.at(got.original).id) return id;
  db_.fail_with({to_string(got.key), "a copied answer without its original in the ledger",
                 "name the task that was answered"});
  return std::nullopt;
}

void writer::write_verdicts(const commit_batch& batch, const stored_tasks& stored) {
  bulk insert(db_,
              "INSERT INTO verdicts VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (task, judge) DO "
              "UPDATE SET version = excluded.version, scored = excluded.scored, "
              "score = excluded.score, extracted = excluded.extracted, "
              "explanation = excluded.explanation");
  std::set<std::pair<std::int64_t, std::string_view>> given;  // not flushed
  for (const auto& v : batch.verdicts) {
    if (db_.failed()) return;
    auto id = stored.at(v.key).id;
    if (id == 0)
      db_.fail_with({to_string(v.key), "a verdict on a task that is not in the ledger",
                     "put the task or its record first"});
    if (!given.emplace(id, v.judge).second) {
      insert.flush();
      given = {{id, v.judge}};
    }
    insert.add(id, v.judge, v.judge_version, v.scored, v.score, v.extracted, v.explanation);
  }
  insert.flush();
}

}  // namespace assay::storage
