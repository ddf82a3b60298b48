#include "storage/archive.hpp"

#include "storage/database_ledger.hpp"
#include "storage/gzip_file.hpp"
#include "storage/prune.hpp"
#include "storage/restore.hpp"
#include "storage/retention.hpp"
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

// -- bad archives ---------------------------------------------------------------------------------

namespace {

/// Restoring the file fails with this message, and changes nothing.
void check_refused(store& to, const std::string& file, const std::string& message) {
  auto before = all_contents(*to.db);
  auto done = storage::restore_archive(*to.db, file);
  REQUIRE_FALSE(done.has_value());
  CHECK(render(done.error()) == file + message);
  CHECK(all_contents(*to.db) == before);
}

}  // namespace

TEST_CASE("what is no archive is refused with file and line") {
  on_every_ledger([](store& to) {
    auto file = to.folder.file("bad.gz");
    constexpr char ours[] = " (name an archive that `assay db archive` has written)";
    check_refused(to, file, ": cannot be read: No such file or directory (name an archive)");
    write_file(file, "plain text\n");
    check_refused(to, file, std::string(": this is not a compressed file") + ours);
    write_file(file, "");
    check_refused(to, file, ":0: the archive is empty (take another copy of the file)");
    compress(file, "{\"id\": 1}\n");
    check_refused(to, file, std::string(":1: this is not the archive of a run") + ours);
    compress(file, "not json");
    check_refused(to, file, std::string(":1: this is not the archive of a run") + ours);
    compress(file, R"({"assay_archive":2,"schema":1})");
    check_refused(to, file, ":1: this archive was written by a newer assay (update assay)");
    compress(file, R"({"assay_archive":1,"schema":1000})");
    check_refused(to, file, ":1: this archive was written by a newer assay (update assay)");
  });
}

TEST_CASE("a damaged or cut archive is refused, wherever the damage is") {
  store from;
  fill_with_everything(from);
  auto bytes = read_file(archive(from));
  store to(ledger_kinds()[0], no_run);
  auto file = to.folder.file("bad.gz");
  for (std::size_t at = 1; at < bytes.size(); at += 97) {
    write_file(file, bytes.substr(0, at));
    CHECK_FALSE(storage::restore_archive(*to.db, file).has_value());
  }
  for (std::size_t at = 10; at < bytes.size();
       at += 53) {  // the header's time and name do not count
    auto damaged = bytes;
    damaged[at] ^= 0x10;
    write_file(file, damaged);
    CHECK_FALSE(storage::restore_archive(*to.db, file).has_value());
  }
  CHECK(must(to.db->runs()).empty());
  write_file(file, bytes.substr(0, bytes.size() / 2));
  CHECK(what_of(storage::restore_archive(*to.db, file)) == "the file ends in the middle");
}

TEST_CASE("an archive of an older schema is read if its tables have not changed since") {
  store from;
  fill_with_everything(from);
  auto lines = unpack(archive(from));
  store to(ledger_kinds()[0], no_run);
  auto file = to.folder.file("old.gz");
  auto schema = "\"schema\":" + std::to_string(storage::newest_schema);
  auto at = lines[0].find(schema);
  REQUIRE(at != std::string::npos);
  lines[0].replace(at, schema.size(), "\"schema\":9");
  auto changed = lines;
  changed[0].replace(changed[0].find("\"text_digest\""), 13, "\"digest_text\"");
  compress(file, joined(changed));
  CHECK(what_of(storage::restore_archive(*to.db, file)).starts_with("this archive is of schema 9"));
  compress(file, joined(lines));
  CHECK(must(storage::restore_archive(*to.db, file)).run == from.run);
}

TEST_CASE("rows that are not those of the header are refused") {
  store from;
  fill_with_everything(from);
  auto lines = unpack(archive(from));
  store to(ledger_kinds()[0], no_run);
  auto file = to.folder.file("bad.gz");
  auto row = line_of(lines, "answers");
  auto last = std::to_string(lines.size());
  auto with = [&](std::vector<std::string> changed) {
    compress(file, joined(changed));
    return file;
  };

  auto fewer = lines;
  fewer.erase(fewer.begin() + row);
  check_refused(
      to, with(fewer),
      ":" + std::to_string(fewer.size()) +
          ": the archive has 1 rows of `answers`, its header says 2 (take another copy of "
          "the file)");
  auto forged = lines;
  forged[row].replace(forged[row].find("forty-two"), 9, "forty-one");
  check_refused(to, with(forged),
                ":" + last +
                    ": the rows of `answers` are not those that were archived (take another copy "
                    "of the file)");
  auto text = lines;
  text[row] = "hello";
  check_refused(to, with(text),
                ":" + std::to_string(row + 1) +
                    ": expected a row, {\"TABLE\":[...]} (take another copy of the file)");
  text[row] = R"({"answers":[1]})";
  check_refused(
      to, with(text),
      ":" + std::to_string(row + 1) +
          ": a row of `answers` with 1 values, expected 6 (take another copy of the file)");
  text[row] = R"({"answers":["1","","","","",""]})";
  check_refused(to, with(text),
                ":" + std::to_string(row + 1) +
                    ": `task` of `answers` is of another type (take another copy of the file)");
  text[row] = R"({"leases":[1]})";
  check_refused(to, with(text),
                ":" + std::to_string(row + 1) +
                    ": a row of an unknown table (take another copy of the file)");
  text[row] = lines[1];
  check_refused(
      to, with(text),
      ":" + std::to_string(row + 1) + ": a row of `runs` too late (take another copy of the file)");
}

TEST_CASE("nothing of an archive that lacks what its rows name is in the ledger afterwards") {
  on_every_ledger([](store& to) {
    store from;
    from.run = from.open_run("archived");
    fill_with_everything(from);
    auto file = to.folder.file("bad.gz");
    forge_without(archive(from), file, "cells");
    check_refused(to, file,
                  ": a row of `run_tasks` names one of `cells` that the archive does not hold "
                  "(take another copy of the file)");
  });
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

// -- pruning --------------------------------------------------------------------------------------

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
    CHECK(what_of(storage::prune_run(*s.db, s.run, &header)) ==
          "run 1 has a batch at left that is not collected");
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
