#include "actors/node_desk.hpp"

#include <doctest/doctest.h>

#include "actors/parcels.hpp"
#include "tests/actors/idle_scheduler.hpp"
#include "tests/actors/node_fakes.hpp"
#include "tests/actors/virtual_system.hpp"

using namespace assay;
using namespace assay::actors;
using namespace assay::tests;
using namespace std::chrono_literals;

namespace {

exchange_result sound_result(const std::string& text = "yes") {
  exchange_result r;
  r.reply.text = text;
  r.tried.at.sent = instant(1s);
  r.tried.at.done = instant(2s);
  return r;
}

assignment some_assignment(std::uint64_t permit, const std::string& content = "hello") {
  assignment a{permit};
  a.run = 5;
  a.key = hash_parts({std::to_string(permit)});
  a.request.messages = {{role::user, content}};
  return a;
}

/// A coordinator's process with one desk at a time.
struct office {
  virtual_config config;
  caf::actor_system system{config};
  virtual_time time{system};
  std::shared_ptr<registered> register_ = std::make_shared<registered>();
  std::shared_ptr<heard> at_node;
  bool disconnected = false;
  node_settings rules;
  std::string secret = "secret";
  node_registry_actor registry = system.spawn(noting_registry, register_);
  desk_actor desk;
  node_actor node;
  std::vector<provider_actor> providers;

  ~office() {
    close();
    for (const auto& p : providers) caf::anon_send_exit(p, caf::exit_reason::kill);
    caf::anon_send_exit(registry, caf::exit_reason::kill);
    time.run();
  }
  void close() {
    if (desk) caf::anon_send_exit(desk, caf::exit_reason::kill);
    if (node) caf::anon_send_exit(node, caf::exit_reason::kill);
    desk = nullptr;
    node = nullptr;
    time.run();
  }
  void connect(const std::string& name) { connect(terms_of(name)); }
  void connect(const node_terms& terms, const std::string& from = {}) {
    close();
    at_node = std::make_shared<heard>();
    auto hang_up = [this] { disconnected = true; };
    desk = system.spawn(
        node_desk,
        node_desk_config{terms.name, registry, {{.provider = "p"}}, rules, secret, hang_up, from});
    node = system.spawn(noting_node, desk, terms, at_node);
    time.run();
  }
  std::shared_ptr<told> provide() {
    auto into = std::make_shared<told>();
    providers.push_back(system.spawn(noting_provider, into));
    offer();
    return into;
  }
  /// The node to the newest provider.
  void offer() {
    caf::anon_send(desk, join_atom_v, std::string{"p"}, node_offer{"n", 10},
                   place_user_actor{providers.back()});
    time.run();
  }
  void call(std::vector<assignment> batch) {
    caf::send_as(providers.back(), desk, std::string{"p"}, std::move(batch));
    time.run();
  }
  template <class T>
  void from_node(T message) {
    caf::send_as(node, desk, std::move(message));
    time.run();
  }
  late_result late(const node_call& c) const {
    return {c.what.run, c.what.key, c.ticket, c.provider, sound_result(), c.seal};
  }
};

}  // namespace

TEST_CASE("a late result is believed of the node that was given the call, also after a restart") {
  office o;
  o.connect("n1");
  o.provide();
  o.call({some_assignment(1)});
  auto given = o.at_node->calls.at(0).at(0);
  o.connect("n1");
  o.from_node(std::vector<late_result>{o.late(given)});
  REQUIRE(o.register_->late.size() == 1);
  CHECK(o.register_->late[0].key == some_assignment(1).key);
  CHECK(o.register_->late[0].result.tried.from.node == "n1");
  CHECK(o.register_->refused == 0);
}

TEST_CASE("a result of a call that the node was never given is refused and counted") {
  office o;
  o.connect("n1");
  o.provide();
  o.call({some_assignment(1)});
  auto given = o.at_node->calls.at(0).at(0);

  auto another_task = o.late(given), another_run = o.late(given), another_account = o.late(given);
  another_task.key = some_assignment(2).key;
  another_run.run = 6;
  another_account.provider = "q";
  auto no_seal = o.late(given);
  no_seal.seal = {};
  o.from_node(std::vector<late_result>{another_task, another_run, another_account, no_seal});
  CHECK(o.register_->late.empty());
  CHECK(o.register_->refused == 4);

  o.connect("n2");  // with what another node was given
  o.from_node(std::vector<late_result>{o.late(given)});
  CHECK(o.register_->late.empty());
  o.secret = "of another ledger";
  o.connect("n1");
  o.from_node(std::vector<late_result>{o.late(given)});
  CHECK(o.register_->late.empty());
  CHECK(o.register_->refused == 6);
}

TEST_CASE("a node frees no more places than it announced to hold") {
  office o;
  o.connect("n1");
  o.from_node(abilities{{"p"}, {}, {{.provider = "p"}}, true});
  auto provider = o.provide();
  CHECK(provider->offers.at(0).of_before == 1);
  late_result end;
  end.provider = "p";
  end.result = sound_result();
  o.from_node(std::vector<late_result>{end, end, end});
  CHECK(provider->ended.size() == 1);
}

TEST_CASE("calls under way are told of, if the node was given them, and no more than it can hold") {
  office o;
  o.connect("n1");
  o.provide();
  o.call({some_assignment(1), some_assignment(2)});
  auto given = o.at_node->calls.at(0);
  auto announced = [](const node_call& c) {
    return call_under_way{c.what.run, c.what.key, c.provider, c.seal};
  };
  auto forged = announced(given[1]);
  forged.run = 6;

  o.connect("n1");
  o.from_node(abilities{{"p"}, {}, {announced(given[0]), forged}, true});
  REQUIRE(o.register_->under_way.size() == 1);
  CHECK(o.register_->under_way[0].key == given[0].what.key);
  CHECK(o.register_->under_way[0].over == o.time.now() + timeouts{}.total);
  CHECK(o.register_->refused == 1);
  CHECK(o.provide()->offers.at(0).of_before == 1);

  std::vector<call_under_way> too_many(node_terms{}.max_parallel + 3, announced(given[0]));
  o.from_node(abilities{{"p"}, {}, too_many, true});
  CHECK(o.register_->refused == 4);
}

TEST_CASE("a scheduler that is new is told what its node was asked for before") {
  office o;
  o.connect("n1");
  o.provide();
  o.call({some_assignment(1), some_assignment(2), some_assignment(3)});
  auto given = o.at_node->calls.at(0);
  o.from_node(std::vector<node_result>{{given.at(0).ticket, sound_result()},
                                       {given.at(1).ticket, sound_result()}});
  caf::anon_send(o.desk, commit_atom_v, std::vector<task_key>{given.at(0).what.key});
  auto notes = std::make_shared<scheduler_notes>();
  auto scheduler = o.system.spawn(idle_scheduler, notes);
  caf::anon_send(o.desk, join_atom_v, std::int64_t{5}, scheduler);
  caf::anon_send(o.desk, join_atom_v, std::int64_t{6}, scheduler);
  o.time.run();
  std::vector<task_key> keys;
  for (const auto& c : notes->under_way) keys.push_back(c.key);
  std::sort(keys.begin(), keys.end());
  std::vector<task_key> expected{given.at(1).what.key, given.at(2).what.key};
  std::sort(expected.begin(), expected.end());
  CHECK(keys == expected);
  caf::anon_send_exit(scheduler, caf::exit_reason::kill);
}

TEST_CASE(
    "what a provider that is no more was told comes again, before the next one has the node") {
  office o;
  o.connect("n1");
  auto first = o.provide();
  o.call({some_assignment(1), some_assignment(2)});
  auto given = o.at_node->calls.at(0);
  o.from_node(std::vector<node_result>{{given.at(0).ticket, sound_result()}});
  CHECK(first->ended.size() == 1);

  auto second = o.provide();
  CHECK(o.at_node->again == std::vector<std::uint64_t>{given.at(0).ticket});
  REQUIRE(second->offers.size() == 1);  // it knows what is under way, and has no place yet
  CHECK(second->offers[0].of_before == 1);
  CHECK(second->offers[0].most == 0);
  o.from_node(std::vector<late_result>{o.late(given.at(0))});
  CHECK(o.register_->late.size() == 1);
  o.from_node(std::vector<node_result>{{given.at(1).ticket, sound_result()}});
  CHECK(o.register_->late.size() == 2);  // nobody waits for this one either
  CHECK(first->ended.size() == 1);
  CHECK(second->ended.size() == 1);  // that its place is free

  o.from_node(abilities{{"p"}, {}, {}, false});
  o.offer();
  CHECK(second->offers.at(1).most == 0);
  o.from_node(abilities{{"p"}, {}, {}, true});
  o.offer();
  CHECK(second->offers.at(2).most == 10);
  CHECK_FALSE(second->offers.at(2).of_before);
}

TEST_CASE("what is durable is not asked for again") {
  office o;
  o.connect("n1");
  o.provide();
  o.call({some_assignment(1)});
  o.from_node(std::vector<node_result>{{o.at_node->calls.at(0).at(0).ticket, sound_result()}});
  caf::anon_send(o.desk, commit_atom_v, std::vector<task_key>{some_assignment(1).key});
  o.time.run();
  auto second = o.provide();
  CHECK(o.at_node->again.empty());
  CHECK(second->offers.size() == 1);
}

TEST_CASE("calls go to a node in messages of bounded size, in their order") {
  office o;
  o.connect("n1");
  o.provide();
  std::vector<assignment> batch;
  for (std::uint64_t i = 1; i <= 10; ++i)
    batch.push_back(some_assignment(i, std::string(300'000, 'x')));
  o.call(std::move(batch));
  std::uint64_t permit = 0;
  for (const auto& message : o.at_node->calls) {
    CHECK(wire_size(message) <= (std::size_t{1} << 20) + frame_bytes);
    for (const auto& c : message) CHECK(c.what.permit == ++permit);
  }
  CHECK(permit == 10);
}

TEST_CASE("a request that no message can hold ends in an error, and the others go") {
  office o;
  o.rules.max_message_mb = 1;
  o.connect("n1");
  auto provider = o.provide();
  o.call({some_assignment(1), some_assignment(2, std::string(1'200'000, 'x')), some_assignment(3)});
  REQUIRE(provider->ended.size() == 1);
  CHECK(provider->ended[0].permit == 2);
  const auto& error = provider->ended[0].result.tried.error;
  CHECK(error.kind == error_class::bad_request);
  CHECK(error.message ==
        "the request takes 1.1 MB, more than a message between coordinator and node may (1 MB): "
        "raise max_message_mb in [nodes]");
  REQUIRE(o.at_node->calls.size() == 1);
  CHECK(o.at_node->calls[0].size() == 2);
}

TEST_CASE("a node whose clock cannot be is cut off") {
  office o;
  o.connect("n1");
  o.from_node(heartbeat{.number = 1, .clock_error = 1ms});
  CHECK_FALSE(o.disconnected);
  o.from_node(heartbeat{.number = 2, .clock_offset = std::chrono::nanoseconds::min()});
  CHECK(o.disconnected);
}

TEST_CASE("whatever comes from a node is a sign of life") {
  office o;
  o.connect("n1");
  for (int i = 0; i < 100; ++i) {  // 10 s without a heartbeat
    o.time.pass(100ms);
    o.from_node(std::vector<node_result>{{99, sound_result()}});
  }
  CHECK_FALSE(o.disconnected);
  o.time.pass(3100ms);
  o.time.run();
  CHECK(o.disconnected);
}

TEST_CASE("a connection that is cut is a farewell only of a node that holds nothing") {
  office o;
  auto cut = [&] {
    caf::anon_send(o.desk, leave_atom_v, std::string{"the connection was cut"});
    o.time.run();
  };
  o.connect("n1");
  cut();
  o.connect("n1");
  o.provide();
  o.call({some_assignment(1)});
  cut();
  CHECK(o.register_->left == std::vector<bool>{false, true});
}

TEST_CASE("a node leaves by the address that it connects from, unless it says which") {
  office o;
  o.connect(terms_of("n"), "10.0.0.7");
  for (const auto* said : {"", "gateway", "local"}) {  // the last one is the coordinator's
    abilities can;
    can.egress = said;
    o.from_node(can);
  }
  REQUIRE(o.register_->able.size() == 3);
  CHECK(o.register_->able[0].egress == "10.0.0.7");
  CHECK(o.register_->able[1].egress == "gateway");
  CHECK(o.register_->able[2].egress == "");
}

TEST_CASE("a node whose egress address is no name is sent away") {
  for (const auto& name : {std::string(65, 'x'), std::string("two words")}) {
    office o;
    o.connect("n");
    abilities can;
    can.egress = name;
    o.from_node(can);
    CHECK(o.register_->able.empty());
    CHECK(o.register_->left == std::vector<bool>{true});
  }
}

TEST_CASE("what a node did, and what is lost with it, is told with the address that it left by") {
  office o;
  o.connect(terms_of("n"), "10.0.0.7");
  o.from_node(abilities{});
  auto provider = o.provide();
  o.call({some_assignment(1), some_assignment(2)});
  o.from_node(std::vector<node_result>{{o.at_node->calls.at(0).at(0).ticket, sound_result()}});
  caf::anon_send(o.desk, leave_atom_v, std::string{"cut"});
  o.time.run();
  REQUIRE(provider->ended.size() == 2);
  for (const auto& e : provider->ended) {
    CHECK(e.result.tried.from.node == "n");
    CHECK(e.result.tried.from.egress == "10.0.0.7");
  }
}

TEST_CASE("who has not joined cannot put off the end of the handshake by speaking") {
  office o;
  o.connect("n1");
  o.close();
  o.disconnected = false;
  auto desk = o.system.spawn(
      node_desk,
      node_desk_config{"n1", o.registry, {}, o.rules, "secret", [&o] { o.disconnected = true; }});
  for (duration spent{}; spent < o.rules.handshake + 1s; spent += 500ms) {
    caf::anon_send(desk, heartbeat{});
    auto stranger = terms_of("another");
    caf::anon_send(desk, stranger);
    o.time.pass(500ms);
    o.time.run();
  }
  CHECK(o.disconnected);
  caf::anon_send_exit(desk, caf::exit_reason::kill);
  o.time.run();
}
