#pragma once

#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "storage/ledger.hpp"
#include "tests/storage/postgres_server.hpp"

/// Ledgers to test and records to put into them. What holds for the interface is tested on every
/// kind of ledger through `on_every_ledger`.
namespace assay::tests {

using storage::commit_batch;
using storage::ledger;
using storage::run_id;
using storage::run_info;

/// A folder that goes with the test.
struct scratch_folder {
  std::filesystem::path path;

  scratch_folder() {
    static int count = 0;
    path = std::filesystem::temp_directory_path() /
           ("assay-storage-" + std::to_string(::getpid()) + "-" + std::to_string(++count));
    std::filesystem::create_directories(path);
  }
  scratch_folder(const scratch_folder&) = delete;
  ~scratch_folder() { std::filesystem::remove_all(path); }
  std::string file(const std::string& name) const { return (path / name).string(); }
};

/// The value, or a failed test that shows the problem.
template <class T>
T must(expected<T> result) {
  if (!result) FAIL(render(result.error()));
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

struct ledger_kind {
  const char* name;
  /// Where a new ledger can be; nothing if the test cannot have one.
  std::optional<std::string> (*place)(const scratch_folder&);
};

inline const std::vector<ledger_kind>& ledger_kinds() {
  static const std::vector<ledger_kind> kinds{
      {"sqlite", [](const scratch_folder& f) { return std::optional(f.file("l.db")); }},
      {"postgresql", [](const scratch_folder&) { return new_postgres_schema(); }},
  };
  return kinds;
}

struct no_run_t {};
inline constexpr no_run_t no_run;

/// A ledger with a run.
struct store {
  scratch_folder folder;
  std::string where;
  std::unique_ptr<ledger> db;
  run_id run = 0;

  explicit store(const ledger_kind& kind = ledger_kinds()[0]) : store(kind, no_run) {
    if (db) run = open_run("first");
  }
  store(const ledger_kind& kind, no_run_t) : where(kind.place(folder).value_or("")) {
    if (!where.empty()) db = another();
  }
  /// Another connection to the same ledger.
  std::unique_ptr<ledger> another() const { return must(storage::open_ledger(where)); }
  run_id open_run(const std::string& fingerprint) {
    run_info wanted;
    wanted.experiment = "experiment";
    wanted.fingerprint = fingerprint;
    return must(db->open_run(wanted)).id;
  }
};

inline void on_every_ledger(const std::function<void(store&)>& rule) {
  for (const auto& kind : ledger_kinds()) {
    INFO(kind.name);
    store fresh(kind);
    if (fresh.db) rule(fresh);
  }
}

inline task make_task(std::size_t i) {
  task made;
  made.key = hash_parts({"task", std::to_string(i)});
  made.where = {"sums", "small", "plain", "arithmetic", i % 2 ? "hard" : "easy", "direct_answer"};
  made.item.id = "sample-" + std::to_string(i);
  made.item.input = std::to_string(i) + "+1?";
  made.item.targets = {std::to_string(i + 1)};
  made.item.tags = {"sum"};
  made.request.model = "small-1";
  made.request.messages = {{role::user, made.item.input}};
  made.providers = {"left"};
  made.input_tokens = 1;
  return made;
}

inline void put(ledger& db, run_id run, std::size_t count) {
  must(db.put_tasks(run, count, make_task));
}

inline instant at(int ms) { return instant(milliseconds(1'000'000 + ms)); }

/// An attempt that was sent at `sent_ms` and took 100 ms.
inline attempt make_attempt(int sent_ms, error_class kind = error_class::none) {
  attempt made;
  made.provider = "left";
  made.http_status = kind == error_class::none ? 200 : 500;
  made.error.kind = kind;
  made.at.admitted = at(sent_ms);
  made.at.sent = at(sent_ms);
  made.at.done = at(sent_ms + 100);
  made.cost = usd{0.5};
  return made;
}

inline record answered(std::size_t i, const std::string& text, int sent_ms = 0) {
  record made{make_task(i), {}};
  made.got.key = made.asked.key;
  made.got.reply.text = text;
  made.got.reply.why = finish::stop;
  made.got.provider = "left";
  made.got.attempts = {make_attempt(sent_ms)};
  made.got.cost = usd{0.5};
  return made;
}

inline record failed(std::size_t i, error_class kind, int sent_ms = 0) {
  auto made = answered(i, "", sent_ms);
  made.got.reply.why = finish::unknown;
  made.got.status = outcome_status::error;
  made.got.error.kind = kind;
  made.got.attempts = {make_attempt(sent_ms, kind)};
  return made;
}

inline verdict judged(std::size_t i, const std::string& judge, double score,
                      const std::string& version = "v1") {
  return {make_task(i).key, judge, version, true, score, "read", "because"};
}

/// Steady and Unix time are the same, as they are in a row that was read back.
inline time_anchor anchor() { return {instant{}, std::chrono::system_clock::time_point{}}; }

inline void commit(ledger& db, run_id run, std::vector<record> records,
                   std::vector<verdict> verdicts = {}) {
  must(db.commit({run, std::move(records), std::move(verdicts)}, anchor()));
}

inline std::vector<storage::ledger_row> all_rows(ledger& db, run_id run) {
  std::vector<storage::ledger_row> rows;
  must(db.rows(run, [&](storage::ledger_row row) { rows.push_back(std::move(row)); }));
  return rows;
}

inline std::vector<storage::attempt_row> all_attempts(ledger& db, run_id run) {
  std::vector<storage::attempt_row> rows;
  must(db.attempt_rows(run, [&](const storage::attempt_row& row) { rows.push_back(row); }));
  return rows;
}

inline std::vector<storage::score_row> all_scores(ledger& db, run_id run,
                                                  const std::vector<std::string>& judges) {
  std::vector<storage::score_row> rows;
  must(db.score_rows(run, judges, [&](storage::score_row row) { rows.push_back(std::move(row)); }));
  return rows;
}

}  // namespace assay::tests
