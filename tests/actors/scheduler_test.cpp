#include "actors/scheduler.hpp"
#include "tests/actors/virtual_system.hpp"

#include <doctest/doctest.h>

using namespace assay;
using namespace std::chrono_literals;

namespace {

using handed = std::vector<handed_task>;

/// Keeps what it is handed.
account_actor::behavior_type note_taker(account_actor::pointer, std::shared_ptr<handed> into) {
  return {[into](handed& tasks) {
            for (auto& t : tasks) into->push_back(std::move(t));
          },
          [](std::uint64_t, exchange_result&) {},
          [](std::uint64_t, const early_headers&) {},
          [](commit_atom, std::uint32_t) {},
          [](drain_atom) {},
          [](status_atom) { return provider_status{}; },
          [](internal_atom, std::uint64_t) {}};
}

struct desk : tests::virtual_system {
  scheduler_actor scheduler = self->spawn(actors::scheduler, actors::scheduler_config{});
  std::map<std::string, std::shared_ptr<handed>> got;

  ~desk() {
    self->send_exit(scheduler, caf::exit_reason::user_shutdown);
    self->send_exit(asker, caf::exit_reason::user_shutdown);
    for (auto& a : actors) self->send_exit(a, caf::exit_reason::user_shutdown);
    time.run();
  }

  void join(const std::string& name, double price_factor = 1) {
    auto& into = got[name] = std::make_shared<handed>();
    actors.push_back(self->spawn(note_taker, into));
    self->send(scheduler, join_atom_v, provider_terms{name, 1, price_factor},
               caf::actor_cast<taker_actor>(actors.back()));
    time.run();
  }
  void ask(const std::string& name, std::uint32_t wanted, double health = 1) {
    self->send(scheduler, credit{name, wanted, asked[name] += wanted, false, health});
    time.run();
  }
  void tell(const closure& c) {
    self->send(scheduler, c);
    time.run();
  }
  void submit(std::shared_ptr<work> w, std::uint32_t tasks) {
    for (std::uint32_t i = 0; i < tasks; ++i) w->positions.push_back(i);
    if (!w->class_of) w->class_of = [](std::uint32_t) { return 0; };
    w->make = [](std::uint32_t i) {
      task t;
      t.key = hash_parts({std::to_string(i)});
      return t;
    };
    self->send(scheduler, work_ptr{w});
    time.run();
  }
  run_progress progress() {
    run_progress now;
    auto asked = self->request(scheduler, caf::infinite, status_atom_v);
    time.run();
    asked.receive([&](run_progress& p) { now = std::move(p); }, [](const caf::error&) {});
    return now;
  }

  /// Follow-ups of run 0 that `p` may serve; what is returned goes into `returned`.
  void follow_up_with(int calls) {
    std::vector<follow_up> wanted;
    for (int i = 0; i < calls; ++i) {
      follow_up f{{}, {"grader", {"p"}, {}, route_policy::any_room, 1}};
      f.what.key = hash_parts({"follow-up", std::to_string(next_follow_up++)});
      f.what.parent = hash_parts({"0"});
      wanted.push_back(std::move(f));
    }
    self->send(scheduler, std::move(wanted), asker);
    time.run();
  }
  std::size_t follow_ups_at(const std::string& name) {
    return static_cast<std::size_t>(std::count_if(got[name]->begin(), got[name]->end(),
                                                  [](const auto& h) { return h.what.is_step(); }));
  }

  std::shared_ptr<std::vector<task_key>> returned = std::make_shared<std::vector<task_key>>();
  asker_actor asker = self->spawn(
      +[](asker_actor::pointer,
          std::shared_ptr<std::vector<task_key>> into) -> asker_actor::behavior_type {
        return {[into](return_atom, const std::vector<task_key>& keys) {
          into->insert(into->end(), keys.begin(), keys.end());
        }};
      },
      returned);
  int next_follow_up = 0;
  std::vector<account_actor> actors;
  std::map<std::string, std::uint64_t> asked;
};

std::shared_ptr<work> work_at(std::vector<std::string> providers,
                              std::vector<std::string> fallback = {},
                              route_policy route = route_policy::any_room) {
  auto w = std::make_shared<work>();
  w->classes.push_back({"m", std::move(providers), std::move(fallback), route, 1});
  return w;
}

}  // namespace

TEST_CASE_FIXTURE(desk, "a credit that overtakes the join is not lost") {
  ask("p", 2);
  join("p");
  submit(work_at({"p"}), 5);
  CHECK(got["p"]->size() == 2);
}

TEST_CASE_FIXTURE(desk, "tasks go to nobody who did not ask, and to no one more than asked for") {
  join("p");
  submit(work_at({"p"}), 5);
  CHECK(got["p"]->empty());
  ask("p", 3);
  CHECK(got["p"]->size() == 3);
  ask("p", 9);
  CHECK(got["p"]->size() == 5);
  CHECK(progress().pending == 0);
}

TEST_CASE_FIXTURE(desk, "credits add up") {
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

TEST_CASE_FIXTURE(desk, "a credit that got lost is made good by the next one, and counted") {
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

TEST_CASE_FIXTURE(desk, "a fallback gets tasks only while none of the providers can serve") {
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

TEST_CASE_FIXTURE(desk, "a model that a limit holds back goes to others, but to no fallback") {
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

TEST_CASE_FIXTURE(desk, "a provider half of whose exchanges fail gets half as much as another") {
  join("well");
  join("ill");
  ask("well", 200, 1);
  ask("ill", 200, 0.5);
  submit(work_at({"well", "ill"}), 300);
  CHECK(got["well"]->size() == 200);
  CHECK(got["ill"]->size() == 100);
}

TEST_CASE_FIXTURE(desk, "cost_first: the dearer one gets what the cheaper has no room for") {
  join("dear", 2);
  join("cheap", 1);
  ask("cheap", 2);
  ask("dear", 9);
  submit(work_at({"dear", "cheap"}, {}, route_policy::cost_first), 5);
  CHECK(got["cheap"]->size() == 2);
  CHECK(got["dear"]->size() == 3);
}

TEST_CASE_FIXTURE(desk, "cost_first: nothing goes to the dearer one before the cheaper was heard") {
  join("dear", 2);
  join("cheap", 1);
  ask("dear", 9);
  submit(work_at({"dear", "cheap"}, {}, route_policy::cost_first), 5);
  CHECK(got["dear"]->empty());
}

TEST_CASE_FIXTURE(desk, "attempts travel with a task that is handed back") {
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

TEST_CASE_FIXTURE(desk,
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

TEST_CASE_FIXTURE(desk, "the deadline of a run stops it") {
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

TEST_CASE_FIXTURE(desk, "two runs share an account by their weights") {
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

TEST_CASE_FIXTURE(desk, "tasks with an equal request are asked themselves if the first one fails") {
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

TEST_CASE_FIXTURE(desk,
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

TEST_CASE_FIXTURE(desk, "a follow-up that will not be made is told to who asked for it") {
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

TEST_CASE_FIXTURE(desk, "a run waits for the verdicts that are due, unless they are waived") {
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

TEST_CASE_FIXTURE(desk, "no more is asked while too many answers wait for their verdicts") {
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

TEST_CASE_FIXTURE(desk, "a model that has answered enough gets no more samples, others go on") {
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

TEST_CASE_FIXTURE(desk, "what comes back of a model with enough answers goes on only if tried") {
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

TEST_CASE_FIXTURE(desk, "tasks that one answer would have served are spared with it") {
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
