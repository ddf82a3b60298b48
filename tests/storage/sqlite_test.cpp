// What a SQLite ledger does with files that are no good, and with others who use them.

#include <sys/resource.h>

#include <csignal>
#include <thread>

#include "tests/storage/sqlite_file.hpp"

using namespace assay;
using namespace assay::tests;

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
  CHECK(p.what == "this ledger was written by a newer assay (schema 99, this one knows " +
                      std::to_string(storage::newest_schema) + ")");
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
                 {"UPDATE attempts SET error_class = 15", "error class"},
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
        "UPDATE samples SET tags = 'x'", "UPDATE attempts SET error_class = 15",
        "UPDATE runs SET state = 4"}) {
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
    storage::sqlite_connection other(path, milliseconds(0));
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
