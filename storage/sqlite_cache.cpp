#include "storage/sqlite_cache.hpp"

#include <algorithm>
#include <limits>
#include <tuple>
#include <unordered_map>

#include "storage/json_text.hpp"
#include "storage/sqlite_columns.hpp"

namespace assay::storage {

namespace {

/// A task that wants an answer. Tasks with the same three numbers can only get the same one.
struct wanting {
  std::int64_t conversation = 0;
  std::int64_t epoch = 0;
  std::int64_t parameters = 0;
  std::int64_t task = 0;

  auto request() const { return std::tie(conversation, epoch, parameters); }
};

struct copy {
  std::int64_t task = 0;
  std::int64_t original = 0;
};

/// A way to call a model: who may be asked, and which other ways ask the same.
struct way {
  std::vector<std::string> providers;
  std::vector<std::int64_t> equal;  ///< itself included
};

using ways = std::unordered_map<std::int64_t, way>;

bool anything_to_copy(connection& db) {
  return db.integer("SELECT EXISTS (SELECT 1 FROM outcomes WHERE status <> 3)") != 0;
}

/// Streaming and providers are no part of what is asked.
ways read_ways(connection& db) {
  statement row(db,
                "SELECT id, providers, min(id) OVER (PARTITION BY model, max_tokens, temperature, "
                "top_p, seed, stop, reasoning, extra, tools, endpoint) FROM parameters");
  ways all;
  std::unordered_map<std::int64_t, std::vector<std::int64_t>> classes;
  std::unordered_map<std::int64_t, std::int64_t> class_of;
  while (row.step()) {
    auto id = row.integer(0);
    require_sound(db, read_list(row.text(1), all[id].providers), "providers");
    class_of[id] = row.integer(2);
    classes[row.integer(2)].push_back(id);
  }
  for (auto& [id, w] : all) w.equal = classes[class_of[id]];
  return all;
}

std::vector<wanting> read_wanting(connection& db, run_id run) {
  statement row(db,
                "SELECT t.conversation, t.epoch, t.parameters, t.id FROM run_tasks r "
                "CROSS JOIN tasks t ON t.id = r.task LEFT JOIN outcomes o ON o.task = r.task "
                "WHERE r.run = ? AND (o.status IS NULL OR o.status = 3)");
  std::vector<wanting> all;
  row.start(run);
  while (row.step())
    all.push_back({row.integer(0), row.integer(1), row.integer(2), row.integer(3)});
  std::sort(all.begin(), all.end(),
            [](const wanting& a, const wanting& b) { return a.request() < b.request(); });
  return all;
}

/// The youngest answer to such a request that the rules allow; 0 if there is none. The end of a
/// sample that took several calls is no answer to its first request.
std::int64_t find_original(connection& db, const wanting& asked, const way& how,
                           const copy_rules& rules) {
  statement row(db,
                "SELECT o.task, o.provider, coalesce(o.done_ns, 0) FROM tasks t "
                "CROSS JOIN outcomes o ON o.task = t.id "
                "WHERE t.conversation = ? AND t.epoch = ? AND t.parameters = ? AND o.status <> 3 "
                "AND NOT o.cached AND o.items <= ? AND coalesce(o.done_ns, 0) >= ? "
                "AND NOT EXISTS (SELECT 1 FROM steps s JOIN cells c ON c.id = s.cell "
                "WHERE s.parent = t.id AND c.mode <> 'judge')");
  auto most_items = rules.also_combined ? std::numeric_limits<std::int64_t>::max() : 1;
  auto oldest = rules.wanted.ttl
                    ? rules.now_unix_ns - std::chrono::nanoseconds(*rules.wanted.ttl).count()
                    : std::numeric_limits<std::int64_t>::min();
  std::int64_t best = 0, best_ns = 0;
  for (auto parameters : how.equal) {
    row.start(asked.conversation, asked.epoch, parameters, most_items, oldest);
    while (row.step()) {
      const auto& mine = how.providers;
      bool known = std::find(mine.begin(), mine.end(), row.text(1)) != mine.end();
      if (!known && !rules.wanted.across_accounts) continue;
      if (best && row.integer(2) <= best_ns) continue;
      best = row.integer(0);
      best_ns = row.integer(2);
    }
  }
  return best;
}

std::vector<copy> find_copies(connection& db, run_id run, const copy_rules& rules) {
  std::vector<copy> found;
  auto all = read_ways(db);
  const wanting* last = nullptr;
  std::int64_t original = 0;
  auto wanted = read_wanting(db, run);
  for (const auto& task : wanted) {
    if (!last || task.request() != last->request())
      original = find_original(db, task, all[task.parameters], rules);
    last = &task;
    if (original) found.push_back({task.task, original});
  }
  return found;
}

/// False if another run has answered the task meanwhile. What an error left behind goes with it.
bool make_room(connection& db, std::int64_t task) {
  statement held(db, "SELECT status FROM outcomes WHERE task = ?");
  if (!held.start(task).step()) return true;
  if (stored_status(db, held.integer(0)) != outcome_status::error) return false;
  statement(db, "DELETE FROM answers WHERE task = ?").run(task);
  statement(db, "DELETE FROM verdicts WHERE task = ?").run(task);
  return true;
}

/// The answer as it was given, without what only its exchange had: price and times.
void write_copy(connection& db, run_id run, const copy& c) {
  statement(db,
            "INSERT OR REPLACE INTO outcomes (task, run, status, error_class, error_code, "
            "error_type, error_message, retry_after_ms, limited, finish, finish_reason, provider, "
            "model, response_id, system_fingerprint, service_tier, input_tokens, "
            "cached_input_tokens, cache_write_tokens, output_tokens, reasoning_tokens, cost_usd, "
            "cached, copied_from) "
            "SELECT ?, ?, status, error_class, error_code, error_type, error_message, "
            "retry_after_ms, limited, finish, finish_reason, provider, model, response_id, "
            "system_fingerprint, service_tier, input_tokens, cached_input_tokens, "
            "cache_write_tokens, output_tokens, reasoning_tokens, 0.0, 1, task "
            "FROM outcomes WHERE task = ?")
      .run(c.task, run, c.original);
  statement(db,
            "INSERT INTO answers (task, text, reasoning, refusal, calls, thinking) "
            "SELECT ?, text, reasoning, refusal, calls, thinking FROM answers WHERE task = ?")
      .run(c.task, c.original);
}

}  // namespace

/// What to copy is found before the write lock is taken: answers do not change.
expected<std::size_t> copy_answers(connection& db, run_id run, const copy_rules& rules) {
  std::vector<copy> copies;
  if (rules.wanted.on && anything_to_copy(db)) copies = find_copies(db, run, rules);
  if (auto read = db.result(); !read) return tl::make_unexpected(read.error());
  if (copies.empty()) return 0u;
  std::size_t written = 0;
  transaction change(db);
  for (const auto& c : copies) {
    if (db.failed()) break;
    if (!make_room(db, c.task)) continue;
    write_copy(db, run, c);
    ++written;
  }
  if (auto done = change.commit(); !done) return tl::make_unexpected(done.error());
  return written;
}

}  // namespace assay::storage
