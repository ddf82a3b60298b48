#include "storage/archive.hpp"

#include "storage/restore.hpp"
#include "tests/storage/archives.hpp"

using namespace assay;
using namespace assay::tests;

TEST_CASE("a run comes back from its archive as it was, byte for byte, whatever the database") {
  on_every_ledger([](store& from) {
    fill_with_everything(from);
    auto question = step_of(0, "judge");
    commit(*from.db, from.run, {question});
    auto file = archive(from);
    for (const auto& kind : ledger_kinds()) {
      INFO("to " << kind.name);
      store to(kind, no_run);
      if (!to.db) continue;
      auto done = must(storage::restore_archive(*to.db, file));
      CHECK(done.run == from.run);
      CHECK(done.tasks == 5);
      CHECK(done.other_answers == 0);
      check_same_run(*from.db, from.run, *to.db, from.run);
      CHECK(must(storage::describe_run(*to.db, from.run)) ==
            must(storage::describe_run(*from.db, from.run)));
      CHECK(must(to.db->open_batches(from.run)).size() == 1);
      CHECK(must(to.db->limits_of(from.run)).size() == 1);
      std::size_t steps = 0;
      must(to.db->steps_of(make_task(0).key, [&](storage::ledger_row row) {
        CHECK(row.what == question);
        ++steps;
      }));
      CHECK(steps == 1);
    }
  });
}

TEST_CASE("infinite figures come back, and NaN as an unknown one") {
  on_every_ledger([](store& from) {
    auto odd = answered(0, "x");
    odd.asked.request.temperature = std::numeric_limits<double>::infinity();
    odd.asked.request.top_p = -std::numeric_limits<double>::infinity();
    commit(*from.db, from.run, {odd},
           {judged(0, "up", std::numeric_limits<double>::infinity()),
            judged(0, "no", std::numeric_limits<double>::quiet_NaN())});
    store to(ledger_kinds()[0], no_run);
    must(storage::restore_archive(*to.db, archive(from)));
    auto row = all_rows(*to.db, from.run).at(0);
    CHECK(row.what.asked.request.temperature == std::numeric_limits<double>::infinity());
    CHECK(row.what.asked.request.top_p == -std::numeric_limits<double>::infinity());
    auto scores = all_scores(*to.db, from.run, {"no", "up"}).at(0).scores;
    CHECK(scores == all_scores(*from.db, from.run, {"no", "up"}).at(0).scores);
    CHECK(scores.at(1).second == std::numeric_limits<double>::infinity());
  });
}

TEST_CASE("restoring twice changes nothing") {
  on_every_ledger([](store& from) {
    fill_with_everything(from);
    auto file = archive(from);
    store to(ledger_kinds()[0], no_run);
    must(storage::restore_archive(*to.db, file));
    auto before = all_contents(*to.db);
    auto again = must(storage::restore_archive(*to.db, file));
    CHECK(again.was_there);
    CHECK(again.run == from.run);
    CHECK(all_contents(*to.db) == before);
    CHECK(must(storage::restore_archive(*from.db, file)).was_there);
  });
}

TEST_CASE("a run gets a new id where the old one is taken, and what is there stays") {
  on_every_ledger([](store& to) {
    store from;
    fill_with_everything(from);
    must(to.db->open_run({.experiment = "another"}));
    put(*to.db, to.run, 2);
    commit(*to.db, to.run, {answered(4, "five")});
    auto before = all_rows(*to.db, to.run);
    from.open_run("second");
    auto file = archive(from);
    // the same experiment and plan as `from.run`: another fingerprint makes it a run of its own
    must(to.db->open_run({.experiment = "third"}));
    auto second = archive(from, must(from.db->find_run("2")).id);
    auto done = must(storage::restore_archive(*to.db, second));
    CHECK(done.run == 4);
    CHECK(must(to.db->find_run("4")).fingerprint == "second");
    CHECK(must(storage::restore_archive(*to.db, file)).was_there);
    CHECK(all_rows(*to.db, to.run).size() == before.size());
  });
}

TEST_CASE("an archive that holds what the ledger holds is left alone, an earlier one is replaced") {
  on_every_ledger([](store& from) {
    fill_with_everything(from);
    auto file = archive(from);
    auto bytes = read_file(file);
    write_file(file + ".keep", bytes);
    archive(from);
    CHECK(read_file(file) == bytes);
    commit(*from.db, from.run, {}, {judged(0, "exact", 1, "v2")});
    archive(from);
    CHECK(read_file(file) != bytes);
    CHECK_FALSE(std::filesystem::exists(file + ".part"));
  });
}

TEST_CASE("an archive of another run, or one that holds more, is not replaced") {
  store from;
  fill_with_everything(from);
  auto file = archive(from);
  auto other = from.open_run("other");
  CHECK(what_of(storage::write_archive(*from.db, other, file)) ==
        "there is the archive of another run under this name");
  store fewer;
  put(*fewer.db, fewer.run, 5);
  CHECK(what_of(storage::write_archive(*fewer.db, fewer.run, file)) ==
        "there is an archive of this run that holds more than the ledger");
  write_file(file, "something else");
  CHECK(what_of(storage::write_archive(*from.db, from.run, file))
            .starts_with("there is a file of this name, and it is no sound archive"));
  CHECK(read_file(file) == "something else");
}

TEST_CASE("a file that cannot be written is a problem, and leaves nothing behind") {
  store from;
  fill_with_everything(from);
  CHECK(what_of(storage::write_archive(*from.db, from.run, from.folder.file("no/such.gz"))) ==
        "the archive cannot be written: No such file or directory");
  CHECK(what_of(storage::write_archive(*from.db, 77, from.folder.file("a.gz"))) ==
        "there is no run 77");
  CHECK_FALSE(std::filesystem::exists(from.folder.file("a.gz.part")));
}

// -- what the ledger holds already ----------------------------------------------------------------

TEST_CASE(
    "an archived answer takes the place of an error; another answer stays, with its verdicts") {
  on_every_ledger([](store& to) {
    store from;
    auto archived = from.open_run("archived");
    put(*from.db, archived, 3);
    commit(*from.db, archived,
           {answered(0, "old", 5), answered(1, "old", 5), answered(2, "same", 7)},
           {judged(0, "exact", 1), judged(1, "exact", 1), judged(1, "other", 1),
            judged(2, "exact", 1)});
    commit(*to.db, to.run,
           {failed(0, error_class::timeout), answered(1, "new", 9), answered(2, "same", 7)},
           {judged(1, "exact", 0)});
    auto done = must(storage::restore_archive(*to.db, archive(from, archived)));
    CHECK(done.other_answers == 1);
    auto rows = all_rows(*to.db, done.run);
    REQUIRE(rows.size() == 3);
    CHECK(rows[0].what.got.reply.text == "old");
    CHECK(rows[0].verdicts.size() == 1);
    CHECK(rows[1].what.got.reply.text == "new");
    REQUIRE(rows[1].verdicts.size() == 1);
    CHECK(rows[1].verdicts[0].score == 0);
    CHECK(rows[2].verdicts.size() == 1);
  });
}
