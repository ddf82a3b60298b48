#include <doctest/doctest.h>

#include "tests/simulation/world.hpp"

using namespace assay;
using namespace assay::tests;
using namespace std::chrono_literals;

namespace {

/// So many answers that all come at once, each with a program of a second in the mean.
scenario programs(std::uint32_t tasks) {
  scenario s;
  s.tasks = tasks;
  s.program_s = 1;
  s.programs_here = 0;
  s.accounts = {plain_account("a", 1'000, 10)};
  s.look_every = 100ms;
  return s;
}

/// What the programs take, one after the other: 0.5 to 0.9 s, one in twenty ten seconds.
double work_s(std::uint32_t tasks) {
  double all = 0;
  for (std::uint32_t i = 0; i < tasks; ++i) all += i % 20 == 7 ? 10 : 0.5 + 0.1 * (i % 5);
  return all;
}

using event = node_event::kind;

}  // namespace

TEST_CASE("nodes run the programs, each its share") {
  auto s = programs(1'000);
  s.nodes = {{.name = "one", .programs = 1}, {.name = "two", .programs = 3}};
  auto end = run_world(s);
  CHECK(violations(s, end) == std::vector<std::string>{});
  CHECK(end.finished_s < 1.02 * work_s(1'000) / 4);
}

TEST_CASE("nodes that are far away are kept as busy as near ones") {
  auto s = programs(1'000);
  s.nodes = {{.name = "near", .programs = 2}, {.name = "far", .latency = 100ms, .programs = 2}};
  auto end = run_world(s);
  CHECK(violations(s, end) == std::vector<std::string>{});
  CHECK(end.finished_s < 1.03 * work_s(1'000) / 4);
}

TEST_CASE("a slow node does not hold up the end") {
  auto s = programs(300);
  s.nodes = {{.name = "quick", .programs = 4}, {.name = "slow", .programs = 4, .slowness = 10}};
  auto end = run_world(s);
  CHECK(violations(s, end) == std::vector<std::string>{});
  CHECK(end.finished_s <
        work_s(300) / 4.4 + 12);  // the longest program takes 10 s at the quick one
}

TEST_CASE("what a lost node had is examined elsewhere, every answer once") {
  auto s = programs(200);
  s.nodes = {{.name = "stays", .programs = 2},
             {.name = "dies", .events = {{5, event::crash}}, .programs = 2},
             {.name = "away", .events = {{5, event::cut}, {20, event::mend}}, .programs = 2}};
  auto end = run_world(s);
  CHECK(violations(s, end) == std::vector<std::string>{});
  CHECK(end.store.verdicts.size() == 200);
}

TEST_CASE("a coordinator that runs no programs waits for a node that does") {
  auto s = programs(20);
  s.nodes = {{.name = "n", .events = {{0, event::crash}, {30, event::start}}, .programs = 4}};
  auto end = run_world(s);
  CHECK(violations(s, end) == std::vector<std::string>{});
  CHECK(end.finished_s > 30);
}

TEST_CASE("coordinator and nodes together are quicker than either") {
  auto s = programs(400);
  s.programs_here = 2;
  s.nodes = {{.name = "n", .programs = 2}};
  auto end = run_world(s);
  CHECK(violations(s, end) == std::vector<std::string>{});
  CHECK(end.finished_s < 1.05 * work_s(400) / 4);
}
