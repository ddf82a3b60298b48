// What is PostgreSQL's own: texts, the address, and a server that goes away.

#include <random>

#include "storage/postgres_address.hpp"
#include "storage/postgres_text.hpp"
#include "tests/storage/stores.hpp"

using namespace assay;
using namespace assay::tests;

namespace {

/// A new ledger, or nothing where the server is not installed.
std::unique_ptr<store> postgres_store() {
  auto made = std::make_unique<store>(ledger_kinds()[1]);
  return made->db ? std::move(made) : nullptr;
}

std::string round_trip(const std::string& text) {
  auto stored = storage::escape_text(text).value_or(text);
  return storage::unescape_text(stored).value_or(stored);
}

}  // namespace

// -- texts ----------------------------------------------------------------------------------------

TEST_CASE("what PostgreSQL can hold is stored as it is") {
  for (std::string text : {"", "plain", "tab\tnewline\n", "Grüße, 你好, 🙂", "\xed\x9f\xbf",
                           "\xf4\x8e\xbf\xbf", "a long text beyond eight bytes with an ä in it"})
    CHECK_FALSE(storage::escape_text(text).has_value());
}

TEST_CASE("a byte that PostgreSQL cannot hold becomes a private character") {
  CHECK(storage::escape_text(std::string("a\0b", 3)) ==
        "a\xf4\x8f\xb8\x80"
        "b");
  CHECK(storage::escape_text("\xff") == "\xf4\x8f\xbb\xbf");
  CHECK(storage::escape_text("12345678\x80").has_value());
  for (std::string broken : {"\xc0\x80", "\xe0\x80\x80", "\xed\xa0\x80", "\xf0\x80\x80\x80",
                             "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xe2\x82"})
    CHECK(storage::escape_text(broken).has_value());
}

TEST_CASE("every text comes back as it was, also one that looks escaped") {
  std::mt19937 random(5);
  const std::string pieces[] = {"a",
                                "\x00",
                                "\xf4",
                                "\x8f",
                                "\xb8",
                                "\x80",
                                "\xf4\x8f\xb8\x80",
                                "ä",
                                "\xf4\x8f\xbb\xbf",
                                "12345678",
                                "\xff"};
  for (int i = 0; i < 20'000; ++i) {
    std::string text;
    for (auto n = random() % 12; n > 0; --n) text += pieces[random() % std::size(pieces)];
    text += std::string(random() % 2, '\0');
    REQUIRE(round_trip(text) == text);
    auto stored = storage::escape_text(text).value_or(text);
    REQUIRE_FALSE(storage::escape_text(storage::unescape_text(stored) ? "" : stored).has_value());
  }
}

// -- address --------------------------------------------------------------------------------------

TEST_CASE("a password in the address of a ledger is refused, and not repeated") {
  for (std::string url : {"postgresql://me:s3cret@host/db", "postgres://host/db?password=s3cret",
                          "postgresql://me:s3cret@host:port/db"}) {
    auto opened = storage::open_ledger(url);
    REQUIRE_FALSE(opened.has_value());
    CHECK(render(opened.error()).find("s3cret") == std::string::npos);
  }
  auto refused = storage::read_address("postgresql://me:s3cret@host/db");
  CHECK(refused.error().fix.find("~/.pgpass") != std::string::npos);
  CHECK(storage::read_address("postgresql://me@host:5433/db?sslmode=require").has_value());
}

TEST_CASE("a server that is not there is a problem that says so") {
  auto opened = storage::open_ledger("postgresql:///db?host=/nowhere");
  REQUIRE_FALSE(opened.has_value());
  CHECK(opened.error().what.starts_with("the server of the ledger cannot be reached"));
  CHECK_FALSE(storage::answers("postgresql:///db?host=/nowhere"));
}

// -- schema ---------------------------------------------------------------------------------------

TEST_CASE("a schema that holds something else is refused and not touched") {
  auto where = new_postgres_schema();
  if (!where) return;
  auto& server = postgres_server::get();
  server.sql(*where, "CREATE TABLE runs (mine INTEGER)");
  auto opened = storage::open_ledger(*where);
  REQUIRE_FALSE(opened.has_value());
  CHECK(opened.error().what == "this schema holds tables of another program, not a ledger");
  CHECK(server.sql(*where,
                   "SELECT count(*) FROM pg_class WHERE relnamespace = "
                   "current_schema()::regnamespace") == "1");
}

TEST_CASE("a ledger of a newer assay on a server is refused with both versions") {
  auto s = postgres_store();
  if (!s) return;
  postgres_server::get().sql(s->where, "UPDATE assay_ledger SET version = 99");
  auto opened = storage::open_ledger(s->where);
  REQUIRE_FALSE(opened.has_value());
  CHECK(opened.error().what.starts_with("this ledger was written by a newer assay (schema 99"));
}

TEST_CASE("the views of a ledger on a server answer as those of a file") {
  on_every_ledger([](store& s) {
    if (!storage::is_server(s.where)) return;
    put(*s.db, s.run, 2);
    commit(*s.db, s.run, {answered(0, "1")}, {judged(0, "exact", 1)});
    auto ask = [&](const std::string& sql) { return postgres_server::get().sql(s.where, sql); };
    CHECK(ask("SELECT answer FROM results WHERE status = 'answered'") == "1");
    CHECK(ask("SELECT key FROM results WHERE position = 0") == to_string(make_task(0).key));
    CHECK(ask("SELECT sum(score) FROM scores") == "1");
    CHECK(ask("SELECT sent_utc FROM exchanges") == "1970-01-01 00:16:40");
    CHECK(ask("SELECT count(*) FROM error_classes") == std::to_string(error_class_count));
  });
}

// -- a server that goes away ----------------------------------------------------------------------

TEST_CASE("a commit fails as unreachable while the server is down, and works when it is back") {
  auto s = postgres_store();
  if (!s) return;
  put(*s->db, s->run, 3);
  commit(*s->db, s->run, {answered(0, "1")});
  commit_batch batch{s->run, {answered(1, "2")}, {judged(1, "exact", 1)}};
  postgres_server::get().stop();
  for (int i = 0; i < 2; ++i) {
    auto done = s->db->commit(batch, anchor());
    REQUIRE_FALSE(done.has_value());
    CHECK(done.error().what.starts_with("the server of the ledger cannot be reached"));
    CHECK(s->db->unreachable());
  }
  postgres_server::get().start();
  must(s->db->commit(batch, anchor()));
  CHECK_FALSE(s->db->unreachable());
  CHECK(must(s->db->missing(s->run)) == std::vector<std::size_t>{2});
}

TEST_CASE("who asked nothing while the server was away does not notice, and has its locks") {
  auto s = postgres_store();
  if (!s) return;
  auto run = must(s->db->lock_run(s->run));
  postgres_server::get().stop();
  postgres_server::get().start();
  CHECK(must(s->db->runs()).size() == 1);
  CHECK_FALSE(s->another()->lock_run(s->run).has_value());
}

TEST_CASE("a refused batch is no outage") {
  auto s = postgres_store();
  if (!s) return;
  auto done = s->db->commit({s->run, {}, {judged(99, "exact", 1)}}, anchor());
  REQUIRE_FALSE(done.has_value());
  CHECK_FALSE(s->db->unreachable());
}

TEST_CASE("a connection that is cut within a transaction leaves nothing of it") {
  auto s = postgres_store();
  if (!s) return;
  auto cut_at = [&](std::size_t i) {
    if (i == 3'000)
      postgres_server::get().sql(
          s->where,
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
          "WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'");
    return make_task(i);
  };
  CHECK_FALSE(s->db->put_tasks(s->run, 6'000, cut_at).has_value());
  CHECK(s->db->unreachable());
  CHECK(must(s->db->missing(s->run)).empty());
  put(*s->db, s->run, 6'000);
  CHECK(must(s->db->missing(s->run)).size() == 6'000);
}

TEST_CASE("locks are taken again after the server was away, unless somebody else has them now") {
  auto s = postgres_store();
  if (!s) return;
  auto run = must(s->db->lock_run(s->run));
  postgres_server::get().stop();
  CHECK_FALSE(s->db->runs().has_value());
  postgres_server::get().start();
  must(s->db->runs());
  CHECK_FALSE(s->another()->lock_run(s->run).has_value());

  postgres_server::get().stop();
  CHECK_FALSE(s->db->runs().has_value());
  postgres_server::get().start();
  auto other = s->another();
  auto taken = must(other->lock_run(s->run));
  auto refused = s->db->runs();
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().what.find("run 1 was taken over by process") != std::string::npos);
}
