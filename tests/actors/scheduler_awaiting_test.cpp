#include <doctest/doctest.h>

#include "tests/actors/scheduler_desk.hpp"

using namespace assay;
using namespace assay::tests;

namespace {

task_key key_of(std::uint32_t position) { return hash_parts({std::to_string(position)}); }

/// One node, "n", has tasks of run 0 under way since before the scheduler was there.
struct takeover : scheduler_desk {
  takeover() { join("p"); }

  void await(std::vector<std::uint32_t> positions) {
    std::vector<call_under_way> calls;
    for (auto position : positions)
      calls.push_back({0, key_of(position), "p", {}, time.now() + 60s});
    self->send(scheduler, std::string{"n"}, std::move(calls));
    time.run();
  }
  void arrive(std::uint32_t position, const std::string& account = "p") {
    late_result late{0, key_of(position), 1, account, {}, {}};
    late.result.reply.text = "late";
    self->send(scheduler, std::vector<late_result>{late});
    time.run();
  }
  std::vector<std::uint32_t> sent_to(const std::string& name) {
    std::vector<std::uint32_t> positions;
    for (const auto& h : *got[name])
      if (!h.arrived) positions.push_back(h.what.position);
    std::sort(positions.begin(), positions.end());
    return positions;
  }
};

using positions = std::vector<std::uint32_t>;

}  // namespace

TEST_CASE_FIXTURE(takeover, "what is under way at a node is not sent again") {
  await({1, 3});
  submit(work_at({"p"}), 4);
  ask("p", 4);
  CHECK(sent_to("p") == positions{0, 2});
  CHECK(progress().pending == 2);
  CHECK_FALSE(progress().finished);
}

TEST_CASE_FIXTURE(takeover, "its result goes to the provider of the account at once, unasked") {
  await({1});
  submit(work_at({"p"}), 2);
  ask("p", 1);
  ask("p", 1);
  CHECK(got["p"]->size() == 1);
  arrive(1);
  REQUIRE(got["p"]->size() == 2);
  const auto& done = got["p"]->back();
  CHECK(done.what.position == 1);
  CHECK(done.unasked);
  REQUIRE(done.arrived.has_value());
  CHECK(done.arrived->reply.text == "late");
  CHECK(progress().pending == 0);
  CHECK(progress().in_hand == 2);
  CHECK(progress().lost_credits == 0);
}

TEST_CASE_FIXTURE(takeover, "a result that comes before its task's turn waits, for its account") {
  join("q");
  submit(work_at({"p", "q"}), 2);
  arrive(1, "q");
  CHECK(got["q"]->empty());
  ask("p", 2);
  CHECK(sent_to("p") == positions{0});
  CHECK(got["p"]->size() == 1);
  REQUIRE(got["q"]->size() == 1);
  CHECK(got["q"]->front().unasked);
  CHECK(got["q"]->front().arrived.has_value());
}

TEST_CASE_FIXTURE(takeover, "when the node is lost its tasks are sent again, others are not") {
  await({0, 1});
  self->send(scheduler, std::string{"m"},
             std::vector<call_under_way>{{0, key_of(2), "p", {}, time.now() + 60s}});
  submit(work_at({"p"}), 3);
  ask("p", 3);
  CHECK(sent_to("p").empty());
  self->send(scheduler, leave_atom_v, std::string{"n"});
  time.run();
  CHECK(sent_to("p") == positions{0, 1});
}

TEST_CASE_FIXTURE(takeover, "a call that a node never tells the end of is sent again in the end") {
  await({0});
  submit(work_at({"p"}), 1);
  ask("p", 1);
  time.pass(59s);
  time.run();
  CHECK(sent_to("p").empty());
  time.pass(1s);
  time.run();
  CHECK(sent_to("p") == positions{0});
}

TEST_CASE_FIXTURE(takeover, "a run that is stopped does not wait for a node") {
  await({0});
  submit(work_at({"p"}), 1);
  ask("p", 1);
  self->send(scheduler, drain_atom_v, std::string{"interrupted"});
  time.run();
  CHECK(progress().finished);
  CHECK(progress().pending == 1);
  arrive(0);
  CHECK(got["p"]->empty());
}

TEST_CASE_FIXTURE(takeover,
                  "a result by an account that takes no part leads to a call by another") {
  await({0});
  submit(work_at({"p"}), 1);
  ask("p", 1);
  arrive(0, "q");
  CHECK(sent_to("p") == positions{0});
}

TEST_CASE_FIXTURE(takeover, "a call without a task of its own is not waited for") {
  self->send(scheduler, std::string{"n"},
             std::vector<call_under_way>{{0, {}, "p", {}, time.now() + 60s}});
  auto w = work_at({"p"});
  w->positions = {0};
  w->class_of = [](std::uint32_t) { return 0; };
  w->make = [](std::uint32_t) { return task{}; };
  self->send(scheduler, work_ptr{w});
  ask("p", 1);
  CHECK(sent_to("p") == positions{0});
}

TEST_CASE_FIXTURE(takeover, "calls that would end at different times are sent again by the last") {
  self->send(scheduler, std::string{"n"},
             std::vector<call_under_way>{{0, key_of(0), "p", {}, time.now() + 90s},
                                         {0, key_of(1), "p", {}, time.now() + 30s}});
  submit(work_at({"p"}), 2);
  ask("p", 2);
  for (auto wait : {30s, 60s}) {
    time.pass(wait);
    time.run();
  }
  CHECK(sent_to("p") == positions{0, 1});
}

TEST_CASE_FIXTURE(takeover, "a task of a model with enough answers is not sent again") {
  await({1});
  submit(work_at({"p"}), 2);
  ask("p", 2);
  self->send(scheduler, enough_atom_v, std::int64_t{0}, std::string{"m"});
  self->send(scheduler, leave_atom_v, std::string{"n"});
  time.run();
  CHECK(sent_to("p") == positions{0});
  CHECK(progress().spared == 1);
}

TEST_CASE_FIXTURE(takeover, "a result that arrives belongs to its task and run") {
  for (std::uint32_t position : {0u, 1u}) await({position});
  submit(work_at({"p"}), 2);
  ask("p", 2);
  arrive(1);
  REQUIRE(got["p"]->size() == 1);
  CHECK(got["p"]->back().what.key == key_of(1));
  CHECK(got["p"]->back().what.run == 0);
}

TEST_CASE_FIXTURE(takeover, "what was tried before goes with the result that arrives late") {
  submit(work_at({"p"}), 1);
  ask("p", 1);
  await({0});
  self->send(scheduler, return_atom_v, std::string{"p"},
             std::vector<returned_task>{{0, 0, {attempt{.provider = "p"}}}});
  time.run();
  ask("p", 1);
  arrive(0);
  REQUIRE(got["p"]->size() == 2);
  CHECK(got["p"]->back().arrived.has_value());
  CHECK(got["p"]->back().earlier.size() == 1);
}
