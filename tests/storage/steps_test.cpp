// What every ledger promises of steps: calls that serve the task of a sample.

#include "tests/storage/rich_record.hpp"

using namespace assay;
using namespace assay::tests;

namespace {

/// The n-th step of task 0, as an agent makes it.
record step_of_first(int n) {
  auto r = answered(0, "use the tool " + std::to_string(n), 10 * n);
  r.asked.parent = r.asked.key;
  r.asked.key = r.got.key = hash_parts({"step", std::to_string(n)});
  r.asked.where.mode = "agent step";
  r.asked.request.tools = {{"calculator", "works out", R"({"type":"object"})"}};
  r.asked.request.messages.push_back({role::assistant, "", {{"call_1", "calculator", "{}"}}, {}});
  r.asked.request.messages.push_back({role::tool, "42", {}, "call_1"});
  r.got.reply.calls = {{"call_2", "calculator", R"({"n":)" + std::to_string(n) + "}"}};
  return r;
}

std::vector<record> steps_of(ledger& db, const task_key& parent) {
  std::vector<record> found;
  must(db.steps_of(parent, [&](storage::ledger_row row) { found.push_back(row.what); }));
  return found;
}

}  // namespace

TEST_CASE("a step comes back whole, with its conversation and its tools, under its parent") {
  on_every_ledger([](store& s) {
    put(*s.db, s.run, 2);
    std::vector<record> steps{step_of_first(1), step_of_first(2)};
    steps[1].asked.request.to = endpoint::embeddings;
    commit(*s.db, s.run, steps);
    auto found = steps_of(*s.another(), steps[0].asked.parent);
    for (auto& r : found) r.asked.position = steps[0].asked.position;
    for (auto& r : found) r.asked.run = steps[0].asked.run;
    CHECK(found == steps);
    CHECK(steps_of(*s.db, answered(1, "").asked.key).empty());
  });
}

TEST_CASE("steps are no samples: not in the plan, not missing, without a score") {
  on_every_ledger([](store& s) {
    put(*s.db, s.run, 1);
    commit(*s.db, s.run, {step_of_first(1)});
    CHECK(must(s.db->missing(s.run)) == std::vector<std::size_t>{0});
    CHECK(all_rows(*s.db, s.run).size() == 1);
    CHECK(must(s.db->runs())[0].tasks == 1);
    CHECK(must(s.db->runs())[0].done == 0);
  });
}

TEST_CASE("tasks with steps and without an answer are those that were begun") {
  on_every_ledger([](store& s) {
    put(*s.db, s.run, 3);
    auto begun = [&] {
      std::vector<task_key> keys;
      must(s.db->unanswered(s.run, [&](const task_key& key) { keys.push_back(key); }));
      return keys;
    };
    CHECK(begun().empty());
    auto first = step_of_first(1);
    commit(*s.db, s.run, {first, answered(1, "whole")});
    CHECK(begun() == std::vector{first.asked.parent});
    commit(*s.db, s.run, {failed(0, error_class::timeout)});
    CHECK(begun() == std::vector{first.asked.parent});
    commit(*s.db, s.run, {answered(0, "the end")});
    CHECK(begun().empty());
  });
}

TEST_CASE("the exchanges of steps are exchanges of the run") {
  on_every_ledger([](store& s) {
    put(*s.db, s.run, 1);
    commit(*s.db, s.run, {step_of_first(1)});
    auto attempts = all_attempts(*s.db, s.run);
    REQUIRE(attempts.size() == 1);
    CHECK(attempts[0].mode == "agent step");
  });
}

TEST_CASE("a step without its parent is refused") {
  on_every_ledger([](store& s) {
    put(*s.db, s.run, 1);
    auto lost = step_of_first(1);
    lost.asked.parent = hash_parts({"nobody"});
    auto done = s.db->commit({s.run, {lost}, {}}, anchor());
    REQUIRE_FALSE(done);
    CHECK(done.error().what == "a step of a task that is not in the ledger");
    CHECK(all_attempts(*s.db, s.run).empty());
  });
}

TEST_CASE("the final answer of a sample of several calls is no answer to an equal request") {
  on_every_ledger([](store& s) {
    put(*s.db, s.run, 1);
    auto other = s.open_run("direct");
    auto same = make_task(0);
    same.key = hash_parts({"the same request, asked directly"});
    must(s.db->put_tasks(other, 1, [&](std::size_t) { return same; }));
    auto copied = [&] { return must(s.db->take_cached(other, {}, 0, false)); };

    auto agent = step_of_first(1);
    SUBCASE("of an agent") {
      commit(*s.db, s.run, {agent, answered(0, "the end")});
      CHECK(copied() == 0);
    }
    SUBCASE("but an answer that a judge was asked about is one") {
      agent.asked.where.mode = "judge";
      commit(*s.db, s.run, {agent, answered(0, "the end")});
      CHECK(copied() == 1);
    }
  });
}

TEST_CASE(
    "an outcome is reused by every run but the one that brought it, however many calls it took") {
  on_every_ledger([](store& s) {
    put(*s.db, s.run, 1);
    auto whole = answered(0, "the end");
    whole.got.attempts.clear();
    commit(*s.db, s.run, {step_of_first(1), whole});
    auto other = s.open_run("later");
    put(*s.db, other, 1);
    CHECK_FALSE(all_scores(*s.db, s.run, {})[0].reused);
    CHECK(all_scores(*s.db, other, {})[0].reused);
  });
}
