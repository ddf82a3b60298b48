#include "actors/node_registry.hpp"

#include <doctest/doctest.h>

#include "tests/actors/idle_scheduler.hpp"
#include "tests/actors/node_fakes.hpp"
#include "tests/actors/virtual_system.hpp"

using namespace assay;
using namespace assay::actors;
using namespace std::chrono_literals;

namespace {

using offers = std::shared_ptr<std::vector<node_offer>>;

desk_actor::behavior_type noting_desk(desk_actor::pointer, offers into) {
  return {[](const node_terms&) { return welcome{}; },
          [](const abilities&) {},
          [](const heartbeat&) {},
          [](const std::vector<node_headers>&) {},
          [](const std::vector<node_result>&) {},
          [](const std::vector<late_result>&) {},
          [](const judge_ability&) {},
          [](const std::vector<ended_examination>&) {},
          [](const std::string&, const std::vector<assignment>&) {},
          [](cancel_atom, std::uint64_t) {},
          [into](join_atom, const std::string&, const node_offer& o, const place_user_actor&) {
            into->push_back(o);
          },
          [](join_atom, std::int64_t, const scheduler_actor&) {},
          [](const std::vector<examination>&) {},
          [](cancel_atom, const std::vector<std::uint64_t>&, bool) {},
          [](join_atom, const node_judge&, const judge_actor&) {},
          [](commit_atom, const std::vector<task_key>&) {},
          [](leave_atom, const std::string&) {},
          [](stop_atom) {},
          [](internal_atom) {}};
}

/// A registry with nodes whose desks note what they are offered for.
struct scene : tests::virtual_system {
  duration returning;
  node_registry_actor registry = system.spawn(node_registry, node_registry_config{{}, returning});
  std::vector<caf::actor> others;
  std::vector<desk_actor> desks;

  explicit scene(duration r = {}) : returning(r) {}
  ~scene() {
    for (const auto& o : others) caf::anon_send_exit(o, caf::exit_reason::kill);
    caf::anon_send_exit(registry, caf::exit_reason::kill);
    time.run();
  }

  offers join(const std::string& name, std::vector<std::string> tags = {},
              std::uint64_t process = 1, const std::string& egress = {}) {
    auto into = std::make_shared<std::vector<node_offer>>();
    auto desk = system.spawn(noting_desk, into);
    others.push_back(caf::actor_cast<caf::actor>(desk));
    desks.push_back(desk);
    auto terms = tests::terms_of(name);
    terms.tags = std::move(tags);
    terms.process = process;
    terms.egress = egress;
    auto asked = self->request(registry, caf::infinite, terms, desk);
    time.run();
    asked.receive([](const welcome& w) { CHECK(w.refused == ""); }, [](const caf::error&) {});
    caf::anon_send(registry, name, abilities{{"p"}, {}, {}, true});
    time.run();
    return into;
  }
  std::shared_ptr<tests::told> provide(std::vector<std::string> tags = {}) {
    auto heard = std::make_shared<tests::told>();
    auto p = system.spawn(tests::noting_provider, heard);
    others.push_back(caf::actor_cast<caf::actor>(p));
    caf::anon_send(registry, join_atom_v, std::string{"p"}, std::move(tags), place_user_actor{p});
    time.run();
    return heard;
  }
  node_status status_of(const std::string& name) {
    auto asked = self->request(registry, caf::infinite, status_atom_v);
    time.run();
    node_status found;
    asked.receive(
        [&](const std::vector<node_status>& all) {
          for (const auto& n : all)
            if (n.name == name) found = n;
        },
        [](const caf::error&) {});
    return found;
  }
};

}  // namespace

TEST_CASE("an account is offered the nodes that have all of its tags, whoever comes first") {
  scene s;
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
  scene s;
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
}

TEST_CASE("results that were not believed are counted") {
  scene s;
  s.join("n");
  caf::anon_send(s.registry, refuse_atom_v, std::string{"n"}, std::uint64_t{3});
  caf::anon_send(s.registry, refuse_atom_v, std::string{"n"}, std::uint64_t{2});
  CHECK(s.status_of("n").refused == 5);
}

TEST_CASE("calls of before are told to the scheduler of their run, and so is the loss of a node") {
  scene s;
  auto notes = std::make_shared<tests::scheduler_notes>();
  auto scheduler = s.system.spawn(tests::idle_scheduler, notes);
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
  scene s;
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
  scene s;
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
  scene s;
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
  scene s(4s);
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
  for (const auto& p : {first, second})
    CHECK(p->here == std::vector<std::vector<std::string>>{{"early", "late"}});
  CHECK(early->back().most > 0);
  CHECK(late->back().most > 0);
  CHECK(s.provide()->here.size() == 1);
}
