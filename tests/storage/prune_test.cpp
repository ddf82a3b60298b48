#include "storage/prune.hpp"

#include "storage/restore.hpp"
#include "storage/retention.hpp"
#include "tests/storage/archives.hpp"

using namespace assay;
using namespace assay::tests;

TEST_CASE("pruning a run that nobody else needs leaves nothing of it but cells") {
  on_every_ledger([](store& s) {
    fill_with_everything(s);
    close_batches(s);
    commit(*s.db, s.run, {step_of(0, "judge")});
    auto header = must(storage::describe_run(*s.db, s.run));
    CHECK(must(storage::prune_run(*s.db, s.run, &header)).tasks == 6);
    CHECK(must(s.db->runs()).empty());
    auto left = all_contents(*s.db);
    for (std::size_t i = 0; i < left.size(); ++i) {
      const auto& table = storage::tables_of_a_ledger()[i].name;
      INFO(table);
      if (table != "cells") CHECK(left[i].rows == 0);
    }
  });
}

TEST_CASE("what another run rests on stays as it was when a run is pruned") {
  on_every_ledger([](store& s) {
    fill_with_everything(s);
    close_batches(s);
    commit(*s.db, s.run, {step_of(0, "judge")});
    auto other = s.open_run("other");
    put(*s.db, other, 2);  // both answered by the first run
    auto rows = all_rows(*s.db, other);
    auto figures = all_scores(*s.db, other, {"exact"});
    auto done = must(storage::prune_run(*s.db, s.run, nullptr));
    CHECK(done.kept == 3);
    CHECK(done.tasks == 3);
    CHECK(must(s.db->runs()).size() == 1);
    check_same_rows(all_rows(*s.db, other), rows);
    auto after = all_scores(*s.db, other, {"exact"});
    REQUIRE(after.size() == 2);
    CHECK(after[0].reused);
    CHECK(after[0].latency_ns == figures[0].latency_ns);
    CHECK(must(s.db->find_run("latest")).id == other);
    CHECK_FALSE(s.db->find_run(std::to_string(s.run)).has_value());

    SUBCASE("and goes with the last run that needs it") {
      must(storage::prune_run(*s.db, other, nullptr));
      auto left = all_contents(*s.db);
      for (std::size_t i = 0; i < left.size(); ++i)
        if (storage::tables_of_a_ledger()[i].name != "cells") CHECK(left[i].rows == 0);
    }
    SUBCASE("and its id is given to no other run") { CHECK(s.open_run("new") > other); }
    SUBCASE("and the same plan started again finds the answers that are left") {
      CHECK(s.open_run("first") == s.run);
      put(*s.db, s.run, 5);
      CHECK(must(s.db->missing(s.run)) == std::vector<std::size_t>{2, 3, 4});
    }
  });
}

TEST_CASE("a pruned run comes back under its id, and its archive is that of the run again") {
  on_every_ledger([](store& s) {
    fill_with_everything(s);
    close_batches(s);
    auto other = s.open_run("other");
    put(*s.db, other, 2);
    auto before = all_rows(*s.db, s.run);
    auto file = archive(s);
    auto all = must(storage::describe_run(*s.db, s.run));
    must(storage::prune_run(*s.db, s.run, &all));
    auto done = must(storage::restore_archive(*s.db, file));
    CHECK(done.run == s.run);
    CHECK(done.other_answers == 0);
    check_same_rows(all_rows(*s.db, s.run), before);
    CHECK(all_attempts(*s.db, s.run).size() == 4);
    CHECK(must(s.db->find_run(std::to_string(s.run))).fingerprint == "first");
  });
}

TEST_CASE("the original of another run's copy stays") {
  on_every_ledger([](store& s) {
    commit(*s.db, s.run, {answered(0, "1")});
    auto other = s.open_run("other");
    auto copy = answered(1, "1");
    copy.got.attempts.clear();
    copy.got.cached = true;
    copy.got.original = make_task(0).key;
    commit(*s.db, other, {copy});
    auto before = all_rows(*s.db, other);
    CHECK(must(storage::prune_run(*s.db, s.run, nullptr)).kept == 1);
    check_same_rows(all_rows(*s.db, other), before);
    store to(ledger_kinds()[0], no_run);
    auto restored = must(storage::restore_archive(*to.db, archive(s, other)));
    check_same_rows(all_rows(*to.db, restored.run), before);
  });
}

TEST_CASE("a run with an open batch is not pruned, nor one that has changed since its archive") {
  on_every_ledger([](store& s) {
    fill_with_everything(s);
    auto header = must(storage::describe_run(*s.db, s.run));
    CHECK(what_of(storage::prune_run(*s.db, s.run, &header)) == "a batch at left is not collected");
    close_batches(s);
    CHECK(what_of(storage::prune_run(*s.db, s.run, &header)) ==
          "the archive of run 1 is not what the ledger holds");
    CHECK(all_rows(*s.db, s.run).size() == 5);
    header = must(storage::describe_run(*s.db, s.run));
    commit(*s.db, s.run, {}, {judged(0, "exact", 1, "v2")});
    CHECK_FALSE(storage::prune_run(*s.db, s.run, &header).has_value());
    CHECK(what_of(storage::prune_run(*s.db, 77, &header)) == "there is no run 77");
  });
}

TEST_CASE("space is given back, but not while a run is going on") {
  store s;
  std::vector<record> records;
  for (std::size_t i = 0; i < 200; ++i) records.push_back(answered(i, std::string(10'000, 'x')));
  commit(*s.db, s.run, records);
  must(storage::prune_run(*s.db, s.run, nullptr));
  auto other = s.open_run("other");
  {
    auto lock = must(s.another()->lock_run(other));
    auto kept = must(storage::give_back_space(*s.db));
    CHECK(kept.busy);
    CHECK(kept.after == kept.before);
  }
  auto given = must(storage::give_back_space(*s.db));
  CHECK_FALSE(given.busy);
  CHECK(given.before > 2'000'000);
  CHECK(given.after < 500'000);
  CHECK(std::filesystem::file_size(s.where) == static_cast<std::uintmax_t>(given.after));
}

TEST_CASE("space on a server can be given back, too") {
  on_every_ledger([](store& s) {
    fill_with_everything(s);
    must(s.db->end_run(s.run, storage::run_state::finished, 1, "{}"));
    CHECK(must(storage::give_back_space(*s.db)).before > 0);
  });
}

TEST_CASE("old are runs that ended before, but not the newest of an experiment") {
  auto run = [](int id, const char* experiment, std::int64_t opened, std::int64_t ended) {
    run_info made{.id = id, .experiment = experiment};
    made.opened_unix_ns = opened * 1'000'000;
    made.ended_unix_ns = ended * 1'000'000;
    return made;
  };
  std::vector<run_info> runs{run(5, "a", 90, 95), run(4, "b", 40, 80), run(3, "a", 30, 0),
                             run(2, "a", 20, 25), run(1, "b", 10, 15)};
  auto ids = [&](milliseconds older, std::size_t keep) {
    std::vector<run_id> found;
    for (const auto& r : storage::old_runs(runs, {older, keep}, 100'000'000)) found.push_back(r.id);
    return found;
  };
  CHECK(ids(milliseconds(10), 0) == std::vector<run_id>{1, 2, 3, 4});
  CHECK(ids(milliseconds(50), 0) == std::vector<run_id>{1, 2, 3});
  CHECK(ids(milliseconds(10), 1) == std::vector<run_id>{1, 2, 3});
  CHECK(ids(milliseconds(10), 2) == std::vector<run_id>{2});
  CHECK(ids(milliseconds(90), 0).empty());
}
