#include "storage/cache.hpp"

#include <algorithm>
#include <limits>
#include <tuple>
#include <unordered_map>

#include "storage/columns.hpp"
#include "storage/json_text.hpp"

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
                "WHERE r.run = ? AND (o.status IS NULL OR o.status = 3)",
                use::stream);
  std::vector<wanting> all;
  row.start(run);
  while (row.step())
    all.push_back({row.integer(0), row.integer(1), row.integer(2), row.integer(3)});
  std::sort(all.begin(), all.end(),
            [](const wanting& a, const wanting& b) { return a.request() < b.request(); });
  return all;
}

/// The youngest answer to each request that the rules allow; 0 if there is none. The end of a
/// sample that took several calls is no answer to its first request.
std::vector<std::int64_t> find_originals(connection& db, const std::vector<wanting>& asked,
                                         const ways& all, const copy_rules& rules) {
  struct question {
    std::size_t who;
    std::int64_t parameters;
  };
  struct answer {
    std::int64_t task = 0;
    std::int64_t done_ns = 0;
  };
  std::vector<question> questions;
  for (std::size_t i = 0; i < asked.size(); ++i)
    for (auto parameters : all.at(asked[i].parameters).equal) questions.push_back({i, parameters});
  auto most_items = rules.also_combined ? std::numeric_limits<std::int64_t>::max() : 1;
  auto oldest = rules.wanted.ttl
                    ? rules.now_unix_ns - std::chrono::nanoseconds(*rules.wanted.ttl).count()
                    : std::numeric_limits<std::int64_t>::min();
  inquiry row(db,
              "SELECT o.task, o.provider, coalesce(o.done_ns, 0) FROM tasks t "
              "CROSS JOIN outcomes o ON o.task = t.id "
              "WHERE t.conversation = ? AND t.epoch = ? AND t.parameters = ? AND o.status <> 3 "
              "AND o.cached = 0 AND o.items <= ? AND coalesce(o.done_ns, 0) >= ? "
              "AND NOT EXISTS (SELECT 1 FROM steps s JOIN cells c ON c.id = s.cell "
              "WHERE s.parent = t.id AND c.mode <> 'judge')");
  std::vector<answer> best(asked.size());
  row.each(
      questions.size(),
      [&](std::size_t i, auto ask) {
        const auto& who = asked[questions[i].who];
        ask(who.conversation, who.epoch, questions[i].parameters, most_items, oldest);
      },
      [&](std::size_t i, const statement& found) {
        auto who = questions[i].who;
        const auto& mine = all.at(asked[who].parameters).providers;
        bool known = std::find(mine.begin(), mine.end(), found.text(1)) != mine.end();
        if (!known && !rules.wanted.across_accounts) return;
        if (best[who].task && found.integer(2) <= best[who].done_ns) return;
        best[who] = {found.integer(0), found.integer(2)};
      });
  std::vector<std::int64_t> originals;
  originals.reserve(best.size());
  for (const auto& b : best) originals.push_back(b.task);
  return originals;
}

std::vector<copy> find_copies(connection& db, run_id run, const copy_rules& rules) {
  std::vector<copy> found;
  auto all = read_ways(db);
  auto wanted = read_wanting(db, run);
  auto different = wanted;
  auto equal = [](const wanting& a, const wanting& b) { return a.request() == b.request(); };
  different.erase(std::unique(different.begin(), different.end(), equal), different.end());
  if (db.failed()) return found;
  auto originals = find_originals(db, different, all, rules);
  std::size_t at = 0;
  for (const auto& task : wanted) {
    while (!equal(task, different[at])) ++at;
    if (originals[at]) found.push_back({task.task, originals[at]});
  }
  return found;
}

/// The answers as they were given, without what only their exchange had: price and times. Tasks
/// that another run has answered meanwhile keep their answer; what an error left behind goes.
void write_copies(connection& db, run_id run, const std::vector<copy>& copies) {
  db.run_script("CREATE TEMP TABLE IF NOT EXISTS copies (task BIGINT, original BIGINT)");
  db.run_script("DELETE FROM copies");
  bulk pairs(db, "INSERT INTO copies VALUES (?, ?)");
  for (const auto& c : copies) pairs.add(c.task, c.original);
  pairs.flush();
  db.run_script(
      "DELETE FROM copies WHERE task IN (SELECT task FROM outcomes WHERE status <> 3);"
      "DELETE FROM answers WHERE task IN (SELECT task FROM copies);"
      "DELETE FROM verdicts WHERE task IN (SELECT task FROM copies);"
      "DELETE FROM outcomes WHERE task IN (SELECT task FROM copies)");
  statement(db,
            "INSERT INTO outcomes (task, run, status, error_class, error_code, "
            "error_type, error_message, retry_after_ms, limited, finish, finish_reason, provider, "
            "model, response_id, system_fingerprint, service_tier, input_tokens, "
            "cached_input_tokens, cache_write_tokens, output_tokens, reasoning_tokens, cost_usd, "
            "cached, copied_from) "
            "SELECT c.task, CAST(? AS BIGINT), status, error_class, error_code, error_type, "
            "error_message, retry_after_ms, limited, finish, finish_reason, provider, model, "
            "response_id, system_fingerprint, service_tier, input_tokens, cached_input_tokens, "
            "cache_write_tokens, output_tokens, reasoning_tokens, 0.0, 1, c.original "
            "FROM copies c JOIN outcomes o ON o.task = c.original")
      .run(run);
  db.run_script(
      "INSERT INTO answers (task, text, reasoning, refusal, calls, thinking) "
      "SELECT c.task, text, reasoning, refusal, calls, thinking "
      "FROM copies c JOIN answers a ON a.task = c.original");
}

}  // namespace

/// What to copy is found before the write lock is taken: answers do not change.
expected<std::size_t> copy_answers(connection& db, run_id run, const copy_rules& rules) {
  std::vector<copy> copies;
  if (rules.wanted.on && anything_to_copy(db)) copies = find_copies(db, run, rules);
  if (auto read = db.result(); !read) return tl::make_unexpected(read.error());
  if (copies.empty()) return 0u;
  transaction change(db);
  write_copies(db, run, copies);
  auto written = static_cast<std::size_t>(db.integer("SELECT count(*) FROM copies"));
  if (auto done = change.commit(); !done) return tl::make_unexpected(done.error());
  return written;
}

}  // namespace assay::storage
