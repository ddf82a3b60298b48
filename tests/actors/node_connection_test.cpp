#include <doctest/doctest.h>

#include "actors/node_desk.hpp"
#include "actors/parcels.hpp"
#include "actors/workshop.hpp"
#include "providers/transport/http_engine.hpp"
#include "tests/actors/node_fakes.hpp"
#include "tests/actors/virtual_system.hpp"

using namespace assay;
using namespace assay::actors;
using namespace assay::tests;
using namespace std::chrono_literals;

namespace {

/// What the desk of a node called `peer` answers to these terms.
std::string refusal(const std::string& peer, const node_terms& terms, bool leads = true) {
  virtual_config config;
  caf::actor_system system{config};
  virtual_time time{system};
  std::string said = "no answer";
  {
    caf::scoped_actor self{system};
    auto registry = self->spawn(noting_registry, std::make_shared<registered>());
    auto is_sure = [leads] { return leads; };
    auto desk =
        self->spawn(node_desk, node_desk_config{peer, registry, {}, {}, {}, {}, {}, is_sure});
    auto asked = self->request(desk, caf::infinite, terms);
    time.run();
    asked.receive([&](const welcome& w) { said = w.refused; }, [](const caf::error&) {});
    self->send_exit(desk, caf::exit_reason::kill);
    self->send_exit(registry, caf::exit_reason::kill);
  }
  time.run();
  return said;
}

constexpr std::uint32_t small_messages = 2 << 20;

/// Answers at once with so many bytes, or never.
struct wire {
  int sent = 0;
  std::optional<std::size_t> answers_with{};
};

transport_actor::behavior_type short_transport(transport_actor::pointer self,
                                               std::shared_ptr<wire> w) {
  return {[self, w](const exchange_ptr& e) {
            ++w->sent;
            if (!w->answers_with) return;
            exchange_result r;
            r.tried.usage.output = 7;
            r.tried.at.sent = r.tried.at.done = self->clock().now();
            r.reply.text.assign(*w->answers_with, 'x');
            e->done(std::move(r));
          },
          [](cancel_atom, std::uint64_t) {}, [](stop_atom) {}, [](internal_atom, std::uint64_t) {}};
}

/// A node's process and its connections.
struct node_process {
  virtual_config config;
  caf::actor_system system{config};
  virtual_time time{system};
  std::shared_ptr<wire> line = std::make_shared<wire>();
  workshop_actor shop;
  node_desk_actor desk;

  explicit node_process(std::vector<late_result> kept = {}) {
    workshop_config node;
    node.terms.name = "n1";
    node.kept = std::move(kept);
    node.spawn_transport = [w = line](caf::local_actor& parent) {
      return parent.spawn(short_transport, w);
    };
    node.resolve = [](const account_offer& o) -> expected<account_access_ptr> {
      auto access = std::make_shared<account_access>();
      access->settings.base_url = "http://localhost/v1";
      access->settings.name = o.provider;
      access->dialect = dialects::find("openai");
      return access;
    };
    shop = system.spawn(workshop, std::move(node));
  }
  ~node_process() {
    end_connection();
    caf::anon_send_exit(shop, caf::exit_reason::kill);
    time.run();
  }
  void end_connection() {
    if (desk) caf::anon_send_exit(desk, caf::exit_reason::kill);
    desk = nullptr;
    time.run();
  }
  std::shared_ptr<seen> connect() {
    auto into = std::make_shared<seen>();
    into->answer = {"", 1'000ms, 3, small_messages};
    desk = system.spawn(noting_desk, into);
    caf::anon_send(shop, join_atom_v, desk);
    caf::anon_send(shop, std::vector<account_offer>{{.provider = "p"}});
    let_pass(20);
    return into;
  }
  void let_pass(int timers) {
    for (int i = 0; i < timers; ++i) {
      time.run();
      time.next_timer();
    }
    time.run();
  }
  void wait(duration d) {
    for (auto end = time.now() + d; time.now() < end && time.next_timer();) time.run();
  }
  bool is_connected() {
    bool connected = false;
    caf::scoped_actor self{system};
    auto asked = self->request(shop, caf::infinite, status_atom_v);
    time.run();
    asked.receive([&](const workshop_status& s) { connected = s.connected; },
                  [](const caf::error&) {});
    return connected;
  }
  void call(std::uint64_t ticket, duration age = {}) {
    node_call c{ticket, "p", {}, {}};
    c.what.admitted = time.now() - age;
    c.what.key = hash_parts({std::to_string(ticket)});
    c.what.request.model = "m";
    c.what.request.messages = {{role::user, "hello"}};
    c.seal.bytes.fill(static_cast<std::uint8_t>(ticket));
    caf::anon_send(shop, std::vector<node_call>{c});
  }
};

/// How many exchanges a node begins of one call whose permit is so old.
int sent_of_a_call(duration age, std::shared_ptr<seen>& into) {
  node_process p;
  into = p.connect();
  CHECK(into->can.accounts == std::vector<std::string>{"p"});
  p.call(7, age);
  p.let_pass(3);
  return p.line->sent;
}

/// Whether a node still takes itself for connected when its desk has said nothing for so long.
bool connected_after(duration silence) {
  node_process p;
  auto said = p.connect();
  p.wait(12s);
  said->silent = true;
  p.wait(silence);
  return p.is_connected();
}

}  // namespace

TEST_CASE("a node of the same protocol and the name in its certificate is let in") {
  CHECK(refusal("n1", terms_of("n1")) == "");
}

TEST_CASE("a coordinator that may have been overtaken lets nobody in, who could tell another") {
  CHECK(refusal("n1", terms_of("n1"), false) ==
        "this coordinator does not know whether it still leads");
}

TEST_CASE("a node of another protocol is refused with both numbers and what to do") {
  auto terms = terms_of("n1");
  terms.protocol = node_protocol + 1;
  terms.version = "9.9";
  CHECK(refusal("n1", terms) == "it speaks protocol " + std::to_string(node_protocol + 1) +
                                    " (assay 9.9), the coordinator " +
                                    std::to_string(node_protocol) +
                                    ": install the same assay on both");
}

TEST_CASE("a node cannot take another one's name") {
  CHECK(refusal("n1", terms_of("n2")).find("its certificate is of n1") != std::string::npos);
}

TEST_CASE("a call is sent as long as its node cannot count as lost, and later never") {
  std::shared_ptr<seen> said;
  CHECK(sent_of_a_call(2900ms, said) == 1);
  CHECK(sent_of_a_call(3100ms, said) == 0);
  REQUIRE(said->results.size() == 1);
  CHECK(said->results[0].ticket == 7);
  CHECK(said->results[0].result.tried.error.kind == error_class::node_lost);
}

TEST_CASE("a node is ready when it has told what it has found out") {
  late_result kept;
  kept.key = hash_parts({"1"});
  kept.result.reply.text.assign(700'000, 'x');
  node_process p({kept, kept, kept});
  auto said = p.connect();
  CHECK(said->late.size() == 3);
  CHECK(said->order == std::vector<std::string>{"not ready", "late", "late", "late", "ready"});
}

TEST_CASE(
    "results come to the next connection, with their seals, if this one did not confirm them") {
  node_process p;
  p.line->answers_with = 3;
  auto first = p.connect();
  p.call(7);
  p.call(8);
  p.let_pass(3);
  CHECK(first->results.size() == 2);
  caf::anon_send(p.shop, commit_atom_v, std::vector<std::uint64_t>{8});
  p.end_connection();
  auto second = p.connect();
  REQUIRE(second->late.size() == 1);
  CHECK(second->late[0].key == hash_parts({"7"}));
  CHECK(second->late[0].seal.bytes[0] == 7);
}

TEST_CASE("results whose reader is no more are told again when they are asked for") {
  node_process p;
  p.line->answers_with = 3;
  auto said = p.connect();
  p.call(7);
  p.call(8);
  p.let_pass(3);
  said->order.clear();
  caf::anon_send(p.shop, return_atom_v, std::vector<std::uint64_t>{7});
  p.let_pass(3);
  REQUIRE(said->late.size() == 1);
  CHECK(said->late[0].key == hash_parts({"7"}));
  CHECK(said->order == std::vector<std::string>{"not ready", "late", "ready"});
}

TEST_CASE("results go in messages of bounded size") {
  node_process p;
  p.line->answers_with = 400'000;
  auto said = p.connect();
  for (std::uint64_t i = 1; i <= 5; ++i) p.call(i);
  p.let_pass(3);
  CHECK(said->results.size() == 5);
  CHECK(said->largest <= (std::size_t{1} << 20) + frame_bytes);
}

TEST_CASE("an answer that no message can hold is told as an error, and what it cost") {
  node_process p;
  p.line->answers_with = small_messages;
  auto said = p.connect();
  p.call(7);
  p.let_pass(3);
  REQUIRE(said->results.size() == 1);
  const auto& r = said->results[0].result;
  CHECK(r.tried.error.kind == error_class::bad_request);
  CHECK(r.tried.error.message.find("the answer takes 2.0 MB") == 0);
  CHECK(r.tried.usage.output == 7);
  p.end_connection();
  auto later = p.connect();
  REQUIRE(later->late.size() == 1);
  CHECK(later->late[0].result.reply.text.empty());
  CHECK(later->largest <= small_messages);
}

TEST_CASE("a node gives up a coordinator that says nothing for more than three heartbeats") {
  CHECK(connected_after(3s));
  CHECK_FALSE(connected_after(5s));
}

TEST_CASE("a desk that was left goes with its registry") {
  virtual_system here;
  bool gone = false;
  auto registry = here.self->spawn(noting_registry, std::make_shared<registered>());
  auto desk = here.self->spawn(node_desk, node_desk_config{"n1", registry, {}, {}, {}});
  desk->attach_functor([&] { gone = true; });
  here.self->send(desk, leave_atom_v, std::string{"the connection is gone"});
  here.time.run();
  CHECK_FALSE(gone);
  here.self->send_exit(registry, caf::exit_reason::user_shutdown);
  here.time.run();
  CHECK(gone);
  here.self->send_exit(desk, caf::exit_reason::kill);
  here.time.run();
}
