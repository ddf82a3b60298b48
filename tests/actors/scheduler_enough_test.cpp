#include <doctest/doctest.h>

#include "tests/actors/scheduler_desk.hpp"

using namespace assay;
using namespace assay::tests;

namespace {

/// Even positions are of model "m", odd ones of model "other".
std::shared_ptr<work> two_models() {
  auto w = work_at({"p"});
  w->classes.push_back({"other", {"p"}, {}, route_policy::any_room, 1});
  w->class_of = [](std::uint32_t i) { return i % 2; };
  return w;
}

commit_note answered(std::initializer_list<std::uint32_t> positions) {
  commit_note note;
  for (auto position : positions) note.tasks.push_back({.position = position, .provider = "p"});
  return note;
}

}  // namespace

TEST_CASE_FIXTURE(scheduler_desk,
                  "a model that has answered enough gets no more samples, others go on") {
  join("p");
  submit(two_models(), 10);
  ask("p", 1);
  self->send(scheduler, enough_atom_v, std::int64_t{0}, std::string{"m"});
  time.run();
  CHECK(progress().spared == 4);
  CHECK(progress().pending == 5);
  ask("p", 9);
  CHECK(got["p"]->size() == 6);
  self->send(scheduler, answered({0, 1, 3, 5, 7, 9}));
  time.run();
  CHECK(progress().finished);
  CHECK(progress().stopped_by.empty());
}

TEST_CASE_FIXTURE(scheduler_desk,
                  "what comes back of a model with enough answers goes on only if tried") {
  join("p");
  submit(work_at({"p"}), 3);
  ask("p", 2);
  self->send(scheduler, enough_atom_v, std::int64_t{0}, std::string{"m"});
  self->send(scheduler, return_atom_v, std::string{"p"},
             std::vector<returned_task>{{0, 0, {}}, {0, 1, {attempt{.provider = "p"}}}});
  time.run();
  CHECK(progress().spared == 2);
  ask("p", 1);
  REQUIRE(got["p"]->size() == 3);
  CHECK(got["p"]->back().what.position == 1);
}

TEST_CASE_FIXTURE(scheduler_desk, "tasks that one answer would have served are spared with it") {
  join("p");
  auto w = work_at({"p"});
  w->equals = [](std::uint32_t i) {
    return i == 0 ? std::vector<std::uint32_t>{7, 8} : std::vector<std::uint32_t>{};
  };
  SUBCASE("when it was not asked for yet") {
    submit(w, 2);
    self->send(scheduler, enough_atom_v, std::int64_t{0}, std::string{"m"});
    time.run();
    CHECK(progress().spared == 4);
  }
  SUBCASE("when it then failed") {
    submit(w, 1);
    ask("p", 1);
    self->send(scheduler, enough_atom_v, std::int64_t{0}, std::string{"m"});
    self->send(scheduler, commit_note{{{.status = outcome_status::error, .provider = "p"}}, {}});
    time.run();
    CHECK(progress().spared == 2);
  }
  CHECK(progress().finished);
}
