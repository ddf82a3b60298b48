#include <doctest/doctest.h>

#include <algorithm>

#include "tests/simulation/world.hpp"

using namespace assay;
using namespace assay::tests;
using namespace std::chrono_literals;

namespace {

using event = node_event::kind;

rate_limit each_second(double requests) {
  return {dimension::requests, requests, 1s, 1, limit_shape::bucket, "address.qps"};
}

/// An API that lets each address ask ten times a second and does not say so, and nodes of these
/// addresses.
scenario ten_a_second(const std::vector<std::string>& addresses) {
  scenario s;
  s.tasks = 600;
  simulated_account a;
  a.client.name = a.server.name = "a";
  a.client.limits.max_parallel = 100;
  a.client.limits.each_address.rates = {each_second(10)};
  a.client.limits_of_time = {5s, 5s, 5s, 10s};
  a.server.limits = a.client.limits;
  a.server.rate_headers = false;
  a.server.models = {mock_model{.name = "model", .first_token_ms = {300, 300}}};
  s.accounts = {a};
  s.only_nodes = true;
  for (const auto& address : addresses)
    s.nodes.push_back({.name = "n" + std::to_string(s.nodes.size() + 1), .egress = address});
  return s;
}

std::size_t refusals(const world_end& end) {
  const auto& all = end.arrivals.at("a");
  return static_cast<std::size_t>(
      std::count_if(all.begin(), all.end(), [](const auto& t) { return t.status == 429; }));
}

/// Arrivals from the address within [from, to) seconds.
std::size_t arrivals(const world_end& end, const std::string& address, double from, double to) {
  const auto& all = end.arrivals.at("a");
  return static_cast<std::size_t>(std::count_if(all.begin(), all.end(), [&](const auto& t) {
    return t.from == address && t.at_s >= from && t.at_s < to;
  }));
}

}  // namespace

TEST_CASE("three addresses with ten requests a second each make thirty, and no 429") {
  auto s = ten_a_second({"x", "y", "z"});
  auto end = run_world(s);
  CHECK(violations(s, end) == std::vector<std::string>{});
  CHECK(refusals(end) == 0);
  CHECK(end.makespan_s == doctest::Approx(20).epsilon(0.03));
}

TEST_CASE("nodes that leave by one address share what it may do, with this process too") {
  auto s = ten_a_second({"x", "x"});
  auto end = run_world(s);
  CHECK(violations(s, end) == std::vector<std::string>{});
  CHECK(refusals(end) == 0);
  CHECK(end.makespan_s == doctest::Approx(60).epsilon(0.03));

  s = ten_a_second({"", "x"});
  s.only_nodes = false;
  end = run_world(s);
  CHECK(violations(s, end) == std::vector<std::string>{});
  CHECK(refusals(end) == 0);
  CHECK(end.makespan_s == doctest::Approx(30).epsilon(0.03));
}

TEST_CASE("the account's own limits hold over all addresses") {
  auto s = ten_a_second({"x", "y", "z"});
  s.accounts[0].client.limits.rates = {each_second(24)};
  s.accounts[0].server.limits = s.accounts[0].client.limits;
  auto end = run_world(s);
  CHECK(violations(s, end) == std::vector<std::string>{});
  CHECK(refusals(end) == 0);
  CHECK(end.makespan_s == doctest::Approx(25).epsilon(0.03));
}

TEST_CASE("each address has its own places at the API") {
  auto s = ten_a_second({"x", "y"});
  auto& limits = s.accounts[0].client.limits;
  limits.each_address = {3, {}};
  s.accounts[0].server.limits = limits;
  auto end = run_world(s);
  CHECK(violations(s, end) == std::vector<std::string>{});
  CHECK(refusals(end) == 0);
  CHECK(end.makespan_s == doctest::Approx(600.0 / 6 * 0.3).epsilon(0.05));
}

TEST_CASE("an address without a node is no use, and what it has used counts when one comes back") {
  auto s = ten_a_second({"x", "y", "z"});
  auto per_window = each_second(30);
  per_window.window = 10s;
  per_window.shape = limit_shape::sliding_log;
  s.accounts[0].client.limits.each_address.rates = {per_window};
  s.accounts[0].server.limits = s.accounts[0].client.limits;
  s.nodes[2].events = {{2, event::crash}, {4, event::start}};
  auto end = run_world(s);
  CHECK(violations(s, end) == std::vector<std::string>{});
  CHECK(refusals(end) == 0);
  CHECK(arrivals(end, "z", 0, 2) == 30);
  CHECK(arrivals(end, "z", 2, 9.9) == 0);
  CHECK(arrivals(end, "z", 10, 20) == 30);
}

TEST_CASE("a tree that is built up again knows what each address was sent") {
  auto s = ten_a_second({"x", "y"});
  auto per_window = each_second(60);
  per_window.window = 10s;
  per_window.shape = limit_shape::sliding_log;
  s.accounts[0].client.limits.each_address.rates = {per_window};
  s.accounts[0].client.limits.max_parallel = 5;  // so many may have been forgotten
  s.accounts[0].server.limits = s.accounts[0].client.limits;
  s.fail_commit = 4;
  auto end = run_world(s);
  CHECK(violations(s, end) == std::vector<std::string>{});
  CHECK(refusals(end) == 0);
  for (const auto* address : {"x", "y"}) CHECK(arrivals(end, address, 0, 9.9) >= 55);
}

TEST_CASE("where headers and 429s speak of the address, none is held back by what another met") {
  auto s = ten_a_second({"x", "y"});
  auto& limits = s.accounts[0].client.limits;
  limits.each_address = {};
  limits.scope = limit_scope::address;
  s.accounts[0].server.limits.each_address.rates[0].burst = 10;

  SUBCASE("told by headers") {
    s.accounts[0].server.rate_headers = true;
    auto end = run_world(s);
    CHECK(violations(s, end) == std::vector<std::string>{});
    CHECK(refusals(end) == 0);
    CHECK(end.makespan_s == doctest::Approx(30).epsilon(0.1));
  }
  SUBCASE("told by nothing but 429s") {
    auto end = run_world(s);
    CHECK(end.finished);
    CHECK(end.store.outcomes.size() == 600);
    CHECK(refusals(end) < 60);
    CHECK(end.makespan_s < 30 * 1.25);
    std::map<std::string, int> learned;
    for (const auto& r : end.last.providers.at(0).limits.rates)
      if (r.source == knowledge::learned) {
        CHECK(r.rate == doctest::Approx(10).epsilon(0.15));
        ++learned[r.address];
      }
    CHECK(learned["x"] == 1);
    CHECK(learned["y"] == 1);
  }
}
