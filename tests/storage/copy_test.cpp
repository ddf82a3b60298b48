#include "storage/copy.hpp"

#include <set>

#include "storage/tables.hpp"
#include "tests/storage/rich_record.hpp"
#include "tests/storage/sqlite_file.hpp"

using namespace assay;
using namespace assay::tests;

namespace {

std::vector<storage::copied_table> copy(ledger& from, ledger& to) {
  return must(storage::copy_ledger(from, to, [](const auto&) {}));
}

std::int64_t added(const std::vector<storage::copied_table>& tables) {
  std::int64_t sum = 0;
  for (const auto& t : tables) sum += t.added;
  return sum;
}

/// Runs `rule` with a filled ledger of each kind and the place of an empty one of each kind.
void from_each_to_each(const std::function<void(store& from, ledger& to)>& rule) {
  on_every_ledger([&](store& from) {
    fill_with_everything(from);
    for (const auto& kind : ledger_kinds()) {
      INFO("to " << kind.name);
      scratch_folder folder;
      auto where = kind.place(folder);
      if (where) rule(from, *must(storage::open_ledger(*where)));
    }
  });
}

}  // namespace

TEST_CASE("a copied ledger holds the same runs, tasks, records and verdicts") {
  from_each_to_each([](store& from, ledger& to) {
    CHECK(added(copy(*from.db, to)) > 20);
    auto before = all_rows(*from.db, from.run), after = all_rows(to, from.run);
    REQUIRE(after.size() == before.size());
    for (std::size_t i = 0; i < after.size(); ++i) {
      CHECK(after[i].what == before[i].what);
      CHECK(after[i].verdicts == before[i].verdicts);
    }
    CHECK(must(to.find_run("latest")).fingerprint == "first");
    CHECK(must(to.missing(from.run)) == must(from.db->missing(from.run)));
    CHECK(must(to.limits_of(from.run)).size() == 1);
    CHECK(must(to.open_batches(from.run)).size() == 1);
  });
}

TEST_CASE("copying again adds what is new, and nothing twice; the copy can be worked with") {
  from_each_to_each([](store& from, ledger& to) {
    copy(*from.db, to);
    CHECK(added(copy(*from.db, to)) == 0);
    auto open = must(from.db->missing(from.run)).back();
    commit(*from.db, from.run, {answered(open, "new")});
    CHECK(added(copy(*from.db, to)) == 3);  // outcome, answer, attempt
    must(to.open_run({.experiment = "another"}));
    commit(to, from.run, {answered(9, "10")});
    CHECK(all_rows(to, from.run).size() == 6);
  });
}

TEST_CASE("a ledger with runs of its own is not copied into") {
  on_every_ledger([](store& from) {
    store to;
    must(to.db->open_run({.experiment = "mine"}));
    auto done = storage::copy_ledger(*from.db, *to.db, [](const auto&) {});
    REQUIRE_FALSE(done.has_value());
    CHECK(done.error().what == "this ledger has runs of its own, e.g. 2 (mine)");
  });
}

TEST_CASE("a copy that came out differently is a problem") {
  store from, to;
  fill_with_everything(from);
  copy(*from.db, *to.db);
  sql(to.where, "UPDATE answers SET text = 'forged' WHERE task = 1");
  auto done = storage::copy_ledger(*from.db, *to.db, [](const auto&) {});
  REQUIRE_FALSE(done.has_value());
  CHECK(done.error().what.starts_with("the table `answers` differs"));
}

TEST_CASE("what is copied is every table with every column") {
  store s;
  std::set<std::string> known{"leases", "secrets"};
  for (const auto& table : storage::tables_of_a_ledger()) {
    INFO(table.name);
    known.insert(table.name);
    CHECK(number(s.where, "SELECT count(*) FROM pragma_table_info('" + table.name + "')") ==
          static_cast<std::int64_t>(table.columns.size()));
    for (const auto& column : table.columns)
      CHECK(number(s.where, "SELECT count(*) FROM pragma_table_info('" + table.name +
                                "') WHERE name = '" + column + "'") == 1);
  }
  CHECK(number(s.where, "SELECT count(*) FROM sqlite_schema WHERE type = 'table'") ==
        static_cast<std::int64_t>(known.size()));
}
