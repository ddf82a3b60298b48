// How a SQLite ledger keeps its rows, and how it is brought to a newer version.

#include "tests/storage/sqlite_file.hpp"

using namespace assay;
using namespace assay::tests;

// -- durability -----------------------------------------------------------------------------------

TEST_CASE("a commit is written through to the disk: write-ahead log, synchronous FULL") {
  scratch_folder f;
  storage::sqlite_connection db(f.file("l.db"), milliseconds(100));
  must(storage::prepare_ledger(db));
  CHECK(db.integer("PRAGMA synchronous") == 2);
  CHECK(number(f.file("l.db"), "SELECT journal_mode = 'wal' FROM pragma_journal_mode") == 1);
}

TEST_CASE("no row refers to something that is not there, and the file is sound") {
  store s;
  put(*s.db, s.run, 20);
  commit(*s.db, s.run, {answered(1, "x"), failed(2, error_class::timeout), answered(99, "new")},
         {judged(1, "a", 1)});
  auto path = s.folder.file("l.db");
  CHECK(number(path, "SELECT count(*) FROM pragma_foreign_key_check") == 0);
  CHECK(number(path, "SELECT integrity_check = 'ok' FROM pragma_integrity_check") == 1);
}

TEST_CASE("what tasks have in common is stored once") {
  store s;
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
  store s;
  auto path = s.folder.file("l.db");
  for (int c = 0; c < error_class_count; ++c) {
    auto name = std::string(to_string(static_cast<error_class>(c)));
    CHECK(number(path, "SELECT count(*) FROM error_classes WHERE id = " + std::to_string(c) +
                           " AND name = '" + name + "'") == 1);
  }
  CHECK(number(path, "SELECT count(*) FROM error_classes") == error_class_count);
}
