#include "actors/node_registry.hpp"

#include <doctest/doctest.h>

#include "tests/actors/registry_scene.hpp"

using namespace assay;
using namespace assay::actors;
using namespace assay::tests;
using namespace std::chrono_literals;

TEST_CASE("an account is offered the nodes that have all of its tags, whoever comes first") {
  registry_scene s;
  auto before = s.join("before", {"region=eu", "gpu"});
  s.provide({"gpu", "region=eu"});
  auto after = s.join("after", {"gpu", "large", "region=eu"});
  auto half = s.join("half", {"gpu"});
  auto similar = s.join("similar", {"gpu", "region=eu2"});
  CHECK(before->size() == 1);
  CHECK(after->size() == 1);
  CHECK(half->empty());
  CHECK(similar->empty());
}

TEST_CASE("a node that says it is an hour away does not make the others wait") {
  registry_scene s;
  s.provide();
  auto near = s.join("near");
  s.join("liar");
  heartbeat beat;
  beat.clock_error = 80ms;
  caf::anon_send(s.registry, std::string{"near"}, beat);
  s.time.run();
  CHECK(near->back().latency == 80ms);
  beat.clock_error = 1h;
  caf::anon_send(s.registry, std::string{"liar"}, beat);
  s.time.run();
  CHECK(near->back().latency == 1500ms);  // half of the time after which it counts as lost
  beat.clock_error = 10ms;
  caf::anon_send(s.registry, std::string{"liar"}, beat);
  s.time.run();
  s.provide();
  CHECK(near->back().latency == 1500ms);  // what is on its way is not overtaken
}

TEST_CASE("results that were not believed are counted") {
  registry_scene s;
  s.join("n");
  caf::anon_send(s.registry, refuse_atom_v, std::string{"n"}, std::uint64_t{3});
  caf::anon_send(s.registry, refuse_atom_v, std::string{"n"}, std::uint64_t{2});
  CHECK(s.status_of("n").refused == 5);
}

TEST_CASE("calls of before are told to the scheduler of their run, and so is the loss of a node") {
  registry_scene s;
  auto notes = std::make_shared<scheduler_notes>();
  auto scheduler = s.system.spawn(idle_scheduler, notes);
  s.others.push_back(caf::actor_cast<caf::actor>(scheduler));
  caf::anon_send(s.registry, join_atom_v, std::int64_t{5}, scheduler);
  s.join("n1");
  std::vector<call_under_way> calls(2);
  calls[0].run = 5;
  calls[1].run = 6;
  caf::anon_send(s.registry, std::string{"n1"}, calls);
  s.time.run();
  REQUIRE(notes->under_way.size() == 1);
  CHECK(notes->under_way[0].run == 5);
  CHECK(notes->gone.empty());
  caf::anon_send(s.registry, leave_atom_v, s.desks.at(0), true, calls);
  s.time.run();
  CHECK(notes->gone == std::vector<std::string>{"n1"});
}

TEST_CASE("an offer says by which address the node leaves, also of what was lost with it") {
  registry_scene s;
  auto heard = s.join("n1", {}, 1, "10.0.0.7");
  s.provide();
  REQUIRE(heard->size() == 1);
  CHECK(heard->back().egress == "10.0.0.7");
  std::vector<call_under_way> one(1);
  one[0].provider = "p";
  one[0].over = s.time.now() + 60s;
  caf::anon_send(s.registry, leave_atom_v, s.desks.at(0), true, one);
  s.time.run();
  CHECK(s.provide()->offers.at(0).egress == "10.0.0.7");
}

TEST_CASE("where a node comes with calls of before, nobody is offered for a heartbeat") {
  registry_scene s;
  s.provide();
  auto fresh = s.join("fresh");
  CHECK(fresh->back().most > 0);
  caf::anon_send(s.registry, std::string{"fresh"}, std::vector<call_under_way>(1));
  auto other = s.join("other");
  CHECK(other->back().most == 0);
  s.time.pass(node_settings{}.heartbeat);
  s.time.run();
  CHECK(other->back().most > 0);
  CHECK(fresh->back().most > 0);
  caf::anon_send(s.registry, std::string{"other"}, std::vector<call_under_way>(1));
  auto third = s.join("third");
  CHECK(third->back().most > 0);  // once
}

TEST_CASE("what a lost node was doing is told to providers that come, until it would be over") {
  registry_scene s;
  s.join("n1");
  std::vector<call_under_way> calls(3);
  for (auto& c : calls) c.provider = "p";
  calls[0].over = s.time.now() + 10s;
  calls[1].over = s.time.now() + 60s;
  calls[2].over = s.time.now() + 60s;
  calls[2].provider = "q";
  caf::anon_send(s.registry, leave_atom_v, s.desks.at(0), true, calls);
  s.time.run();
  CHECK(s.provide()->offers.at(0).of_before == 2);
  s.time.pass(30s);
  s.time.run();
  auto heard = s.provide();
  REQUIRE(heard->offers.size() == 1);
  CHECK(heard->offers[0].of_before == 1);
  CHECK(heard->offers[0].most == 0);
  CHECK_FALSE(heard->offers[0].came_back);

  SUBCASE("a process that comes back says itself what it has") {
    CHECK(s.join("n1")->back().came_back);
    CHECK(s.provide()->offers.empty());
  }
  SUBCASE("one that was started again knows nothing of it") {
    CHECK_FALSE(s.join("n1", {}, 2)->back().came_back);
    CHECK(s.provide()->offers.size() == 1);
  }
}

TEST_CASE(
    "after a coordinator that ended without a word nothing begins before its nodes can be here") {
  registry_scene s(4s);
  auto first = s.provide();
  auto early = s.join("early");
  CHECK(early->back().most == 0);
  CHECK(first->here.empty());  // not even in this process
  s.time.pass(3s);
  auto late = s.join("late");
  auto second = s.provide();
  CHECK(second->here.empty());
  s.time.pass(1s);
  s.time.run();
  for (const auto& p : {first, second}) CHECK(p->here == std::vector<std::string>{"early", "late"});
  CHECK(early->back().most > 0);
  CHECK(late->back().most > 0);
  CHECK(s.provide()->here.size() == 2);
}

TEST_CASE("a node that is lost a third time within ten minutes is kept away, each time longer") {
  registry_scene s;
  auto terms = terms_of("n");
  for (int loss = 1; loss <= 3; ++loss) {
    s.join("n");
    s.pass(20s);
    s.leave();
  }
  for (auto wait : {10s, 20s}) {
    s.spawn_desk();
    s.pass(wait - 1s);
    CHECK(s.refusal(terms).find("it may come back in 1 s") != std::string::npos);
    CHECK(s.status_of("n").state == "quarantined");
    s.pass(1s);
    CHECK(s.refusal(terms) == "");
    s.leave();
  }
}

TEST_CASE("losses are forgotten after ten minutes, and a farewell is none") {
  registry_scene s;
  for (int loss = 1; loss <= 2; ++loss) {
    s.join("n");
    s.leave();
  }
  s.join("n");
  s.leave(false);
  s.join("n");
  CHECK(s.status_of("n").losses == 2);
  s.pass(10min - 5s);
  s.leave();
  CHECK(s.status_of("n").losses == 3);
  s.spawn_desk();
  CHECK(s.refusal(terms_of("n")) != "");
  s.pass(5s);
  CHECK(s.refusal(terms_of("n")) == "");
  s.leave();
  CHECK(s.status_of("n").losses == 2);
}

TEST_CASE("a second node of the same name is refused as long as the first is connected") {
  registry_scene s;
  s.join("n");
  s.spawn_desk();
  CHECK(s.refusal(terms_of("n")).starts_with("a node of this name is connected"));
}

TEST_CASE("a provider that comes is told which nodes it may wait for") {
  registry_scene s;
  s.join("n");
  CHECK(s.provide()->here == std::vector<std::string>{"n"});
  CHECK(s.provide({"tag"})->here.empty());
  s.leave();
  s.spawn_desk();
  CHECK(s.refusal(terms_of("n")) == "");
  CHECK(s.provide()->here.empty());  // what it can do now it has not said yet
}

TEST_CASE("a node that can do something else now is taken away before it is offered again") {
  registry_scene s;
  auto heard = s.provide();
  s.join("n");
  auto before = heard->left.size();
  s.able("n");
  CHECK(heard->left.size() == before + 1);
}

TEST_CASE("a node that is not ready may be asked for nothing, and others wait for what it tells") {
  registry_scene s;
  s.provide();
  auto slow = s.join("slow");
  s.able("slow", false);
  CHECK(slow->back().most == 0);
  CHECK(s.join("other")->back().most == 0);
  s.pass(node_settings{}.heartbeat);
  s.provide();
  CHECK(slow->back().most == 0);
  s.able("slow");
  CHECK(slow->back().most > 0);
}

TEST_CASE("a node that drains gets nothing more, until it comes again") {
  registry_scene s;
  auto heard = s.provide();
  auto judge = s.judge("j");
  auto offered = s.spawn_desk();
  auto terms = terms_of("n");
  terms.programs = 1;
  CHECK(s.refusal(terms) == "");
  s.able("n");
  heard->left.clear();
  judge->clear();
  caf::anon_send(s.registry, drain_atom_v, std::string{"n"});
  s.time.run();
  CHECK(heard->left == std::vector<std::string>{"n"});
  CHECK(*judge == std::vector<std::string>{"n"});
  auto before = offered->size();
  s.provide();
  s.judge("late");
  CHECK(offered->size() == before);
  CHECK(s.notes.back()->judges == std::vector<std::string>{"j"});
  s.leave(false);
  CHECK(s.join("n")->size() == 2);
}

TEST_CASE("providers that have ended are offered nothing") {
  registry_scene s;
  s.provide();
  s.end_last();
  CHECK(s.join("n")->empty());
}

TEST_CASE("judges are introduced to the nodes that run programs and have said what they can") {
  registry_scene s;
  auto terms = terms_of("n");
  terms.programs = 2;
  s.judge("first");
  s.join("without programs");
  CHECK(s.notes.back()->judges.empty());
  using names = std::vector<std::string>;
  for (int connection = 1; connection <= 2; ++connection) {
    s.spawn_desk();
    CHECK(s.refusal(terms) == "");
    s.judge("second");
    CHECK(s.notes.back()->judges.empty());
    s.able("n");
    CHECK(s.notes.back()->judges == names{"first", "second"});
    s.end_last();
    s.judge("third");
    CHECK(s.notes.back()->judges.back() == "third");
    s.end_last();
    s.leave(false);
  }
}

TEST_CASE("late results wait for the scheduler of their run, and find the next when it has ended") {
  registry_scene s;
  s.join("n");
  auto bring = [&](std::int64_t run) {
    std::vector<late_result> some(1);
    some[0].run = run;
    caf::anon_send(s.registry, some);
    s.time.run();
  };
  bring(5);
  auto first = s.run(5);
  CHECK(first->late.size() == 1);
  CHECK(s.notes[0]->runs == std::vector<std::int64_t>{5});
  s.end_last();
  bring(5);
  CHECK(s.run(5)->late.size() == 1);
}

TEST_CASE("a node is told which of its answers are durable") {
  registry_scene s;
  s.join("n");
  record r;
  r.got.key = hash_parts({"1"});
  r.got.attempts.resize(1);
  auto tell = [&](const std::string& node) {
    r.got.attempts[0].from.node = node;
    caf::anon_send(s.registry, record_batch{std::make_shared<std::vector<record>>(1, r)});
    s.time.run();
  };
  tell("another");
  CHECK(s.notes[0]->durable.empty());
  tell("n");
  CHECK(s.notes[0]->durable == std::vector<task_key>{r.got.key});
}

TEST_CASE("what is left of a node that was lost twice is told together") {
  registry_scene s;
  for (std::uint64_t process : {1, 2}) {
    s.join("n", {}, process);
    std::vector<call_under_way> one(1);
    one[0].provider = "p";
    one[0].over = s.time.now() + 60s;
    s.leave(true, one);
  }
  CHECK(s.provide()->offers.at(0).of_before == 2);
}

TEST_CASE("an account gets its share of a node: its own limit there, or a part of the whole") {
  auto terms = terms_of("n");
  terms.max_parallel = 10;
  terms.max_parallel_at = {{"few", 3}, {"many", 99}};
  abilities can{{"few", "many", "a", "b"}, {}, {}, true};
  CHECK(share_of(terms, can, "few") == 3);
  CHECK(share_of(terms, can, "many") == 10);
  CHECK(share_of(terms, can, "a") == 2);
  terms.max_parallel = 2;
  CHECK(share_of(terms, can, "a") == 1);
}
