// What holds for the SQLite ledger only: its file, its schema, its locks.

#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <atomic>
#include <csignal>
#include <fstream>
#include <thread>

#include "storage/sqlite_schema.hpp"
#include "tests/storage/stores.hpp"

using namespace assay;
using namespace assay::tests;

namespace {

/// Runs SQL on a file with the plain library, as another program would.
void sql(const std::string& file, const std::string& text) {
  sqlite3* db = nullptr;
  REQUIRE(sqlite3_open(file.c_str(), &db) == SQLITE_OK);
  char* error = nullptr;
  sqlite3_exec(db, text.c_str(), nullptr, nullptr, &error);
  if (error) FAIL(error);
  sqlite3_close(db);
}

std::int64_t number(const std::string& file, const std::string& query) {
  storage::connection db(file, milliseconds(1000));
  auto result = db.integer(query.c_str());
  must(db.result());
  return result;
}

std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write_file(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

problem refusal(const std::string& path, milliseconds wait = milliseconds(10'000)) {
  auto opened = storage::open_sqlite(path, wait);
  if (opened) FAIL("opened " << path);
  return opened.error();
}

/// True if `check` is true in a child process, which may give up its rights.
bool holds_in_child(const std::function<bool()>& check) {
  auto child = ::fork();
  if (child == 0) ::_exit(check() ? 0 : 1);
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace

// -- opening --------------------------------------------------------------------------------------

TEST_CASE("a new ledger is made together with its folders, and says in its header what it is") {
  scratch_folder f;
  auto path = f.file("a/b/c.db");
  must(storage::open_sqlite(path));
  CHECK(number(path, "PRAGMA application_id") == 0x61737379);
  CHECK(number(path, "PRAGMA user_version") == storage::newest_schema);
  CHECK(read_file(path).substr(0, 15) == "SQLite format 3");
  CHECK(must(must(storage::open_sqlite(path))->runs()).empty());
}

TEST_CASE("an empty file becomes a ledger") {
  scratch_folder f;
  write_file(f.file("l.db"), "");
  must(storage::open_sqlite(f.file("l.db")));
}

TEST_CASE("a path that cannot be a ledger is a problem with a way out") {
  scratch_folder f;
  write_file(f.file("file"), "x");
  for (const auto& path : {f.path.string(), f.file("file/l.db"), std::string(),
                           std::string("/proc/no/such/l.db"), std::string("/dev/null/l.db")}) {
    INFO(path);
    auto p = refusal(path);
    CHECK_FALSE(p.what.empty());
    CHECK_FALSE(p.fix.empty());
  }
  CHECK(refusal(f.path.string()).what == "this is a folder, not a ledger");
}

TEST_CASE("a file that is no database is refused and left as it is") {
  scratch_folder f;
  auto path = f.file("notes.txt");
  std::string text(10'000, 'x');
  write_file(path, text);
  CHECK(refusal(path).what.starts_with("this file is not a ledger"));
  CHECK(read_file(path) == text);
}

TEST_CASE("the database of another program is refused and left as it is") {
  scratch_folder f;
  auto path = f.file("other.db");
  sql(path, "CREATE TABLE contacts (name TEXT)");
  auto before = read_file(path);
  CHECK(refusal(path).what == "this is a database of another program, not a ledger");
  CHECK(read_file(path) == before);
  sql(path, "PRAGMA application_id = 7; PRAGMA user_version = 1");
  CHECK(refusal(path).what == "this is a database of another program, not a ledger");
}

TEST_CASE("a ledger of a newer assay is refused with both versions") {
  scratch_folder f;
  auto path = f.file("l.db");
  must(storage::open_sqlite(path));
  sql(path, "PRAGMA user_version = 99");
  auto p = refusal(path);
  CHECK(p.what == "this ledger was written by a newer assay (schema 99, this one knows 3)");
  CHECK(p.fix == "update assay, or name another ledger");
  CHECK(number(path, "PRAGMA user_version") == 99);
}

TEST_CASE("a damaged ledger is a problem, wherever the damage is, and never a crash") {
  scratch_folder f;
  auto path = f.file("l.db");
  {
    auto db = must(storage::open_sqlite(path));
    auto run = must(db->open_run({})).id;
    put(*db, run, 300);
    for (std::size_t i = 0; i < 300; ++i) commit(*db, run, {answered(i, "x")});
  }
  auto whole = read_file(path);
  REQUIRE(whole.size() > 20 * 4096);
  int told = 0;
  for (std::size_t page = 0; page < whole.size() / 4096; ++page) {
    auto broken = whole;
    for (std::size_t i = page == 0 ? 100 : 0; i < 4096; ++i)
      broken[page * 4096 + i] = static_cast<char>(i * 151 + page);
    write_file(path, broken);
    std::filesystem::remove(path + "-wal");
    auto db = storage::open_sqlite(path);
    if (!db) {
      ++told;
      continue;
    }
    bool failed = !(*db)->rows(1, [](storage::ledger_row) {});
    failed |= !(*db)->score_rows(1, {"a"}, [](storage::score_row) {});
    failed |= !(*db)->missing_of({make_task(3).key});
    failed |= !(*db)->commit({1, {answered(5, "y", 900)}, {}}, anchor());
    told += failed;
  }
  CHECK(told > 10);
  write_file(path, whole.substr(0, 9000));
  auto cut = storage::open_sqlite(path);
  auto read = cut ? (*cut)->rows(1, [](storage::ledger_row) {})
                  : expected<void>(tl::make_unexpected(cut.error()));
  REQUIRE_FALSE(read.has_value());
  CHECK(read.error().what.starts_with("the ledger is damaged"));
}

TEST_CASE("a row that another program spoilt is a problem that says what is wrong with it") {
  struct spoilt {
    const char* statement;
    const char* part;
  };
  for (auto s : {spoilt{"UPDATE sample_texts SET targets = '[1]'", "targets"},
                 {"UPDATE conversations SET messages = 'x'", "messages"},
                 {"UPDATE outcomes SET status = 77", "status"},
                 {"UPDATE outcomes SET error_class = -1", "error class"},
                 {"UPDATE attempts SET error_class = 14", "error class"},
                 {"UPDATE outcomes SET finish = 6", "finish"},
                 {"DELETE FROM samples", "sample missing"},
                 {"DELETE FROM cells", "cell missing"},
                 {"DELETE FROM parameters", "parameters missing"},
                 {"DELETE FROM conversations", "task missing"}}) {
    INFO(std::string(s.statement));
    scratch_folder f;
    auto path = f.file("l.db");
    auto db = must(storage::open_sqlite(path));
    auto run = must(db->open_run({})).id;
    put(*db, run, 1);
    commit(*db, run, {answered(0, "x")});
    sql(path, s.statement);
    int visited = 0;
    auto read = db->rows(run, [&](storage::ledger_row) { ++visited; });
    REQUIRE_FALSE(read.has_value());
    CHECK(read.error().what == std::string("a stored row is damaged: ") + s.part);
    CHECK(visited == 0);
  }
}

TEST_CASE("numbers that nobody wrote are refused by the queries without texts as well") {
  for (std::string statement :
       {"UPDATE outcomes SET status = 77", "UPDATE outcomes SET error_class = -1",
        "UPDATE samples SET tags = 'x'", "UPDATE attempts SET error_class = 14",
        "UPDATE runs SET state = 3"}) {
    INFO(statement);
    scratch_folder f;
    auto path = f.file("l.db");
    auto db = must(storage::open_sqlite(path));
    auto run = must(db->open_run({})).id;
    put(*db, run, 1);
    commit(*db, run, {answered(0, "x")});
    sql(path, statement);
    bool scores = db->score_rows(run, {}, [](storage::score_row) {}).has_value();
    bool attempts = db->attempt_rows(run, [](const storage::attempt_row&) {}).has_value();
    bool runs = db->runs().has_value();
    CHECK(scores + attempts + runs == 2);
  }
}

TEST_CASE("a ledger that may not be written is a problem, not a surprise later") {
  scratch_folder f;
  auto path = f.file("l.db");
  must(storage::open_sqlite(path));
  std::filesystem::permissions(path, std::filesystem::perms(0444));
  std::filesystem::permissions(f.path, std::filesystem::perms(0555));
  CHECK(holds_in_child([&] {
    if (::geteuid() == 0 && ::setuid(65534) != 0) return false;
    auto known = storage::open_sqlite(path);
    auto fresh = storage::open_sqlite(f.file("new.db"));
    return !known && !known.error().fix.empty() && !fresh && !fresh.error().fix.empty();
  }));
  std::filesystem::permissions(f.path, std::filesystem::perms(0755));
}

TEST_CASE("a disk that takes no more is a problem, and what was committed is kept") {
  scratch_folder f;
  auto path = f.file("l.db");
  auto run = must(must(storage::open_sqlite(path))->open_run({})).id;
  CHECK(holds_in_child([&] {
    std::signal(SIGXFSZ, SIG_IGN);
    rlimit limit{2'000'000, 2'000'000};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    auto db = storage::open_sqlite(path);
    if (!db) return false;
    for (std::size_t i = 0; i < 1000; ++i) {
      auto done = (*db)->commit({run, {answered(i, std::string(2000, 'x'))}, {}}, anchor());
      if (done) continue;
      write_file(f.file("committed"), std::to_string(i));
      return i > 10 && !done.error().fix.empty() && !(*db)->missing(run)->size();
    }
    return false;
  }));
  auto db = must(storage::open_sqlite(path));
  CHECK(std::to_string(all_rows(*db, run).size()) == read_file(f.file("committed")));
  commit(*db, run, {answered(5000, "after space was made")});
}

TEST_CASE("a write lock held for too long by another process is a problem that says so") {
  scratch_folder f;
  auto path = f.file("l.db");
  auto db = must(storage::open_sqlite(path, milliseconds(20)));
  auto run = must(db->open_run({})).id;
  put(*db, run, 1);
  {
    storage::connection other(path, milliseconds(0));
    storage::transaction held(other);
    auto done = db->commit({run, {answered(0, "x")}, {}}, anchor());
    REQUIRE_FALSE(done.has_value());
    CHECK(done.error().what == "another process held the write lock for more than 20 ms");
    CHECK(must(db->missing(run)).size() == 1);  // readers do not wait for writers
  }
  commit(*db, run, {answered(0, "x")});
  CHECK(must(db->missing(run)).empty());
}

TEST_CASE("many who open a new ledger at the same moment get one ledger") {
  for (int round = 0; round < 10; ++round) {
    scratch_folder f;
    std::vector<std::thread> threads;
    std::vector<std::string> problems(8);
    for (auto& result : problems)
      threads.emplace_back([&] {
        auto opened = storage::open_sqlite(f.file("l.db"));
        if (!opened)
          result = render(opened.error());
        else if (auto run = (*opened)->open_run({}); !run)
          result = render(run.error());
      });
    for (auto& t : threads) t.join();
    for (const auto& result : problems) CHECK(result == "");
    CHECK(must(must(storage::open_sqlite(f.file("l.db")))->runs()).size() == 1);
  }
}

// -- durability -----------------------------------------------------------------------------------

TEST_CASE("a commit is written through to the disk: write-ahead log, synchronous FULL") {
  scratch_folder f;
  storage::connection db(f.file("l.db"), milliseconds(100));
  must(storage::prepare_ledger(db));
  CHECK(db.integer("PRAGMA synchronous") == 2);
  CHECK(number(f.file("l.db"), "SELECT journal_mode = 'wal' FROM pragma_journal_mode") == 1);
}

TEST_CASE("no row refers to something that is not there, and the file is sound") {
  store s(ledger_kinds()[0]);
  put(*s.db, s.run, 20);
  commit(*s.db, s.run, {answered(1, "x"), failed(2, error_class::timeout), answered(99, "new")},
         {judged(1, "a", 1)});
  auto path = s.folder.file("l.db");
  CHECK(number(path, "SELECT count(*) FROM pragma_foreign_key_check") == 0);
  CHECK(number(path, "SELECT integrity_check = 'ok' FROM pragma_integrity_check") == 1);
}

TEST_CASE("what tasks have in common is stored once") {
  store s(ledger_kinds()[0]);
  auto variant = [](std::size_t i) {
    auto t = make_task(i / 4);
    t.key = hash_parts({"variant", std::to_string(i)});
    t.where.model = t.request.model = "model-" + std::to_string(i % 4);
    return t;
  };
  must(s.db->put_tasks(s.run, 40, variant));
  must(s.db->put_tasks(s.open_run("second"), 40, variant));
  auto path = s.folder.file("l.db");
  CHECK(number(path, "SELECT count(*) FROM tasks") == 40);
  CHECK(number(path, "SELECT count(*) FROM sample_texts") == 10);
  CHECK(number(path, "SELECT count(*) FROM conversations") == 10);
  CHECK(number(path, "SELECT count(*) FROM parameters") == 4);
  CHECK(number(path, "SELECT count(*) FROM run_tasks") == 80);
}

// -- migration ------------------------------------------------------------------------------------

TEST_CASE("a ledger of version 1 is migrated and keeps its records") {
  scratch_folder f;
  auto path = f.file("old.db");
  sql(path, read_file("tests/storage/version_1.sql"));
  REQUIRE(number(path, "PRAGMA user_version") == 1);
  auto db = must(storage::open_sqlite(path));
  CHECK(number(path, "PRAGMA user_version") == storage::newest_schema);
  auto run = must(db->find_run("old experiment"));
  CHECK(run.tasks == 2);
  CHECK(run.done == 1);
  auto rows = all_rows(*db, run.id);
  REQUIRE(rows.size() == 2);
  CHECK(to_string(rows[0].what.asked.key) == "000102030405060708090a0b0c0d0e0f");
  CHECK(rows[0].what.asked.request.messages ==
        std::vector<chat_message>{{role::user, "What is 6*7?"}});
  CHECK(rows[0].what.asked.item.targets == std::vector<std::string>{"42"});
  CHECK(rows[0].what.got.reply.text == "It is 42.");
  CHECK(rows[0].what.got.attempts.at(0).limits.at(0).remaining == 99);
  CHECK(rows[0].what.got.attempts.at(0).items == 1);
  CHECK_FALSE(rows[0].what.got.attempts.at(0).hedge);
  CHECK_FALSE(rows[0].what.got.cached);
  CHECK(rows[0].verdicts.at(0).score == 1);
  CHECK_FALSE(rows[1].has_outcome);
  CHECK(number(path, "SELECT count(*) FROM results WHERE status = 'answered'") == 1);
  CHECK(number(path, "SELECT count(*) FROM exchanges WHERE latency_ms = 250") == 1);
}

TEST_CASE("a migration that fails leaves the ledger in its old version") {
  scratch_folder f;
  auto path = f.file("old.db");
  sql(path, read_file("tests/storage/version_1.sql"));
  sql(path, "CREATE TABLE exchanges (in_the_way INTEGER)");
  CHECK(refusal(path).what.find("exchanges") != std::string::npos);
  CHECK(number(path, "PRAGMA user_version") == 1);
  CHECK(number(path, "SELECT count(*) FROM sqlite_schema WHERE name = 'results'") == 0);
}

TEST_CASE("the names of error classes in the views are those of the program") {
  store s(ledger_kinds()[0]);
  auto path = s.folder.file("l.db");
  for (int c = 0; c < error_class_count; ++c) {
    auto name = std::string(to_string(static_cast<error_class>(c)));
    CHECK(number(path, "SELECT count(*) FROM error_classes WHERE id = " + std::to_string(c) +
                           " AND name = '" + name + "'") == 1);
  }
  CHECK(number(path, "SELECT count(*) FROM error_classes") == error_class_count);
}

// -- locks ----------------------------------------------------------------------------------------

TEST_CASE("a run is held by one at a time, also within a process") {
  store s(ledger_kinds()[0]);
  auto held = must(s.db->lock_run(s.run));
  auto other = s.another();
  auto refused = other->lock_run(s.run);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().what.starts_with("run 1 is held by process " + std::to_string(::getpid())));
  CHECK(other->lock_run(s.run + 1).has_value());
  held.reset();
  CHECK(other->lock_run(s.run).has_value());
}

TEST_CASE("a run held by another process is refused with that process's id, until it dies") {
  store s(ledger_kinds()[0]);
  int ready[2];
  REQUIRE(::pipe(ready) == 0);
  auto child = ::fork();
  if (child == 0) {
    auto held = s.another()->lock_run(s.run);
    [[maybe_unused]] auto told = ::write(ready[1], held ? "y" : "n", 1);
    ::pause();
  }
  char answer = 0;
  REQUIRE(::read(ready[0], &answer, 1) == 1);
  REQUIRE(answer == 'y');
  auto refused = s.db->lock_run(s.run);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().what.find("process " + std::to_string(child) + " on ") !=
        std::string::npos);
  CHECK(s.db->lock_run(s.run).has_value());
  ::close(ready[0]);
  ::close(ready[1]);
}

TEST_CASE("a lock leaves no file behind, and never lets two in") {
  store s(ledger_kinds()[0]);
  std::atomic<int> inside{0}, most{0}, taken{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      auto db = s.another();
      for (int i = 0; i < 500; ++i) {
        auto held = db->lock_run(s.run);
        if (!held) continue;
        auto now = ++inside;
        if (now > most) most = now;
        ++taken;
        --inside;
      }
    });
  for (auto& t : threads) t.join();
  CHECK(most == 1);
  CHECK(taken > 0);
  for (const auto& entry : std::filesystem::directory_iterator(s.folder.path))
    CHECK(entry.path().extension() != ".lock");
}
