// What every ledger promises of runs, their tasks, and what is missing of them.

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
