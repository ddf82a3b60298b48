#include <doctest/doctest.h>

#include "tests/simulation/world.hpp"

// Who gets the work that several providers could do.
using namespace assay;
using namespace assay::tests;
using namespace std::chrono_literals;

namespace {

simulated_account account(const std::string& name, double answer_ms, double price_factor = 1) {
  auto a = plain_account(name, 10, answer_ms);
  a.client.price_factor = price_factor;
  return a;
}

/// 300 tasks, five at a time, so that both accounts always have room.
scenario with_room(route_policy route) {
  scenario s;
  s.tasks = 300;
  s.concurrency = 5;
  s.accounts = {account("dear", 300), account("cheap", 900, 0.5)};
  s.prices.output = 1'000'000;
  s.route = route;
  return s;
}

double part_of(const world_end& end, const std::string& name) {
  auto found = end.arrivals.find(name);
  auto own = found == end.arrivals.end() ? 0 : found->second.size();
  return static_cast<double>(own) / static_cast<double>(end.store.outcomes.size());
}

double cost_of(const world_end& end) {
  double sum = 0;
  for (const auto& [key, got] : end.store.outcomes) sum += got.cost.value;
  return sum;
}

}  // namespace

TEST_CASE("latency_first sends the work to the faster provider while that has room") {
  auto anybody = run_world(with_room(route_policy::any_room));
  CHECK(part_of(anybody, "dear") < 0.8);
  auto end = run_world(with_room(route_policy::latency_first));
  CHECK(part_of(end, "dear") > 0.95);
  CHECK(end.makespan_s < 0.8 * anybody.makespan_s);
}

TEST_CASE("cost_first sends the work to the cheaper provider while that has room") {
  auto anybody = run_world(with_room(route_policy::any_room));
  auto end = run_world(with_room(route_policy::cost_first));
  CHECK(part_of(end, "cheap") > 0.95);
  CHECK(cost_of(end) < 0.8 * cost_of(anybody));
}

TEST_CASE("whoever is preferred but full leaves the rest to the other one") {
  for (auto route : {route_policy::latency_first, route_policy::cost_first}) {
    auto s = with_room(route);
    s.concurrency.reset();  // both are full now
    auto end = run_world(s);
    CHECK(part_of(end, "dear") > 0.6);  // it is three times as fast
    CHECK(part_of(end, "cheap") > 0.15);
    CHECK(end.makespan_s < 300 * 0.3 / 10 * 0.9);  // less than the faster one alone takes
  }
}

TEST_CASE("of two providers for one model the one that slows down in mid-run gets less") {
  scenario s;
  s.tasks = 1'000;
  s.accounts = {account("steady", 500), account("slowing", 500)};
  s.slower_s = [](const std::string& name, double at_s, double) {
    return name == "slowing" && at_s >= 10 ? 4.5 : 0;
  };
  auto end = run_world(s);
  CHECK(violations(s, end) == std::vector<std::string>{});
  std::map<std::string, int> before, after;
  for (const auto& [name, arrived] : end.arrivals)
    for (const auto& t : arrived) ++(t.at_s < 10 ? before : after)[name];
  CHECK(before["slowing"] == doctest::Approx(before["steady"]).epsilon(0.1));
  CHECK(after["slowing"] * 5 < after["steady"]);
  // Handed out half and half beforehand, its 300 left would have taken 150 s more.
  CHECK(end.makespan_s < 50);
}
