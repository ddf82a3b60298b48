#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "tests/simulation/world.hpp"

using namespace assay;
using namespace assay::tests;
using namespace std::chrono_literals;

namespace {

/// What a lost node had under way is over after ten seconds.
simulated_account account(const std::string& name, int places, double first_token_ms = 300) {
  auto a = plain_account(name, places, first_token_ms);
  a.client.limits_of_time = {5s, 5s, 5s, 10s};
  return a;
}

std::map<std::string, std::size_t> calls_by_node(const world_end& end) {
  std::map<std::string, std::size_t> n;
  for (const auto& [key, attempts] : end.store.attempts)
    for (const auto& tried : attempts) ++n[tried.from.node];
  return n;
}

std::size_t arrivals_of(const world_end& end) {
  std::size_t n = 0;
  for (const auto& [name, list] : end.arrivals) n += list.size();
  return n;
}

using event = node_event::kind;

}  // namespace

TEST_CASE("a coordinator that calls nobody itself has its nodes call, each its share") {
  scenario s;
  s.tasks = 300;
  s.accounts = {account("a", 30)};
  s.only_nodes = true;
  s.nodes = {{.name = "one"}, {.name = "two"}, {.name = "three"}};
  auto end = run_world(s);
  CHECK(violations(s, end) == std::vector<std::string>{});
  CHECK(arrivals_of(end) == 300);
  auto calls = calls_by_node(end);
  CHECK(calls.count("") == 0);
  for (const auto* node : {"one", "two", "three"})
    CHECK(calls[node] == doctest::Approx(100).epsilon(0.1));
}

TEST_CASE("a node gets no more at the same time than it said it can take") {
  scenario s;
  s.tasks = 100;
  s.accounts = {account("a", 50, 1'000)};
  s.only_nodes = true;
  s.nodes = {{.name = "small", .max_parallel = 5}};
  auto end = run_world(s);
  CHECK(violations(s, end) == std::vector<std::string>{});
  CHECK(end.makespan_s >= 20.0);
  CHECK(end.makespan_s < 22.0);
}

TEST_CASE("what a node reports is told by the coordinator's clock") {
  scenario s;
  s.tasks = 20;
  s.accounts = {account("a", 5)};
  s.only_nodes = true;
  s.nodes = {{.name = "far", .latency = 100ms}};
  auto end = run_world(s);
  CHECK(violations(s, end) == std::vector<std::string>{});
  for (const auto& [key, attempts] : end.store.attempts) {
    const auto& at = attempts.back().at;
    CHECK(at.admitted + 100ms <= at.sent);  // the way to the node
    CHECK(at.done > at.sent);
  }
}

TEST_CASE("a node that dies is noticed within three heartbeats, and its work is done by others") {
  scenario s;
  s.tasks = 200;
  s.accounts = {account("a", 20)};
  s.only_nodes = true;
  s.nodes = {{.name = "dies", .events = {{1.0, event::cut}}}, {.name = "lives"}};
  auto end = run_world(s);
  CHECK(violations(s, end) == std::vector<std::string>{});
  CHECK(end.store.outcomes.size() == 200);
  std::size_t lost = 0;
  for (const auto& [key, attempts] : end.store.attempts)
    for (const auto& tried : attempts)
      if (tried.error.kind == error_class::node_lost) {
        ++lost;
        CHECK(tried.from.node == "dies");
        CHECK(tried.at.done - tried.at.admitted <= 4s);
      }
  CHECK(lost > 0);
  CHECK(lost <= 16);
}

TEST_CASE("what a lost node may still have in flight keeps its places until its time-out") {
  scenario s;
  s.tasks = 60;
  s.accounts = {account("a", 4, 2'000)};
  s.only_nodes = true;
  s.nodes = {{.name = "cut", .events = {{1.0, event::cut}}}, {.name = "lives"}};
  auto end = run_world(s);
  CHECK(violations(s, end) == std::vector<std::string>{});  // among them: in flight at the server
}

TEST_CASE("a node that comes back brings what it had found out, and nothing is asked twice") {
  scenario s;
  s.tasks = 40;
  s.accounts = {account("a", 10, 4'000)};
  s.only_nodes = true;
  s.nodes = {{.name = "away", .events = {{4.5, event::cut}, {9.0, event::mend}}}};
  auto end = run_world(s);
  CHECK(violations(s, end) == std::vector<std::string>{});
  CHECK(end.store.outcomes.size() == 40);
  CHECK(arrivals_of(end) == 40);
}

TEST_CASE("a coordinator that starts again takes what its nodes found out meanwhile") {
  scenario s;
  s.tasks = 60;
  s.accounts = {account("a", 10)};
  s.only_nodes = true;
  s.nodes = {{.name = "one"}, {.name = "two"}};
  s.fail_commit = 3;
  auto end = run_world(s);
  CHECK(violations(s, end) == std::vector<std::string>{});
  CHECK(end.store.outcomes.size() == 60);
}

TEST_CASE("a node without the keys of an account gets none of its calls") {
  scenario s;
  s.tasks = 50;
  s.accounts = {account("a", 10)};
  s.only_nodes = true;
  s.nodes = {{.name = "able"}, {.name = "lame", .lame = true}};
  auto end = run_world(s);
  CHECK(violations(s, end) == std::vector<std::string>{});
  CHECK(calls_by_node(end)["lame"] == 0);
}

TEST_CASE("a node that is lost time and again is kept away for a while") {
  scenario s;
  s.tasks = 400;
  s.accounts = {account("a", 8, 1'000)};
  s.only_nodes = true;
  simulated_node flaps{.name = "flaps"};
  for (double t = 2; t < 40; t += 6) {
    flaps.events.push_back({t, event::crash});
    flaps.events.push_back({t + 1, event::start});
  }
  s.nodes = {flaps, {.name = "steady"}};
  auto end = run_world(s);
  CHECK(violations(s, end) == std::vector<std::string>{});
  auto found = std::find_if(end.nodes.begin(), end.nodes.end(),
                            [](const node_status& n) { return n.name == "flaps"; });
  REQUIRE(found != end.nodes.end());
  CHECK(found->losses == 4);  // of seven: it was kept away from 14 s to 24 s, and from 32 s on
}

TEST_CASE("an account that wants tags is called by nodes that have them all, and by nobody else") {
  scenario s;
  s.tasks = 60;
  s.accounts = {account("a", 10)};
  s.accounts[0].client.node_tags = {"region=eu", "gpu"};
  s.nodes = {{.name = "eu", .tags = {"gpu", "large", "region=eu"}},
             {.name = "half", .tags = {"region=eu"}},
             {.name = "us", .tags = {"region=us", "gpu"}}};
  auto end = run_world(s);
  CHECK(violations(s, end) == std::vector<std::string>{});
  auto calls = calls_by_node(end);
  CHECK(calls["eu"] == 60);
  CHECK(calls.size() == 1);  // not even the coordinator's own process
}

TEST_CASE("an account that no node can call says what it waits for") {
  scenario s;
  s.tasks = 5;
  s.accounts = {account("a", 10)};
  s.accounts[0].client.node_tags = {"region=eu", "gpu"};
  s.nodes = {{.name = "us", .tags = {"region=us", "gpu"}}};
  s.give_up_after_s = 60;
  auto end = run_world(s);
  CHECK_FALSE(end.finished);
  REQUIRE(end.last.providers.size() == 1);
  CHECK(end.last.providers[0].waiting_on == "a node that can call it, with the tags region=eu,gpu");
}

TEST_CASE("what nodes had reported when the tree starts again is not asked once more") {
  scenario s;
  s.tasks = 11;
  s.accounts = {account("a", 10)};
  s.only_nodes = true;
  s.nodes = {{.name = "one"}, {.name = "two"}};
  for (int commit : {3, 5, 7}) {  // of an answer; those between are of verdicts
    s.fail_commit = commit;
    auto end = run_world(s);
    CHECK(violations(s, end) == std::vector<std::string>{});
    CHECK(end.store.outcomes.size() == 11);
    CHECK(arrivals_of(end) <= 12);  // one that was under way gets a place before its end is known
  }
}
