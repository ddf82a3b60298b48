#include "actors/round_caller.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "actors/node_desk.hpp"
#include "actors/node_registry.hpp"
#include "actors/simulated_transport.hpp"
#include "actors/workshop.hpp"
#include "tests/actors/virtual_system.hpp"

using namespace assay;
using namespace assay::actors;
using namespace std::chrono_literals;

namespace {

constexpr auto provider_time = 300ms;
constexpr auto slowdown = 500ms;

/// One API, and places with ways of their own to it; a coordinator whose nodes are some of them.
struct scene : tests::virtual_system {
  std::shared_ptr<account_access> access = std::make_shared<account_access>();
  mock_settings api;
  std::shared_ptr<simulated::service> service;
  std::vector<int> statuses;  ///< of every arrival
  instant slow_from{};        ///< for five seconds
  node_registry_actor registry;
  std::map<std::string, std::pair<workshop_actor, desk_actor>> nodes;
  std::vector<transport_actor> transports;
  round_caller_actor caller;

  scene() {
    access->settings.name = "api";
    access->settings.base_url = "http://api/v1";
    access->settings.limits.max_parallel = 8;
    access->settings.limits_of_time = {5s, 5s, 5s, 10s};
    access->dialect = dialects::find("openai");
    access->prices["m"] = price_table{.input = 1, .output = 1'000};
    const double ms = std::chrono::duration<double, std::milli>(provider_time).count();
    api.name = "api";
    api.models = {mock_model{.name = "m", .first_token_ms = {ms, ms}, .output_tokens = {10, 10}}};
    registry = system.spawn(node_registry, node_settings{});
  }

  ~scene() {
    for (auto& [name, node] : nodes) lose(name);
    if (caller) caf::anon_send_exit(caller, caf::exit_reason::kill);
    for (auto& t : transports) caf::anon_send_exit(t, caf::exit_reason::kill);
    caf::anon_send_exit(registry, caf::exit_reason::kill);
    time.run();
    while (system.registry().running() > 1 && time.next_timer()) time.run();
  }

  simulated_transport_config wire(milliseconds way) {
    if (!service) service = std::make_shared<simulated::service>(api, std::vector<sample>{});
    simulated_transport_config config;
    config.services["api"] = service;
    config.log = [this](const std::string&, const simulated::truth& t) {
      statuses.push_back(t.status);
    };
    config.slower = [this, way](const std::string&, instant now, double) -> duration {
      auto is_slow = slow_from != instant{} && now >= slow_from && now < slow_from + 5s;
      return way + (is_slow ? slowdown : 0ms);
    };
    return config;
  }

  void join(const std::string& name, milliseconds way) {
    workshop_config config;
    config.terms.name = name;
    config.own_threads = false;
    config.spawn_transport = [this, way](caf::local_actor& parent) {
      return parent.spawn(simulated_transport, wire(way));
    };
    config.resolve = [this](const account_offer&) -> expected<account_access_ptr> {
      return account_access_ptr{access};
    };
    auto shop = system.spawn(workshop, std::move(config));
    auto desk = system.spawn(
        node_desk, node_desk_config{name, registry, {{.provider = "api"}}, {}, "secret", {}});
    nodes[name] = {shop, desk};
    caf::anon_send(shop, join_atom_v, node_desk_actor{desk});
    time.run();
  }
  void lose(const std::string& name) {
    auto& [shop, desk] = nodes.at(name);
    if (shop) caf::anon_send_exit(shop, caf::exit_reason::kill);
    shop = nullptr;
    time.run();
    if (desk) caf::anon_send_exit(desk, caf::exit_reason::kill);
    desk = nullptr;
    time.run();
  }

  /// `here`: this process is a place, too.
  void open(bool here = false) {
    round_caller_config config;
    config.access = access;
    config.nodes = registry;
    if (here) {
      transports.push_back(system.spawn(simulated_transport, wire(0ms)));
      config.transport = transports.back();
    }
    caller = system.spawn(round_caller, std::move(config));
    time.run();
  }

  static round_plan plan_of(std::uint32_t rounds, duration interval = 10s) {
    round_plan plan;
    plan.model = "m";
    chat_request request;
    request.model = "m";
    request.messages = {{role::user, "hello"}};
    request.max_tokens = 10;
    plan.prompts = {request};
    plan.rounds = rounds;
    plan.interval = interval;
    plan.patience = 30s;
    return plan;
  }
  void begin(round_plan plan) {
    caf::anon_send(caller, std::make_shared<const round_plan>(std::move(plan)));
    time.run();
  }
  rounds_status look() {
    rounds_status s;
    auto asked = self->request(caller, caf::infinite, status_atom_v);
    time.run();
    asked.receive([&](const rounds_status_ptr& now) { s = *now; }, [](const caf::error&) {});
    return s;
  }
  void pass(duration d) {
    for (auto end = time.now() + d; time.now() < end && time.next_timer();) time.run();
  }
  rounds_status finish() {
    for (auto end = time.now() + 2h; !look().finished && time.now() < end;) pass(1s);
    return look();
  }
  std::vector<round_request> results() {
    std::vector<round_request> all;
    auto asked = self->request(caller, caf::infinite, return_atom_v);
    time.run();
    asked.receive([&](const round_requests_ptr& r) { all = *r; }, [](const caf::error&) {});
    return all;
  }
  std::vector<std::string> places_of(const std::vector<round_request>& all, std::uint32_t round) {
    std::vector<std::string> places;
    for (const auto& r : all)
      if (r.round == round) places.push_back(r.place);
    std::sort(places.begin(), places.end());
    return places;
  }
};

using names = std::vector<std::string>;

duration to_first_token(const round_request& r) {
  return r.tried.at.first_content - r.tried.at.sent;
}

limit_settings three_at_once_six_a_minute() {
  return {.max_parallel = 8,
          .rates = {{dimension::requests, 6, 60s, 3, limit_shape::bucket, "rpm"}}};
}

}  // namespace

TEST_CASE("all places of a round ask at the same moment, and each has its own way") {
  scene s;
  s.join("n1", 0ms);
  s.join("n2", 20ms);
  s.join("n3", 80ms);
  s.open();
  CHECK(s.look().places == names{"n1", "n2", "n3"});
  s.slow_from = s.time.now() + 39s;  // the fifth round
  s.begin(s.plan_of(8));
  auto end = s.finish();
  CHECK(end.stopped_by == "");
  CHECK(end.ended == 24);
  CHECK(end.failed == 0);
  std::map<std::uint32_t, instant> moment;
  for (const auto& r : s.results()) {
    auto way = r.place == "n1" ? 0ms : r.place == "n2" ? 20ms : 80ms;
    CHECK(to_first_token(r) == provider_time + way + (r.round == 5 ? slowdown : 0ms));
    CHECK(r.tried.at.sent == r.tried.at.admitted);
    auto [first, is_first] = moment.try_emplace(r.round, r.tried.at.sent);
    CHECK(first->second == r.tried.at.sent);
  }
  REQUIRE(moment.size() == 8);
  for (std::uint32_t r = 2; r <= 8; ++r) CHECK(moment[r] - moment[r - 1] == 10s);
}

TEST_CASE("a round begins when all of its requests fit the limits, so that none is refused") {
  scene s;
  s.access->settings.limits = s.api.limits = three_at_once_six_a_minute();
  for (const auto* name : {"n1", "n2", "n3"}) s.join(name, 0ms);
  s.open();
  auto began = s.time.now();
  s.begin(s.plan_of(4, 1s));
  s.pass(5s);
  CHECK(s.look().begun == 1);
  CHECK(s.look().waiting_on == "rpm");
  auto end = s.finish();
  CHECK(end.failed == 0);
  CHECK(s.statuses == std::vector<int>(12, 200));
  CHECK(s.time.now() - began > 90s);
  CHECK(s.time.now() - began < 100s);

  scene told;  // by headers
  told.api.limits = s.api.limits;
  for (const auto* name : {"n1", "n2", "n3"}) told.join(name, 0ms);
  told.open();
  told.begin(told.plan_of(4, 1s));
  CHECK(told.finish().failed == 0);
}

TEST_CASE("this process waits for the nodes, and for nobody when it is alone") {
  scene s;
  s.open(true);
  auto began = s.time.now();
  s.begin(s.plan_of(3));
  s.finish();
  auto alone = s.results();
  CHECK(alone.at(0).tried.at.sent == began);
  CHECK(alone.size() == 3);

  scene both;
  both.join(place_here, 80ms);  // a name that no node can take
  both.join("n1", 0ms);
  both.open(true);
  both.begin(both.plan_of(3));
  both.finish();
  auto all = both.results();
  CHECK(all.size() == 6);
  for (const auto& r : all) {
    CHECK(r.tried.at.sent == r.tried.at.admitted);
    CHECK(to_first_token(r) == provider_time);
  }
}

TEST_CASE("what this account was sent before counts, too") {
  scene s;
  s.access->settings.limits = three_at_once_six_a_minute();
  s.join("n1", 0ms);
  round_caller_config config;
  config.access = s.access;
  config.nodes = s.registry;
  for (int i = 0; i < 3; ++i) config.memory.sent.push_back({s.time.now(), "m"});
  s.caller = s.system.spawn(round_caller, std::move(config));
  s.time.run();
  s.begin(s.plan_of(1));
  s.pass(2s);
  CHECK(s.look().begun == 0);
  CHECK(s.finish().ended == 1);
}

TEST_CASE("a limit that never lets a round go together ends it, with its name") {
  scene s;
  s.access->settings.limits = three_at_once_six_a_minute();
  for (const auto* name : {"n1", "n2", "n3", "n4"}) s.join(name, 0ms);
  s.open();
  s.begin(s.plan_of(4));
  CHECK(s.finish().stopped_by ==
        "the limit rpm of api never lets 4 requests go at the same moment");
  CHECK(s.statuses.empty());
}

TEST_CASE(
    "a node that is lost ends its request as lost; rounds go on without it until it is back") {
  scene s;
  s.join("n1", 0ms);
  s.join("n2", 0ms);
  s.open();
  s.begin(s.plan_of(6));
  s.pass(20s + 150ms);
  REQUIRE(s.look().begun == 3);
  s.lose("n2");
  s.pass(20s);
  s.join("n2", 0ms);
  CHECK(s.finish().failed == 1);
  auto all = s.results();
  for (std::uint32_t round : {1u, 2u, 3u, 6u}) CHECK(s.places_of(all, round) == names{"n1", "n2"});
  for (std::uint32_t round : {4u, 5u}) CHECK(s.places_of(all, round) == names{"n1"});
  for (const auto& r : all)
    CHECK((r.tried.error.kind == error_class::node_lost) == (r.round == 3 && r.place == "n2"));
}

TEST_CASE("what a lost node may still have under way keeps its place at the account") {
  scene s;
  s.access->settings.limits.max_parallel = 2;
  s.join("n1", 0ms);
  s.join("n2", 0ms);
  s.open();
  s.begin(s.plan_of(3, 1s));
  s.pass(100ms);
  s.lose("n2");
  s.join("n3", 0ms);
  s.pass(5s);
  CHECK(s.look().begun == 1);
  CHECK(s.look().waiting_on == "requests that lost nodes may still have under way");
  s.pass(7s);
  CHECK(s.look().begun > 1);
}

TEST_CASE("named places alone are asked") {
  scene s;
  for (const auto* name : {"n1", "n2", "n3"}) s.join(name, 0ms);
  s.open(true);
  auto plan = s.plan_of(2);
  plan.places = {place_here, "n2"};
  s.begin(plan);
  s.finish();
  auto all = s.results();
  CHECK(s.places_of(all, 1) == names{place_here, "n2"});
  CHECK(s.places_of(all, 2) == names{place_here, "n2"});
}

TEST_CASE("prompts are asked in turn") {
  scene s;
  s.open(true);
  auto plan = s.plan_of(3);
  plan.prompts.push_back(plan.prompts[0]);
  plan.prompts[1].messages[0].content = std::string(4'000, 'x');
  s.begin(plan);
  s.finish();
  auto all = s.results();
  REQUIRE(all.size() == 3);
  CHECK(*all[1].tried.usage.input > *all[0].tried.usage.input);
  CHECK(all[2].tried.usage.input == all[0].tried.usage.input);
}

TEST_CASE("rounds end before they could cost more than they may") {
  scene s;
  s.open(true);
  auto plan = s.plan_of(100);
  plan.most_cost = usd{0.0351};  // ten tokens at 1,000 USD a million, and a little for the input
  s.begin(plan);
  auto end = s.finish();
  CHECK(end.begun == 3);
  CHECK(end.cost.value > 0.03);
  CHECK(end.cost.value <= 0.0351);
  CHECK(end.stopped_by == "budget reached: the next round could cost more than is left");
}

TEST_CASE("an account that refuses every place for good ends it, one failure does not") {
  scene s;
  s.api.api_key = "made-up";
  s.open(true);
  s.begin(s.plan_of(5));
  auto end = s.finish();
  CHECK(end.begun == 1);
  CHECK(end.failed == 1);
  CHECK(end.stopped_by.starts_with("auth from every place: "));

  scene failing;
  failing.api.faults.http_500 = 1;
  failing.open(true);
  failing.begin(failing.plan_of(5));
  end = failing.finish();
  CHECK(end.failed == 5);
  CHECK(end.stopped_by == "");
  for (const auto& r : failing.results()) CHECK(r.tried.error.kind == error_class::server_error);
}

TEST_CASE("a drain lets the round under way end, a stop calls it off") {
  for (bool gently : {true, false}) {
    scene s;
    s.join("n1", 0ms);
    s.open(true);
    s.begin(s.plan_of(5));
    s.pass(10s);
    s.time.pass(100ms);
    s.time.run();
    if (gently)
      caf::anon_send(s.caller, drain_atom_v, std::string{"interrupted"});
    else
      caf::anon_send(s.caller, stop_atom_v);
    auto end = s.finish();
    CHECK(end.begun == 2);
    CHECK(end.ended == 4);
    CHECK(end.failed == (gently ? 0 : 2));
    CHECK(end.stopped_by == (gently ? "interrupted" : "stopped"));
  }
}

TEST_CASE("without a place nothing is asked; after some patience it ends") {
  scene s;
  s.open();
  s.begin(s.plan_of(5));
  s.pass(10s);
  CHECK_FALSE(s.look().finished);
  CHECK(s.look().waiting_on == "a place to ask from");
  CHECK(s.finish().stopped_by == "no place is left to ask from");
}
