#include "tests/caf_link/desks.hpp"

using namespace assay;
using namespace assay::tests;

TEST_SUITE("a desk through the tunnel") {
  TEST_CASE("a node asks its desk, and the desk asks its node") {
    membership members;
    coordinator c(members);
    node n(members, "node-a");
    auto desk = n.must_connect(c.where());

    caf::scoped_actor self{n.system};
    std::vector<greeting> got;
    self->request(desk, within(patience), greet_atom_v, greeting{"hello", 41})
        .receive([&](std::vector<greeting>& x) { got = x; },
                 [](caf::error& e) { FAIL(caf::to_string(e)); });
    REQUIRE(got.size() == 2);
    CHECK(got[1].number == 42);
    CHECK(c.seen.said.take() == "node-a: hello");

    auto asked = n.system.spawn([&](node_actor::pointer me) -> node_actor::behavior_type {
      me->send(desk, std::string{"ask me"});
      return {[](greet_atom, const greeting& x) { return greeting{x.text + "!", x.number}; }};
    });
    CHECK(c.seen.said.take() == "node-a: ask me");
    CHECK(c.seen.said.take() == "node-a answers: question!");
    caf::anon_send_exit(asked, caf::exit_reason::kill);
  }

  TEST_CASE("each node speaks to the desk of its own certificate") {
    membership members;
    coordinator c(members);
    node a(members, "node-a"), b(members, "node-b");
    auto of_a = a.must_connect(c.where());
    auto of_b = b.must_connect(c.where());
    caf::anon_send(of_b, greeting{"I am b", 0});
    CHECK(c.seen.said.take() == "node-b: I am b");
    caf::anon_send(of_a, greeting{"I am a", 0});
    CHECK(c.seen.said.take() == "node-a: I am a");
  }

  TEST_CASE("who monitors its desk hears when the coordinator is gone, and so does the link") {
    membership members;
    auto c = std::make_unique<coordinator>(members);
    node n(members, "node-a");
    auto desk = n.must_connect(c->where());
    caf::scoped_actor self{n.system};
    self->monitor(desk);
    c.reset();
    self->receive(
        [](caf::down_msg& x) { CHECK(x.reason == caf::exit_reason::remote_link_unreachable); },
        caf::after(patience) >> [] { FAIL("no down message"); });
    n.ended.take();
  }

  TEST_CASE("a node connects again after a loss, as the same process, and gets a new desk") {
    membership members;
    coordinator c(members);
    node n(members, "node-a");
    for (int round = 0; round < 5; ++round) {
      auto desk = n.must_connect(c.where());
      caf::scoped_actor self{n.system};
      self->monitor(desk);
      caf::anon_send(desk, greeting{"round " + std::to_string(round), 0});
      CHECK(c.seen.said.take() == "node-a: round " + std::to_string(round));
      caf::anon_send(caf::actor_cast<caf::actor>(desk), intrusion{"out"});  // ends the connection
      CHECK(c.seen.ended.take() ==
            "node-a: a message that is not in the interface: `@<>+assay::tests::intrusion`");
      self->receive([](caf::down_msg&) {}, caf::after(patience) >> [] { FAIL("no down message"); });
      n.ended.take();
    }
  }

  TEST_CASE("who is refused hears why, as far as the other side tells") {
    membership members, others;
    auto why = [](const expected<desk_actor>& made) {
      return made ? "connected" : made.error().what;
    };
    coordinator c(members, {.nodes = {"node-a"}});
    node b(members, "node-b");
    CHECK(why(b.connect(c.where())) == "TLS: sslv3 alert handshake failure");
    CHECK(c.seen.refused.take() == "the name in the peer's certificate is not on the list: node-b");
    node stranger(others, "node-a");
    CHECK(why(stranger.connect(c.where())).starts_with("the peer's certificate is refused"));
    node a(members, "node-a");
    a.must_connect(c.where());
    auto again = a.link->connect<desk_actor, node_actor>(c.where(), 10ms);
    CHECK(why(again) == "the connection before this one still stands");
  }

  TEST_CASE("two sides that do not speak the same interface do not connect") {
    membership members;
    coordinator c(members);
    node n(members, "node-a");
    using other_actor = typed_actor<caf::result<void>(std::int32_t)>;
    auto made = n.link->connect<other_actor, node_actor>(c.where(), patience);
    REQUIRE(!made);
    CHECK(made.error().what == "the coordinator speaks another version of this protocol");
    c.seen.ended.take();
    n.ended.take();
    n.must_connect(c.where());
  }

  TEST_CASE("a node that ends its desk by an exit message only ends its connection") {
    membership members;
    coordinator c(members);
    node a(members, "node-a"), b(members, "node-b");
    auto desk = a.must_connect(c.where());
    auto other = b.must_connect(c.where());
    caf::anon_send_exit(desk, caf::exit_reason::kill);
    CHECK(c.seen.ended.take() == "node-a: a message that is not in the interface: `@<>+@exit`");
    caf::anon_send(other, greeting{"still here", 0});
    CHECK(c.seen.said.take() == "node-b: still here");
  }

  TEST_CASE("a desk that ends is heard of by who monitors it, and the connection stays") {
    membership members;
    coordinator c(members);
    node n(members, "node-a");
    auto desk = n.must_connect(c.where());
    caf::scoped_actor self{n.system};
    self->monitor(desk);
    self->request(desk, within(patience), greet_atom_v, greeting{"hello", 1})
        .receive([](std::vector<greeting>&) {}, [](caf::error& e) { FAIL(caf::to_string(e)); });
    caf::anon_send_exit(c.seen.desks.take(), caf::exit_reason::kill);
    self->receive([](caf::down_msg& x) { CHECK(x.reason == caf::exit_reason::kill); },
                  caf::after(patience) >> [] { FAIL("no down message"); });
    CHECK(n.ended.empty());
  }
}
