#include <doctest/doctest.h>

#include "actors/node_desk.hpp"
#include "actors/virtual_time.hpp"
#include "actors/workshop.hpp"
#include "providers/transport/http_engine.hpp"

using namespace assay;
using namespace assay::actors;
using namespace std::chrono_literals;

namespace {

struct virtual_config : caf::actor_system_config {
  virtual_config() {
    register_node_messages(*this);
    configure(*this, true, 1);
  }
};

node_registry_actor::behavior_type open_registry(node_registry_actor::pointer) {
  return {
      [](const node_terms&, const desk_actor&) { return welcome{}; },
      [](const std::string&, const abilities&) {},
      [](const std::string&, const heartbeat&) {},
      [](drain_atom, const std::string&) {},
      [](leave_atom, const desk_actor&, const std::string&, bool) {},
      [](const std::vector<late_result>&) {},
      [](join_atom, const std::string&, const std::vector<std::string>&, const provider_actor&) {},
      [](join_atom, std::int64_t, const scheduler_actor&) {},
      [](const record_batch&) {},
      [](stop_atom) {},
      [](status_atom) { return std::vector<node_status>{}; }};
}

/// What the desk of a node called `peer` answers to these terms.
std::string refusal(const std::string& peer, const node_terms& terms) {
  virtual_config config;
  caf::actor_system system{config};
  virtual_time time{system};
  std::string said = "no answer";
  {
    caf::scoped_actor self{system};
    auto registry = self->spawn(open_registry);
    auto desk = self->spawn(node_desk, node_desk_config{peer, registry, {}, {}, {}});
    auto asked = self->request(desk, caf::infinite, terms);
    time.run();
    asked.receive([&](const welcome& w) { said = w.refused; }, [](const caf::error&) {});
    self->send_exit(desk, caf::exit_reason::kill);
    self->send_exit(registry, caf::exit_reason::kill);
  }
  time.run();
  return said;
}

struct seen {
  std::vector<node_result> results;
  abilities can;
  bool silent = false;  ///< what is sent to the desk from now on is not answered
};

node_desk_actor::behavior_type noting_desk(node_desk_actor::pointer self,
                                           std::shared_ptr<seen> into) {
  return {[](const node_terms&) {
            return welcome{"", 1'000ms, 3};
          },
          [into](const abilities& a) { into->can = a; },
          [self, into](const heartbeat& h) {
            if (into->silent) return;
            auto node = caf::actor_cast<node_actor>(self->current_sender());
            self->send(node, heartbeat_echo{h.number, h.sent, self->clock().now()});
          },
          [](const std::vector<node_headers>&) {},
          [into](const std::vector<node_result>& r) {
            into->results.insert(into->results.end(), r.begin(), r.end());
          },
          [](const std::vector<late_result>&) {}};
}

transport_actor::behavior_type counting_transport(transport_actor::pointer,
                                                  std::shared_ptr<int> sent) {
  return {[sent](const exchange_ptr&) { ++*sent; }, [](cancel_atom, std::uint64_t) {},
          [](stop_atom) {}, [](internal_atom, std::uint64_t) {}};
}

workshop_config node_with(std::shared_ptr<int> sent) {
  workshop_config node;
  node.terms.name = "n1";
  node.spawn_transport = [sent](caf::local_actor& parent) {
    return parent.spawn(counting_transport, sent);
  };
  node.resolve = [](const account_offer& o) -> expected<account_access_ptr> {
    auto access = std::make_shared<account_access>();
    access->settings.base_url = "http://localhost/v1";
    access->settings.name = o.provider;
    access->dialect = dialects::find("openai");
    return access;
  };
  return node;
}

/// How many exchanges a node begins of one call whose permit is so old.
int sent_of_a_call(duration age, std::shared_ptr<seen> into) {
  virtual_config config;
  caf::actor_system system{config};
  virtual_time time{system};
  auto sent = std::make_shared<int>(0);
  {
    caf::scoped_actor self{system};
    auto desk = self->spawn(noting_desk, into);
    auto shop = self->spawn(workshop, node_with(sent));
    self->send(shop, join_atom_v, desk);
    self->send(shop, std::vector<account_offer>{{.provider = "p"}});
    for (int i = 0; i < 20; ++i) {
      time.run();
      time.next_timer();
    }
    CHECK(into->can.accounts == std::vector<std::string>{"p"});
    node_call call{7, "p", {}};
    call.what.admitted = time.now() - age;
    call.what.request.model = "m";
    call.what.request.messages = {{role::user, "hello"}};
    self->send(shop, std::vector<node_call>{call});
    for (int i = 0; i < 3; ++i) {
      time.run();
      time.next_timer();
    }
    time.run();
    self->send_exit(shop, caf::exit_reason::kill);
    self->send_exit(desk, caf::exit_reason::kill);
  }
  time.run();
  return *sent;
}

/// Whether a node still takes itself for connected when its desk has said nothing for so long.
bool connected_after(duration silence) {
  virtual_config config;
  caf::actor_system system{config};
  virtual_time time{system};
  bool connected = false;
  {
    caf::scoped_actor self{system};
    auto into = std::make_shared<seen>();
    auto desk = self->spawn(noting_desk, into);
    auto shop = self->spawn(workshop, node_with(std::make_shared<int>(0)));
    self->send(shop, join_atom_v, desk);
    auto wait = [&](duration d) {
      for (auto end = time.now() + d; time.now() < end && time.next_timer();) time.run();
    };
    time.run();
    wait(12s);
    into->silent = true;
    wait(silence);
    auto asked = self->request(shop, caf::infinite, status_atom_v);
    time.run();
    asked.receive([&](const workshop_status& s) { connected = s.connected; },
                  [](const caf::error&) {});
    self->send_exit(shop, caf::exit_reason::kill);
    self->send_exit(desk, caf::exit_reason::kill);
  }
  time.run();
  return connected;
}

}  // namespace

TEST_CASE("a node of the same protocol and the name in its certificate is let in") {
  node_terms terms;
  terms.name = "n1";
  CHECK(refusal("n1", terms) == "");
}

TEST_CASE("a node of another protocol is refused with both numbers and what to do") {
  node_terms terms;
  terms.name = "n1";
  terms.protocol = node_protocol + 1;
  terms.version = "9.9";
  CHECK(refusal("n1", terms) ==
        "it speaks protocol 2 (assay 9.9), the coordinator 1: install the same assay on both");
}

TEST_CASE("a node cannot take another one's name") {
  node_terms terms;
  terms.name = "n2";
  CHECK(refusal("n1", terms).find("its certificate is of n1") != std::string::npos);
}

TEST_CASE("a call is sent as long as its node cannot count as lost, and later never") {
  auto in_time = std::make_shared<seen>();
  CHECK(sent_of_a_call(2900ms, in_time) == 1);
  auto late = std::make_shared<seen>();
  CHECK(sent_of_a_call(3100ms, late) == 0);
  REQUIRE(late->results.size() == 1);
  CHECK(late->results[0].ticket == 7);
  CHECK(late->results[0].result.tried.error.kind == error_class::node_lost);
}

TEST_CASE("a node gives up a coordinator that says nothing for more than three heartbeats") {
  CHECK(connected_after(3s));
  CHECK_FALSE(connected_after(5s));
}
