#include <doctest/doctest.h>

#include <algorithm>

#include "tests/simulation/world.hpp"

// `usd_per_day`: what an account spends is a limit like any other.
using namespace assay;
using namespace assay::tests;
using namespace std::chrono_literals;

namespace {

constexpr double day_s = 86'400;
constexpr double tokens = 20;  ///< of every answer; 50 are reserved

/// An account that may spend 500 dollars a day.
scenario spender(double usd_per_token, std::uint32_t tasks, int parallel) {
  scenario s;
  s.tasks = tasks;
  auto a = plain_account("a", parallel);
  a.client.limits.rates = {
      {dimension::money, 500, 24h, 1, limit_shape::sliding_log, "usd_per_day"}};
  a.server.models[0].output_tokens = {tokens, tokens};
  s.accounts = {a};
  s.prices.output = usd_per_token * 1'000'000;
  s.give_up_after_s = 5 * day_s;
  s.look_every = 1min;
  return s;
}

/// The most dollars in any 24 hours, by the server's log.
double most_in_a_day(const world_end& end, double usd_per_token) {
  const auto& log = end.arrivals.at("a");
  double most = 0;
  for (const auto& first : log) {
    auto within = std::count_if(log.begin(), log.end(), [&](const simulated::truth& t) {
      return t.at_s >= first.at_s && t.at_s < first.at_s + day_s;
    });
    most = std::max(most, static_cast<double>(within) * tokens * usd_per_token);
  }
  return most;
}

}  // namespace

TEST_CASE("an account never spends more than usd_per_day in 24 hours, and not much less") {
  for (auto day : {std::pair{1.0, 23}, {2.0, 11}, {5.0, 3}}) {
    const auto usd_per_token = day.first;
    const auto calls_a_day = day.second;
    CAPTURE(usd_per_token);
    auto s = spender(usd_per_token, static_cast<std::uint32_t>(3 * calls_a_day), 8);
    auto end = run_world(s);
    CHECK(violations(s, end) == std::vector<std::string>{});
    CHECK(most_in_a_day(end, usd_per_token) == calls_a_day * tokens * usd_per_token);
    CHECK(end.makespan_s > 2 * day_s);
    CHECK(end.makespan_s < 2 * day_s + 60);
  }
}

TEST_CASE("what an account spent before a restart still counts against the day") {
  auto s = spender(1, 40, 2);
  for (int commit : {3, 6, 9}) {
    CAPTURE(commit);
    s.fail_commit = commit;
    auto end = run_world(s);
    CHECK(violations(s, end) == std::vector<std::string>{});
    // What was in flight is in no ledger: at most max_parallel answers of 20 dollars.
    CHECK(most_in_a_day(end, 1) <= 500 + 2 * tokens);
    CHECK(end.makespan_s > day_s);
  }
}
