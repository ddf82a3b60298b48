#include <doctest/doctest.h>

#include "tests/actors/scheduler_desk.hpp"

using namespace assay;
using namespace assay::tests;

TEST_CASE_FIXTURE(scheduler_desk, "a credit that overtakes the join is not lost") {
  ask("p", 2);
  join("p");
  submit(work_at({"p"}), 5);
  CHECK(got["p"]->size() == 2);
}

TEST_CASE_FIXTURE(scheduler_desk,
                  "tasks go to nobody who did not ask, and to no one more than asked for") {
  join("p");
  submit(work_at({"p"}), 5);
  CHECK(got["p"]->empty());
  ask("p", 3);
  CHECK(got["p"]->size() == 3);
  ask("p", 9);
  CHECK(got["p"]->size() == 5);
  CHECK(progress().pending == 0);
}

TEST_CASE_FIXTURE(scheduler_desk, "credits add up") {
  join("p");
  ask("p", 2);
  ask("p", 3);
  submit(work_at({"p"}), 9);
  CHECK(got["p"]->size() == 5);
  ask("p", 0);
  CHECK(got["p"]->size() == 5);
  ask("p", 1);
  CHECK(got["p"]->size() == 6);
  CHECK(progress().lost_credits == 0);
}

TEST_CASE_FIXTURE(scheduler_desk,
                  "a credit that got lost is made good by the next one, and counted") {
  join("p");
  submit(work_at({"p"}), 9);
  ask("p", 2);
  asked["p"] += 3;  // lost on its way
  ask("p", 1);
  CHECK(got["p"]->size() == 6);
  CHECK(progress().lost_credits == 1);
  asked["p"] += 2;
  ask("p", 0);
  CHECK(got["p"]->size() == 8);
  CHECK(progress().lost_credits == 2);
}

TEST_CASE_FIXTURE(scheduler_desk,
                  "a fallback gets tasks only while none of the providers can serve") {
  join("p");
  join("f");
  submit(work_at({"p"}, {"f"}), 5);
  ask("f", 2);
  CHECK(got["f"]->empty());
  tell({"p", "m", intake::failing, "its exchanges fail"});
  CHECK(got["f"]->size() == 2);
  tell({"p", "m", intake::open, ""});
  ask("f", 2);
  CHECK(got["f"]->size() == 2);
  ask("p", 9);
  CHECK(got["p"]->size() == 3);
}

TEST_CASE_FIXTURE(scheduler_desk,
                  "a model that a limit holds back goes to others, but to no fallback") {
  join("p");
  join("q");
  join("f");
  submit(work_at({"p", "q"}, {"f"}), 5);
  tell({"p", "m", intake::held, "its limit rpm"});
  ask("p", 5);
  ask("f", 5);
  CHECK(got["p"]->empty());
  ask("q", 1);
  CHECK(got["q"]->size() == 1);
  tell({"q", "m", intake::held, "its limit rpm"});
  CHECK(got["f"]->empty());
  tell({"p", "m", intake::open, ""});
  CHECK(got["p"]->size() == 4);
}

TEST_CASE_FIXTURE(scheduler_desk,
                  "a provider half of whose exchanges fail gets half as much as another") {
  join("well");
  join("ill");
  ask("well", 200, 1);
  ask("ill", 200, 0.5);
  submit(work_at({"well", "ill"}), 300);
  CHECK(got["well"]->size() == 200);
  CHECK(got["ill"]->size() == 100);
}

TEST_CASE_FIXTURE(scheduler_desk,
                  "cost_first: the dearer one gets what the cheaper has no room for") {
  join("dear", 2);
  join("cheap", 1);
  ask("cheap", 2);
  ask("dear", 9);
  submit(work_at({"dear", "cheap"}, {}, route_policy::cost_first), 5);
  CHECK(got["cheap"]->size() == 2);
  CHECK(got["dear"]->size() == 3);
}

TEST_CASE_FIXTURE(scheduler_desk,
                  "cost_first: nothing goes to the dearer one before the cheaper was heard") {
  join("dear", 2);
  join("cheap", 1);
  ask("dear", 9);
  submit(work_at({"dear", "cheap"}, {}, route_policy::cost_first), 5);
  CHECK(got["dear"]->empty());
}

TEST_CASE_FIXTURE(scheduler_desk, "attempts travel with a task that is handed back") {
  join("p");
  join("q");
  submit(work_at({"p", "q"}), 1);
  ask("p", 1);
  attempt failed{.provider = "p"};
  tell({"p", "m", intake::failing, "its exchanges fail"});
  self->send(scheduler, return_atom_v, std::string{"p"},
             std::vector<returned_task>{{0, 0, {failed}}});
  ask("q", 1);
  REQUIRE(got["q"]->size() == 1);
  CHECK(got["q"]->front().earlier == std::vector<attempt>{failed});
  CHECK(got["q"]->front().elsewhere);
}

TEST_CASE_FIXTURE(scheduler_desk,
                  "when nobody ever can, the run stops with the reason and attempts are kept") {
  join("p");
  submit(work_at({"p"}), 2);
  ask("p", 1);
  tell({"p", "", intake::for_good, "auth: no such key"});
  self->send(scheduler, return_atom_v, std::string{"p"},
             std::vector<returned_task>{{0, 0, {attempt{.provider = "p"}}}});
  time.run();
  REQUIRE(got["p"]->size() == 2);
  CHECK(got["p"]->back().give_up);
  CHECK(progress().stopped_by == "provider p: auth: no such key");
  CHECK_FALSE(progress().finished);  // the given-up task is not recorded yet
  committed_task ended{.position = 0, .status = outcome_status::error, .provider = "p"};
  self->send(scheduler, commit_note{{ended}, {}});
  time.run();
  CHECK(progress().finished);
}

TEST_CASE_FIXTURE(scheduler_desk, "the deadline of a run stops it") {
  join("p");
  auto w = work_at({"p"});
  w->spending.deadline = 10s;
  submit(w, 5);
  CHECK(progress().stopped_by.empty());
  REQUIRE(time.next_timer());
  time.run();
  CHECK(progress().stopped_by == "budget reached: deadline in s = 10, spent 10");
  CHECK(progress().finished);
  ask("p", 3);
  CHECK(got["p"]->empty());
}

TEST_CASE_FIXTURE(scheduler_desk, "two runs share an account by their weights") {
  join("p");
  auto light = work_at({"p"});
  light->run = 1;
  auto heavy = work_at({"p"});
  heavy->run = 2;
  heavy->weight = 3;
  submit(light, 400);
  submit(heavy, 400);
  ask("p", 400);
  auto of_heavy = std::count_if(got["p"]->begin(), got["p"]->end(),
                                [](const handed_task& t) { return t.what.run == 2; });
  CHECK(of_heavy == 300);
}

TEST_CASE_FIXTURE(scheduler_desk,
                  "tasks with an equal request are asked themselves if the first one fails") {
  join("p");
  auto w = work_at({"p"});
  w->equals = [](std::uint32_t i) {
    return i == 0 ? std::vector<std::uint32_t>{7, 8} : std::vector<std::uint32_t>{};
  };
  submit(w, 1);
  CHECK(progress().planned == 3);
  ask("p", 9);
  CHECK(got["p"]->size() == 1);
  committed_task failed{.position = 0, .status = outcome_status::error, .provider = "p"};
  self->send(scheduler, commit_note{{failed}, {}});
  time.run();
  CHECK(got["p"]->size() == 3);
}

TEST_CASE_FIXTURE(scheduler_desk,
                  "follow-ups get their reserve at an account that a run of higher rank uses") {
  auto judged = std::make_shared<work>();
  judged->classes = {{"m", {"p"}}};
  judged->reserve = 0.25;
  submit(judged, 0);
  auto other = std::make_shared<work>();
  other->run = 1;
  other->priority = 1;
  other->classes = {{"m", {"p"}}};
  submit(other, 200);
  follow_up_with(200);
  join("p");
  ask("p", 100);
  CHECK(got["p"]->size() == 100);
  CHECK(follow_ups_at("p") >= 23);
  CHECK(follow_ups_at("p") <= 27);
}

TEST_CASE_FIXTURE(scheduler_desk, "a follow-up that will not be made is told to who asked for it") {
  auto w = std::make_shared<work>();
  w->classes = {{"m", {"p"}}};
  join("p");
  SUBCASE("the run ends before it was handed out") {
    submit(w, 1);
    follow_up_with(2);
    CHECK(returned->empty());
    self->send(scheduler, drain_atom_v, std::string{"interrupted"});
    time.run();
  }
  SUBCASE("it comes after the run has ended") {
    submit(w, 1);
    self->send(scheduler, drain_atom_v, std::string{"interrupted"});
    follow_up_with(2);
  }
  SUBCASE("nobody knows its run") { follow_up_with(2); }
  CHECK(returned->size() == 2);
}

TEST_CASE_FIXTURE(scheduler_desk,
                  "a run waits for the verdicts that are due, unless they are waived") {
  auto w = std::make_shared<work>();
  w->classes = {{"m", {"p"}}};
  w->verdicts_owed = 3;
  submit(w, 0);
  CHECK_FALSE(progress().finished);
  self->send(scheduler, commit_note{{}, {{0, 2}}});
  time.run();
  CHECK_FALSE(progress().finished);
  self->send(scheduler, waive_atom_v, std::int64_t{0}, std::uint64_t{1});
  time.run();
  CHECK(progress().finished);
}

TEST_CASE_FIXTURE(scheduler_desk,
                  "no more is asked while too many answers wait for their verdicts") {
  self->send_exit(scheduler, caf::exit_reason::user_shutdown);
  scheduler = self->spawn(actors::scheduler, actors::scheduler_config{.max_verdicts_due = 2});
  auto w = std::make_shared<work>();
  w->classes = {{"m", {"p"}}};
  w->judges = 1;
  join("p");
  submit(w, 6);
  ask("p", 3);
  auto commit = [&](std::uint32_t position) {
    self->send(scheduler, commit_note{{{.position = position, .provider = "p"}}, {}});
    time.run();
  };
  for (std::uint32_t i : {0u, 1u, 2u}) commit(i);
  ask("p", 3);
  CHECK(got["p"]->size() == 3);
  self->send(scheduler, commit_note{{}, {{0, 1}}});
  time.run();
  CHECK(got["p"]->size() == 6);
}
