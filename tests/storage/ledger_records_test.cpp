// What every ledger promises of outcomes and their attempts.

#include <stdexcept>

#include "tests/storage/rich_record.hpp"

using namespace assay;
using namespace assay::tests;
using positions = std::vector<std::size_t>;

TEST_CASE("an outcome comes back whole, with its attempts in the order of time") {
  on_every_ledger([](store& s) {
    put(*s.db, s.run, 1);
    auto rich = rich_record();
    commit(*s.db, s.run, {rich}, {judged(0, "numeric", 0.5), judged(0, "exact", 1)});
    auto rows = all_rows(*s.another(), s.run);
    REQUIRE(rows.size() == 1);
    CHECK(rows[0].has_outcome);
    CHECK(rows[0].what == rich);
    CHECK(rows[0].verdicts ==
          std::vector<verdict>{judged(0, "exact", 1), judged(0, "numeric", 0.5)});
  });
}

TEST_CASE("moments are stored on the calendar of the process that took them") {
  on_every_ledger([](store& s) {
    put(*s.db, s.run, 1);
    time_anchor later{at(0), std::chrono::system_clock::time_point(std::chrono::hours(1))};
    must(s.db->commit({s.run, {answered(0, "1", 5)}, {}}, later));
    CHECK(all_attempts(*s.db, s.run)[0].sent_unix_ns == 3'600'005'000'000);
    CHECK(all_attempts(*s.db, s.run)[0].first_content_unix_ns == 0);
  });
}

TEST_CASE("what an answer leaves open about usage, its last attempt tells") {
  on_every_ledger([](store& s) {
    put(*s.db, s.run, 1);
    auto r = answered(0, "1");
    r.got.reply.usage.input = 7;
    r.got.attempts[0].usage.input = 8;
    r.got.attempts[0].usage.output = 9;
    commit(*s.db, s.run, {r});
    auto usage = all_rows(*s.db, s.run)[0].what.got.reply.usage;
    CHECK(usage.input == 7);
    CHECK(usage.output == 9);
    CHECK_FALSE(usage.reasoning.has_value());
  });
}

TEST_CASE("an outcome in error is replaced by a later one, and both runs of attempts are kept") {
  on_every_ledger([](store& s) {
    put(*s.db, s.run, 1);
    auto broken = failed(0, error_class::timeout, 0);
    broken.got.reply.text = "half an ans";
    commit(*s.db, s.run, {broken});
    commit(*s.db, s.run, {failed(0, error_class::transport, 500)});
    auto row = all_rows(*s.db, s.run)[0];
    CHECK(row.what.got.error.kind == error_class::transport);
    CHECK(row.what.got.reply.text == "");
    commit(*s.db, s.run, {answered(0, "1", 1000)});
    row = all_rows(*s.db, s.run)[0];
    CHECK(row.what.got.status == outcome_status::answered);
    CHECK(row.what.got.error == api_error{});
    CHECK(row.what.got.reply.text == "1");
    CHECK(all_attempts(*s.db, s.run).size() == 3);
  });
}

TEST_CASE("an answer is never replaced, not even by another answer") {
  on_every_ledger([](store& s) {
    put(*s.db, s.run, 1);
    commit(*s.db, s.run, {answered(0, "first", 0)});
    commit(*s.db, s.run, {answered(0, "second", 500)});
    commit(*s.db, s.run, {failed(0, error_class::timeout, 900)});
    auto rows = all_rows(*s.db, s.run);
    REQUIRE(rows.size() == 1);
    CHECK(rows[0].what.got.reply.text == "first");
    CHECK(must(s.db->missing(s.run)).empty());
    CHECK(all_attempts(*s.db, s.run).size() == 3);
  });
}

TEST_CASE("a refusal and a filtered answer are answers: nothing replaces them") {
  on_every_ledger([](store& s) {
    put(*s.db, s.run, 2);
    auto refused = answered(0, "");
    refused.got.status = outcome_status::refused;
    auto filtered = answered(1, "");
    filtered.got.status = outcome_status::filtered;
    commit(*s.db, s.run, {refused, filtered});
    commit(*s.db, s.run, {answered(0, "x", 500), answered(1, "x", 500)});
    auto rows = all_rows(*s.db, s.run);
    CHECK(rows[0].what.got.status == outcome_status::refused);
    CHECK(rows[1].what.got.status == outcome_status::filtered);
  });
}

TEST_CASE("committing the same batch again changes nothing") {
  on_every_ledger([](store& s) {
    put(*s.db, s.run, 3);
    std::vector<record> records{rich_record(), failed(1, error_class::timeout), answered(2, "3")};
    std::vector<verdict> verdicts{judged(0, "exact", 0), judged(2, "exact", 1)};
    commit(*s.db, s.run, records, verdicts);
    auto before = all_rows(*s.db, s.run);
    for (int again = 0; again < 2; ++again) commit(*s.db, s.run, records, verdicts);
    auto after = all_rows(*s.db, s.run);
    REQUIRE(after.size() == before.size());
    for (std::size_t i = 0; i < after.size(); ++i) {
      CHECK(after[i].what == before[i].what);
      CHECK(after[i].verdicts == before[i].verdicts);
    }
    CHECK(all_attempts(*s.db, s.run).size() == 4);
  });
}

TEST_CASE("attempts of the same number are told apart by run and by time") {
  on_every_ledger([](store& s) {
    put(*s.db, s.run, 1);
    auto second = s.open_run("second");
    put(*s.db, second, 1);
    commit(*s.db, s.run, {failed(0, error_class::timeout, 0)});
    commit(*s.db, s.run, {failed(0, error_class::timeout, 500)});  // the same run, resumed
    commit(*s.db, second, {failed(0, error_class::timeout, 500)});
    CHECK(all_attempts(*s.db, s.run).size() == 2);
    CHECK(all_attempts(*s.db, second).size() == 1);
  });
}

TEST_CASE("a record of a task that was never put is kept, at the end of the run") {
  on_every_ledger([](store& s) {
    put(*s.db, s.run, 1);
    commit(*s.db, s.run, {answered(7, "8")});
    auto rows = all_rows(*s.db, s.run);
    REQUIRE(rows.size() == 2);
    CHECK(rows[1].what == answered(7, "8"));
  });
}

TEST_CASE("a batch is written as a whole or not at all") {
  on_every_ledger([](store& s) {
    put(*s.db, s.run, 2);
    auto fresh = answered(1, "2");
    fresh.asked.where.model = "met for the first time";
    commit_batch batch{s.run, {answered(0, "1"), fresh}, {judged(99, "exact", 1)}};
    auto done = s.db->commit(batch, anchor());
    REQUIRE_FALSE(done.has_value());
    CHECK(done.error().what == "a verdict on a task that is not in the ledger");
    CHECK(must(s.db->missing(s.run)).size() == 2);
    CHECK(all_attempts(*s.db, s.run).empty());

    batch.verdicts.clear();
    must(s.db->commit(batch, anchor()));
    CHECK(must(s.db->missing(s.run)).empty());
    CHECK(all_attempts(*s.db, s.run)[1].model == "met for the first time");
  });
}

TEST_CASE("an empty batch is no work and no problem") {
  on_every_ledger([](store& s) { commit(*s.db, s.run, {}); });
}
