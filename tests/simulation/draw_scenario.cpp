#include <algorithm>
#include <array>
#include <cmath>
#include <random>

#include "tests/simulation/world.hpp"

namespace assay::tests {

using namespace std::chrono_literals;

namespace {

/// An API that limits each address too; some nodes leave by the same one.
void draw_addresses(scenario& s, std::mt19937_64& random) {
  auto chance = [&](double p) { return std::uniform_real_distribution<>(0, 1)(random) < p; };
  auto between = [&](double a, double b) { return std::uniform_real_distribution<>(a, b)(random); };
  auto& limits = s.accounts[0].client.limits;
  if (chance(0.5)) limits.each_address.max_parallel = static_cast<int>(between(1, 6));
  rate_limit limit{.amount = std::floor(between(1, 20)),
                   .window = milliseconds{chance(0.5) ? 1'000 : 10'000},
                   .shape = static_cast<limit_shape>(random() % 3),
                   .key = "address.limit"};
  limit.burst = std::max(1.0, std::floor(between(1, limit.amount)));
  limits.each_address.rates = {limit};
  s.accounts[0].server.limits = limits;
  for (auto& n : s.nodes) n.egress = std::array{"", "a", "b", "c"}.at(random() % 4);
}

/// Nodes that die, freeze out of the network and come back. One stays, or the coordinator calls.
void draw_nodes(scenario& s, std::mt19937_64& random) {
  auto chance = [&](double p) { return std::uniform_real_distribution<>(0, 1)(random) < p; };
  auto between = [&](double a, double b) { return std::uniform_real_distribution<>(a, b)(random); };
  s.only_nodes = chance(0.7);
  if (s.only_nodes && chance(0.3)) s.accounts[0].client.node_tags = {"here"};
  auto count = 1 + random() % 4;
  for (std::uint64_t i = 0; i < count; ++i) {
    simulated_node n;
    n.name = "n" + std::to_string(i);
    n.max_parallel = static_cast<std::uint32_t>(between(1, 20));
    if (chance(0.5)) n.latency = from_seconds(between(0, 0.1));
    n.lame = i > 0 && chance(0.1);
    if (i == 0 || chance(0.5)) n.tags = {"here"};
    auto stays = s.only_nodes && i == 0;
    for (double t = between(0, 5); !stays && n.events.size() < 6 && chance(0.6);
         t += between(0, 9)) {
      auto crash = chance(0.5);
      n.events.push_back({t, crash ? node_event::kind::crash : node_event::kind::cut});
      t += between(0, 9);
      n.events.push_back({t, crash ? node_event::kind::start : node_event::kind::mend});
    }
    s.nodes.push_back(std::move(n));
  }
  if (chance(0.3)) draw_addresses(s, random);
}

/// A judge whose verdicts take time, here and at nodes; one place at least stays.
void draw_programs(scenario& s, std::mt19937_64& random) {
  auto between = [&](double a, double b) { return std::uniform_real_distribution<>(a, b)(random); };
  s.program_s = between(0.01, 3);
  s.programs_here = static_cast<std::uint32_t>(random() % 3);
  for (auto& n : s.nodes) {
    n.programs = static_cast<std::uint32_t>(random() % 5);
    n.slowness = between(0.2, 5);
  }
  auto stays = std::find_if(s.nodes.begin(), s.nodes.end(), [](const simulated_node& n) {
    return n.events.empty() && n.programs > 0;
  });
  if (stays == s.nodes.end()) s.programs_here += s.programs_here == 0;
}

}  // namespace

scenario draw_scenario(std::uint64_t seed) {
  std::mt19937_64 random{seed * 0x9E3779B97F4A7C15ull + 1};
  auto chance = [&](double p) { return std::uniform_real_distribution<>(0, 1)(random) < p; };
  auto between = [&](double a, double b) { return std::uniform_real_distribution<>(a, b)(random); };
  scenario s;
  s.seed = seed;
  s.tasks = static_cast<std::uint32_t>(between(5, 60));
  auto count = 1 + random() % 3;
  for (std::uint64_t i = 0; i < count; ++i) {
    simulated_account a;
    a.client.name = "p" + std::to_string(i);
    a.client.limits.max_parallel = static_cast<int>(between(1, 12));
    a.client.limits_of_time = {5s, 5s, 5s, 30s};
    a.client.retry.initial_backoff = 500ms;
    if (chance(0.7)) {
      rate_limit limit;
      limit.amount = std::floor(between(2, 60));
      limit.window = milliseconds{chance(0.5) ? 1'000 : 10'000};
      limit.shape = static_cast<limit_shape>(random() % 3);
      limit.burst = std::max(1.0, std::floor(between(1, limit.amount)));
      limit.key = "limit";
      a.client.limits.rates.push_back(limit);
    }
    a.server.name = a.client.name;
    a.server.seed = seed;
    a.server.limits = a.client.limits;
    mock_model m;
    m.name = "model";
    m.first_token_ms = {between(5, 800), between(800, 3'000)};
    m.output_tokens = {5, 40};
    m.tokens_per_second = chance(0.5) ? between(20, 200) : 0;
    a.server.models = {m};
    if (chance(0.6)) {
      auto& f = a.server.faults;
      for (double* p : {&f.http_500, &f.http_429, &f.overloaded, &f.close, &f.hang, &f.cut,
                        &f.stall, &f.error_event, &f.no_terminator, &f.bad_json})
        *p = chance(0.3) ? between(0, 0.08) : 0;
    }
    s.accounts.push_back(std::move(a));
  }
  if (chance(0.5))
    s.providers_of = [count](std::uint32_t i) {
      return std::vector<std::string>{"p" + std::to_string(i % count)};
    };
  if (chance(0.2)) s.concurrency = static_cast<std::uint32_t>(between(1, 8));
  if (chance(0.25)) {
    s.fail_commit = static_cast<int>(between(1, 12));
    s.fail_after_write = chance(0.5);
  }
  if (chance(0.15)) s.drain_after_s = between(0.1, 5);
  if (chance(0.3)) s.hedge = 0.1;
  if (chance(0.2))
    s.batching = {static_cast<int>(between(2, 6)), static_cast<int>(between(1, 3)),
                  milliseconds{static_cast<int>(between(50, 1'000))}};
  if (chance(0.15)) s.lost_reports = between(0, 0.05);
  if (chance(0.15)) {
    s.delivery = delivery_mode::batch;
    s.batching = {};
    s.hedge = 0;
    s.concurrency.reset();
    s.give_up_after_s = 24 * 3600;
    if (chance(0.5)) s.fail_note = static_cast<int>(between(1, 15));
    for (auto& a : s.accounts) {
      a.client.dialect = chance(0.5) ? "openai" : "anthropic";
      a.client.batch.max_items = static_cast<int>(between(2, 30));
      a.client.batch.poll = 2s;
      a.client.batch.longest_poll = 10s;
      a.client.retry.max_outage = 12h;
      a.server.batch.time = milliseconds{static_cast<int>(between(0, 60'000))};
      if (chance(0.3)) a.server.batch.expired = between(0, 0.3);
    }
  } else if (chance(0.25)) {
    s.calls = static_cast<int>(between(2, 5));
  }
  if (s.delivery == delivery_mode::single && chance(0.3)) draw_nodes(s, random);
  s.asking_judge = s.delivery == delivery_mode::single && chance(0.25);
  if (s.delivery == delivery_mode::single && chance(0.15)) {
    s.stop_when = stop_rule{"sum", between(0.3, 0.5), 0.95, 1 + random() % 20};
    s.known_answers = chance(0.5);
    s.start_again = chance(0.3);
  }
  if (chance(0.4)) draw_programs(s, random);
  return s;
}

}  // namespace assay::tests
