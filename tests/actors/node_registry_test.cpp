#include "actors/node_registry.hpp"

#include <doctest/doctest.h>

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
          [](const std::string&, const std::vector<assignment>&) {},
          [](cancel_atom, std::uint64_t) {},
          [into](join_atom, const std::string&, const node_offer& o, const provider_actor&) {
            into->push_back(o);
          },
          [](commit_atom, const std::vector<task_key>&) {},
          [](leave_atom, const std::string&) {},
          [](stop_atom) {},
          [](internal_atom) {}};
}

/// A registry with nodes whose desks note what they are offered for.
struct scene : tests::virtual_system {
  node_registry_actor registry = system.spawn(node_registry, node_settings{});
  std::vector<caf::actor> others;

  ~scene() {
    for (const auto& o : others) caf::anon_send_exit(o, caf::exit_reason::kill);
    caf::anon_send_exit(registry, caf::exit_reason::kill);
    time.run();
  }

  offers join(const std::string& name, std::vector<std::string> tags = {}) {
    auto into = std::make_shared<std::vector<node_offer>>();
    auto desk = system.spawn(noting_desk, into);
    others.push_back(caf::actor_cast<caf::actor>(desk));
    node_terms terms;
    terms.name = name;
    terms.tags = std::move(tags);
    auto asked = self->request(registry, caf::infinite, terms, desk);
    time.run();
    asked.receive([](const welcome& w) { CHECK(w.refused == ""); }, [](const caf::error&) {});
    caf::anon_send(registry, name, abilities{{"p"}, {}, {}, true});
    time.run();
    return into;
  }
  void provide(std::vector<std::string> tags = {}) {
    auto p = system.spawn(tests::noting_provider, std::make_shared<tests::told>());
    others.push_back(caf::actor_cast<caf::actor>(p));
    caf::anon_send(registry, join_atom_v, std::string{"p"}, std::move(tags), p);
    time.run();
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
