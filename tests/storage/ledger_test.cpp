// What every ledger promises, whatever keeps it.

#include "storage/ledger.hpp"

#include <cmath>
#include <limits>
#include <stdexcept>

#include "tests/storage/stores.hpp"

using namespace assay;
using namespace assay::tests;
using positions = std::vector<std::size_t>;

// -- runs -----------------------------------------------------------------------------------------

TEST_CASE("starting the same plan again opens the same run, which is then running again") {
  on_every_ledger([](store& s) {
    run_info wanted;
    wanted.experiment = "arithmetic";
    wanted.fingerprint = "f";
    wanted.file = "a.toml";
    wanted.setup_json = "{\"v\":1}";
    wanted.started_unix_ns = 10;
    auto first = must(s.db->open_run(wanted));
    CHECK(first.state == storage::run_state::running);
    must(s.db->end_run(first.id, storage::run_state::interrupted, 20, "{}"));
    CHECK(must(s.db->find_run("arithmetic")).state == storage::run_state::interrupted);
    CHECK(must(s.db->find_run("arithmetic")).ended_unix_ns == 20);

    wanted.setup_json = "{\"v\":2}";
    wanted.started_unix_ns = 30;
    auto second = must(s.db->open_run(wanted));
    CHECK(second.id == first.id);
    CHECK(second.state == storage::run_state::running);
    CHECK(second.started_unix_ns == 10);
    CHECK(second.ended_unix_ns == 0);
    CHECK(second.setup_json == "{\"v\":2}");

    wanted.fingerprint = "other";
    CHECK(must(s.db->open_run(wanted)).id != first.id);
  });
}

TEST_CASE("a run is found by id, by the name of its experiment, and as the latest") {
  on_every_ledger([](store& s) {
    run_info wanted;
    wanted.experiment = "a";
    wanted.started_unix_ns = 1;
    auto a1 = must(s.db->open_run(wanted)).id;
    wanted.fingerprint = "changed";
    wanted.started_unix_ns = 2;
    auto a2 = must(s.db->open_run(wanted)).id;
    wanted.experiment = "b";
    wanted.started_unix_ns = 3;
    auto b = must(s.db->open_run(wanted)).id;
    CHECK(must(s.db->find_run(std::to_string(a1))).id == a1);
    CHECK(must(s.db->find_run("a")).id == a2);
    CHECK(must(s.db->find_run("latest")).id == b);
    CHECK(must(s.db->runs()).front().id == b);
    CHECK(must(s.db->runs()).size() == 4);

    wanted.experiment = "a";
    wanted.started_unix_ns = 4;
    must(s.db->open_run(wanted));
    CHECK(must(s.db->find_run("latest")).id == a2);
  });
}

TEST_CASE("a run that is not there is a problem that names the nearest experiment") {
  on_every_ledger([](store& s) {
    auto found = s.db->find_run("experimemt");
    REQUIRE_FALSE(found.has_value());
    CHECK(found.error().where == "experimemt");
    CHECK(found.error().fix == "did you mean `experiment`?");
    CHECK_FALSE(s.db->find_run("").has_value());
    CHECK_FALSE(s.db->find_run("99").has_value());
  });
}

TEST_CASE("the counts of a run are those of its tasks' outcomes") {
  on_every_ledger([](store& s) {
    put(*s.db, s.run, 5);
    commit(*s.db, s.run, {answered(0, "1"), answered(3, "4"), failed(1, error_class::timeout)});
    auto run = must(s.db->find_run("latest"));
    CHECK(run.tasks == 5);
    CHECK(run.done == 2);
    CHECK(run.errors == 1);
    CHECK(must(s.db->runs()).at(0).done == 2);
  });
}

// -- tasks ----------------------------------------------------------------------------------------

TEST_CASE("a task comes back whole, in plan order") {
  on_every_ledger([](store& s) {
    auto rich = make_task(0);
    rich.epoch = 3;
    rich.item.choices = {"one", "two"};
    rich.item.targets = {"1", "one", ""};
    rich.item.tags = {"x", "y"};
    rich.item.task_type = "own type";
    rich.item.difficulty = "own difficulty";
    rich.item.fields = {{"b", "2"}, {"a", "1"}, {"a", "again"}};
    rich.request.messages = {{role::system, "Think."}, {role::user, "?"}, {role::assistant, "!"}};
    rich.request.max_tokens = 64;
    rich.request.temperature = 0.1;
    rich.request.top_p = 1.0 / 3;
    rich.request.seed = -1;
    rich.request.stop = {"END", "\n"};
    rich.request.reasoning = false;
    rich.request.extra_json = "{\"a\":1}";
    rich.request.stream = false;
    rich.providers = {"left", "right"};
    rich.input_tokens = 77;
    must(s.db->put_tasks(s.run, 2, [&](std::size_t i) { return i == 0 ? rich : make_task(1); }));
    auto rows = all_rows(*s.another(), s.run);
    REQUIRE(rows.size() == 2);
    CHECK(rows[0].what.asked == rich);
    CHECK(rows[1].what.asked == make_task(1));
    CHECK_FALSE(rows[0].has_outcome);
  });
}

TEST_CASE("any bytes come back unchanged: NUL, broken UTF-8, quotes, control characters") {
  on_every_ledger([](store& s) {
    std::string bytes;
    for (int c = 0; c < 256; ++c) bytes += static_cast<char>(c);
    bytes += "\xed\xa0\x80 \xf4\x90\x80\x80 \xe2\x82 \\u0000 \"]}";
    auto odd = answered(0, bytes);
    auto& asked = odd.asked;
    asked.item.id = asked.item.input = bytes;
    asked.item.targets = asked.item.choices = asked.item.tags = {bytes, ""};
    asked.item.fields = {{bytes, bytes}, {"", ""}};
    asked.request.messages = {{role::user, bytes}};
    asked.request.stop = asked.providers = {bytes};
    asked.request.model = asked.request.extra_json = bytes;
    asked.where.dataset = asked.where.model = bytes;
    auto& got = odd.got;
    got.reply.reasoning = got.reply.refusal = got.reply.finish_reason = bytes;
    got.reply.response_id = got.reply.model = bytes;
    got.error.message = got.attempts[0].error.message = got.attempts[0].request_id = bytes;
    must(s.db->put_tasks(s.run, 1, [&](std::size_t) { return asked; }));
    auto v = judged(0, bytes, 1, bytes);
    v.extracted = v.explanation = bytes;
    commit(*s.db, s.run, {odd}, {v});
    auto rows = all_rows(*s.db, s.run);
    REQUIRE(rows.size() == 1);
    CHECK(rows[0].what == odd);
    CHECK(rows[0].verdicts == std::vector<verdict>{v});
    CHECK(all_scores(*s.db, s.run, {bytes})[0].scores[0].second == 1);
    CHECK(must(s.db->judges_of(s.run)) == std::vector<std::string>{bytes});
    CHECK(must(s.db->find_rows(s.run, bytes)).size() == 1);
  });
}

TEST_CASE("putting a plan that is there already renders no task") {
  on_every_ledger([](store& s) {
    put(*s.db, s.run, 10);
    int made = 0;
    must(s.db->put_tasks(s.run, 10, [&](std::size_t i) {
      ++made;
      return make_task(i);
    }));
    CHECK(made == 0);
    CHECK(must(s.db->missing(s.run)).size() == 10);
  });
}

TEST_CASE("a put that broke off goes on where it stopped") {
  on_every_ledger([](store& s) {
    auto breaks = [](std::size_t i) -> task {
      if (i == 60'000) throw std::runtime_error("stop");
      return make_task(i);
    };
    CHECK_THROWS(s.db->put_tasks(s.run, 60'010, breaks));
    positions asked;
    must(s.db->put_tasks(s.run, 60'010, [&](std::size_t i) {
      asked.push_back(i);
      return make_task(i);
    }));
    CHECK(asked.front() > 0);
    CHECK(asked.back() == 60'009);
    CHECK(must(s.db->missing(s.run)).size() == 60'010);
    CHECK(all_rows(*s.db, s.run).at(60'005).what.asked == make_task(60'005));
  });
}

TEST_CASE("runs name and sort their tasks by themselves; the answers they share") {
  on_every_ledger([](store& s) {
    put(*s.db, s.run, 3);
    commit(*s.db, s.run, {answered(1, "two")});
    auto second = s.open_run("second");
    must(s.db->put_tasks(second, 2, [](std::size_t i) {
      auto renamed = make_task(1 - i);
      renamed.where.model = "renamed";
      renamed.item.targets = {"corrected"};
      return renamed;
    }));
    CHECK(must(s.db->missing(second)) == positions{1});
    auto rows = all_rows(*s.db, second);
    CHECK(rows[0].what.got.reply.text == "two");
    CHECK(rows[0].what.asked.where.model == "renamed");
    CHECK(rows[0].what.asked.item.targets == std::vector<std::string>{"corrected"});
    auto before = all_rows(*s.db, s.run);
    CHECK(before[1].what.asked == make_task(1));
    CHECK(before[1].what.got.reply.text == "two");
  });
}

// -- what is missing ------------------------------------------------------------------------------

TEST_CASE("missing are the tasks without an outcome and those in error") {
  on_every_ledger([](store& s) {
    put(*s.db, s.run, 6);
    auto refused = answered(1, "");
    refused.got.status = outcome_status::refused;
    auto filtered = answered(2, "");
    filtered.got.status = outcome_status::filtered;
    commit(*s.db, s.run, {answered(0, "1"), refused, filtered, failed(4, error_class::transport)});
    CHECK(must(s.db->missing(s.run)) == positions{3, 4, 5});
    CHECK(must(s.another()->missing(s.run)) == positions{3, 4, 5});
  });
}

TEST_CASE("what is missing of a plan that was never put is told by its keys") {
  on_every_ledger([](store& s) {
    std::vector<task_key> keys{make_task(3).key, make_task(0).key, make_task(99).key,
                               make_task(4).key};
    CHECK(must(s.db->missing_of(keys)) == positions{0, 1, 2, 3});
    put(*s.db, s.run, 100);
    std::vector<record> done;
    for (std::size_t i = 0; i < 90; ++i) done.push_back(answered(i, "x"));
    done[4] = failed(4, error_class::timeout);
    commit(*s.db, s.run, done);
    CHECK(must(s.db->missing_of(keys)) == positions{2, 3});  // few keys in a large ledger
    for (std::size_t i = 0; i < 100; ++i) keys.push_back(make_task(i).key);
    auto missing = must(s.db->missing_of(keys));  // more keys than the ledger holds
    CHECK(missing.size() == 2 + 1 + 10);
    CHECK(positions(missing.begin(), missing.begin() + 3) == positions{2, 3, 4 + 4});
    CHECK(must(s.db->missing_of({})).empty());
  });
}

// -- records --------------------------------------------------------------------------------------

namespace {

/// Every member of an outcome set to something of its own.
record rich_record() {
  auto made = answered(0, "forty-two");
  auto& got = made.got;
  got.status = outcome_status::refused;
  got.error = {error_class::refusal, "code",           "type", "message",
               milliseconds(250),    dimension::tokens};
  got.provider = "right";
  got.cost = usd{0.125};
  auto& reply = got.reply;
  reply.reasoning = "thought";
  reply.refusal = "no";
  reply.why = finish::refusal;
  reply.finish_reason = "refused";
  reply.response_id = "chatcmpl-1";
  reply.model = "small-1-2026";
  reply.system_fingerprint = "fp";
  reply.service_tier = "default";
  reply.usage = {10, 2, 0, 20, 5, 0.001};
  attempt first = make_attempt(0, error_class::rate_limited);
  first.http_status = 429;
  first.error.retry_after = milliseconds(1500);
  first.error.limited = dimension::output_tokens;
  attempt second;
  second.number = 2;
  second.provider = "right";
  second.http_status = 200;
  second.request_id = "req-2";
  second.usage = reply.usage;
  second.cost = usd{0.125};
  second.at = {at(1), at(2), at(3), at(4), at(5), at(6), at(7), at(8), at(9)};
  second.bytes_received = 1'000'000'000'000;
  second.content_events = 12;
  second.new_connection = true;
  second.limits.resize(2);
  second.limits[0].counts = dimension::requests;
  second.limits[0].limit = 1000;
  second.limits[0].remaining = 0.1;
  second.limits[0].reset = milliseconds(60'000);
  second.limits[0].window = std::chrono::seconds(86'400);
  second.limits[1].counts = dimension::concurrency;
  second.limits[1].limit = std::numeric_limits<double>::infinity();
  second.limits[1].remaining = -1e300;
  got.attempts = {first, second};
  return made;
}

}  // namespace

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

// -- verdicts -------------------------------------------------------------------------------------

TEST_CASE("a verdict replaces the older one of the same judge only") {
  on_every_ledger([](store& s) {
    put(*s.db, s.run, 1);
    commit(*s.db, s.run, {answered(0, "1")}, {judged(0, "a", 0, "v1"), judged(0, "b", 0, "v1")});
    commit(*s.db, s.run, {}, {judged(0, "a", 1, "v2")});
    auto verdicts = all_rows(*s.db, s.run)[0].verdicts;
    CHECK(verdicts == std::vector<verdict>{judged(0, "a", 1, "v2"), judged(0, "b", 0, "v1")});
    CHECK(must(s.db->judges_of(s.run)) == std::vector<std::string>{"a", "b"});
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
    CHECK(rows[0].provider == "right");
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
    CHECK(rows[1].admitted_unix_ns == 1'000'002'000'000);
    CHECK(rows[1].sent_unix_ns == 1'000'003'000'000);
    CHECK(rows[1].first_content_unix_ns == 1'000'007'000'000);
    CHECK(rows[1].done_unix_ns == 1'000'009'000'000);
    CHECK(rows[1].input_tokens == 10);
    CHECK(rows[1].output_tokens == 20);
    CHECK(rows[1].cost == usd{0.125});
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
