// What every ledger promises of verdicts and of what it is asked.

#include <cmath>
#include <limits>

#include "tests/storage/rich_record.hpp"

using namespace assay;
using namespace assay::tests;

// -- verdicts -------------------------------------------------------------------------------------

TEST_CASE("a verdict replaces the older one of the same judge only") {
  on_every_ledger([](store& s) {
    put(*s.db, s.run, 1);
    commit(*s.db, s.run, {answered(0, "1")}, {judged(0, "a", 0, "v1"), judged(0, "b", 0, "v1")});
    commit(*s.db, s.run, {}, {judged(0, "a", 1, "v2")});
    auto verdicts = all_rows(*s.db, s.run)[0].verdicts;
    CHECK(verdicts == std::vector<verdict>{judged(0, "a", 1, "v2"), judged(0, "b", 0, "v1")});
    CHECK(must(s.db->judges_of(s.run)) == std::vector<std::string>{"a", "b"});
    std::vector<verdict> of_a;
    must(s.db->verdicts_of(s.run, "a", [&](const verdict& v) { of_a.push_back(v); }));
    CHECK(of_a == std::vector<verdict>{judged(0, "a", 1, "v2")});
  });
}

TEST_CASE("verdicts on an outcome in error go when the answer comes") {
  on_every_ledger([](store& s) {
    put(*s.db, s.run, 1);
    auto unscored = judged(0, "a", 0);
    unscored.scored = false;
    commit(*s.db, s.run, {failed(0, error_class::timeout)}, {unscored});
    commit(*s.db, s.run, {answered(0, "1", 500)});
    CHECK(all_rows(*s.db, s.run)[0].verdicts.empty());
  });
}

TEST_CASE("unjudged are the outcomes without a verdict in the judge's present version") {
  on_every_ledger([](store& s) {
    put(*s.db, s.run, 6);
    commit(*s.db, s.run,
           {answered(0, "1"), answered(1, "2"), answered(2, "3"), answered(3, "4"),
            failed(4, error_class::timeout)},
           {judged(0, "a", 1, "v sample-0"), judged(1, "a", 1, "old"),
            judged(2, "b", 1, "v sample-2")});
    std::vector<record> found;
    must(s.db->unjudged(
        s.run, "a", [](const sample& item) { return "v " + item.id; },
        [&](record r) { found.push_back(std::move(r)); }));
    CHECK(found == std::vector<record>{answered(1, "2"), answered(2, "3"), answered(3, "4")});
  });
}

TEST_CASE("a visitor may write to the ledger that it is reading") {
  on_every_ledger([](store& s) {
    put(*s.db, s.run, 50);
    std::vector<record> done;
    for (std::size_t i = 0; i < 50; ++i) done.push_back(answered(i, "x"));
    commit(*s.db, s.run, done);
    int visited = 0;
    auto version = [](const sample&) { return std::string("v1"); };
    must(s.db->unjudged(s.run, "a", version, [&](record r) {
      commit(*s.db, s.run, {}, {{r.asked.key, "a", "v1", true, 1, "", ""}});
      CHECK(must(s.db->find_rows(s.run, r.asked.item.id)).size() == 1);
      ++visited;
    }));
    CHECK(visited == 50);
    must(s.db->unjudged(s.run, "a", version, [&](record) { ++visited; }));
    CHECK(visited == 50);
  });
}

// -- queries --------------------------------------------------------------------------------------

TEST_CASE("a score row tells cell, outcome, last attempt and the scores of the judges asked for") {
  on_every_ledger([](store& s) {
    put(*s.db, s.run, 3);
    auto r = rich_record();
    auto unscored = judged(1, "a", 0.75);
    unscored.scored = false;
    commit(*s.db, s.run, {r, failed(1, error_class::overloaded)},
           {judged(0, "a", 0.25), judged(0, "b", 1), unscored});
    auto rows = all_scores(*s.db, s.run, {"a", "never"});
    REQUIRE(rows.size() == 3);
    CHECK(rows[0].key == r.asked.key);
    CHECK(rows[0].where == r.asked.where);
    CHECK(rows[0].sample_id == "sample-0");
    CHECK(rows[0].tags == std::vector<std::string>{"sum"});
    CHECK(rows[0].has_outcome);
    CHECK(rows[0].status == outcome_status::refused);
    CHECK(rows[0].why == finish::refusal);
    CHECK(rows[0].provider == "right");
    CHECK(rows[0].node == "node-1");
    CHECK(rows[0].cost == usd{0.125});
    CHECK(rows[0].input_tokens == 10);
    CHECK(rows[0].output_tokens == 20);
    CHECK(rows[0].latency_ns == 6'000'000);  // sent at 3, done at 9
    using scores = std::vector<std::pair<std::string, std::optional<double>>>;
    CHECK(rows[0].scores == scores{{"a", 0.25}, {"never", std::nullopt}});
    CHECK(rows[1].status == outcome_status::error);
    CHECK(rows[1].error == error_class::overloaded);
    CHECK(rows[1].scores == scores{{"a", std::nullopt}, {"never", std::nullopt}});
    CHECK_FALSE(rows[2].has_outcome);
    CHECK(rows[2].input_tokens == 0);
  });
}

TEST_CASE("equal texts have equal digests, and no text has none") {
  on_every_ledger([](store& s) {
    put(*s.db, s.run, 4);
    commit(*s.db, s.run,
           {answered(0, "same"), answered(1, "other"), answered(2, "same"), answered(3, "")});
    auto rows = all_scores(*s.db, s.run, {});
    REQUIRE(rows.size() == 4);
    CHECK(rows[0].text_digest.has_value());
    CHECK(rows[0].text_digest == rows[2].text_digest);
    CHECK(rows[0].text_digest != rows[1].text_digest);
    CHECK_FALSE(rows[3].text_digest.has_value());
  });
}

TEST_CASE("attempt rows are the exchanges of the run and of no other") {
  on_every_ledger([](store& s) {
    put(*s.db, s.run, 1);
    auto second = s.open_run("second");
    put(*s.db, second, 1);
    auto r = rich_record();
    commit(*s.db, s.run, {r});
    commit(*s.db, second, {answered(0, "late", 2000)});
    auto rows = all_attempts(*s.db, s.run);
    REQUIRE(rows.size() == 2);
    CHECK(rows[0].kind == error_class::rate_limited);
    CHECK(rows[0].http_status == 429);
    CHECK(rows[1].key == r.asked.key);
    CHECK(rows[1].provider == "right");
    CHECK(rows[1].model == "small");
    CHECK(rows[1].number == 2);
    CHECK(rows[1].node == "node-1");
    CHECK(rows[1].clock_error_ns == 200'000);
    CHECK(rows[1].admitted_unix_ns == 1'000'002'000'000);
    CHECK(rows[1].sent_unix_ns == 1'000'003'000'000);
    CHECK(rows[1].first_content_unix_ns == 1'000'007'000'000);
    CHECK(rows[1].done_unix_ns == 1'000'009'000'000);
    CHECK(rows[1].input_tokens == 10);
    CHECK(rows[1].output_tokens == 20);
    CHECK(rows[1].cost == usd{0.125});
  });
}

TEST_CASE("the fields of the samples come by task, in plan order") {
  on_every_ledger([](store& s) {
    using field_list = std::vector<std::pair<std::string, std::string>>;
    auto make = [](std::size_t i) {
      auto made = make_task(i);
      if (i != 1) made.item.fields = {{"page", std::to_string(i / 2)}, {"page", "again"}};
      return made;
    };
    must(s.db->put_tasks(s.run, 3, make));
    std::vector<std::pair<task_key, field_list>> found;
    must(s.db->sample_fields(s.run, [&](const task_key& key, const field_list& fields) {
      found.emplace_back(key, fields);
    }));
    REQUIRE(found.size() == 3);
    for (std::size_t i = 0; i < 3; ++i) {
      CHECK(found[i].first == make(i).key);
      CHECK(found[i].second == make(i).item.fields);
    }
  });
}

TEST_CASE("rows are found by sample id, or else by the start of their key") {
  on_every_ledger([](store& s) {
    put(*s.db, s.run, 20);
    auto by_id = must(s.db->find_rows(s.run, "sample-7"));
    REQUIRE(by_id.size() == 1);
    CHECK(by_id[0].what.asked == make_task(7));
    auto key = to_string(make_task(7).key);
    for (std::size_t digits : {6u, 16u, 31u, 32u}) {
      auto by_key = must(s.db->find_rows(s.run, key.substr(0, digits)));
      REQUIRE(by_key.size() == 1);
      CHECK(by_key[0].what.asked == make_task(7));
    }
    for (auto nothing : {"sample-99", "", "abc", "sample", "' OR 1=1 --"})
      CHECK(must(s.db->find_rows(s.run, nothing)).empty());
    CHECK(must(s.db->find_rows(s.run, key + "0")).empty());
    CHECK(must(s.db->find_rows(s.open_run("second"), "sample-7")).empty());
  });
}

TEST_CASE("an unknown run has no rows") {
  on_every_ledger([](store& s) {
    CHECK(all_rows(*s.db, 99).empty());
    CHECK(must(s.db->missing(99)).empty());
    CHECK(must(s.db->judges_of(99)).empty());
  });
}

TEST_CASE("numbers that are not finite are stored without harm") {
  on_every_ledger([](store& s) {
    put(*s.db, s.run, 1);
    auto r = answered(0, "1");
    r.got.cost.value = std::numeric_limits<double>::quiet_NaN();
    r.got.attempts[0].cost.value = std::numeric_limits<double>::infinity();
    r.got.attempts[0].limits.resize(1);
    r.got.attempts[0].limits[0].limit = std::numeric_limits<double>::quiet_NaN();
    commit(*s.db, s.run, {r}, {judged(0, "a", std::numeric_limits<double>::quiet_NaN())});
    auto row = all_rows(*s.db, s.run)[0];
    CHECK(row.what.got.cost.value == 0);
    CHECK(std::isinf(row.what.got.attempts.at(0).cost.value));
    CHECK(std::isnan(row.what.got.attempts[0].limits.at(0).limit));
    CHECK(row.verdicts.at(0).score == 0);
    CHECK_FALSE(all_scores(*s.db, s.run, {"a"})[0].scores[0].second.has_value());
  });
}
