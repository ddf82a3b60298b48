#include <doctest/doctest.h>

#include "tests/simulation/world.hpp"

using namespace assay;
using namespace assay::tests;
using namespace std::chrono_literals;

namespace {

rate_limit per_minute(double amount, double burst) {
  return {dimension::requests, amount, 60'000ms, burst, limit_shape::bucket, "rpm"};
}

std::size_t refused(const world_end& end) {
  std::size_t n = 0;
  for (const auto& [key, attempts] : end.store.attempts)
    for (const auto& tried : attempts) n += tried.error.kind == error_class::rate_limited;
  return n;
}

}  // namespace

TEST_CASE("headers that count in whole seconds do not slow a small burst down") {
  for (auto configured : {true, false}) {
    CAPTURE(configured);
    scenario s;
    s.tasks = 3000;
    auto a = plain_account("a", 16, 140);
    a.client.dialect = "anthropic";
    a.server.limits.rates = {per_minute(3'000, 16)};
    if (configured) a.client.limits.rates = a.server.limits.rates;
    s.accounts = {a};
    auto end = run_world(s);
    CHECK(violations(s, end) == std::vector<std::string>{});
    auto bound = (3000 - 16) / 50.0;
    CHECK(end.makespan_s <= 1.03 * bound);
    CHECK(refused(end) == 0);
  }
}

TEST_CASE("places that an API has and nobody told are found out where answers come quickly") {
  for (auto places : {10, 25}) {
    for (auto latency_ms : {40.0, 200.0}) {
      CAPTURE(places);
      CAPTURE(latency_ms);
      scenario s;
      s.tasks = 2'000;
      auto a = plain_account("a", places, latency_ms);
      a.client.limits.max_parallel = 2 * places;
      a.server.rate_headers = false;
      s.accounts = {a};
      auto end = run_world(s);
      auto bound = 2'000 * latency_ms / 1'000 / places;
      CHECK(refused(end) < 0.02 * s.tasks);
      CHECK(end.makespan_s < bound + 8);  // the API says how long to wait after each 429
    }
  }
}
