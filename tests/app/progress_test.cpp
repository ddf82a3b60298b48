#include "app/run/progress.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <sstream>

using namespace assay;
using namespace assay::app;
using namespace std::chrono_literals;

namespace {

progress_frame two_providers() {
  progress_frame frame;
  frame.total = 1'319;
  frame.had = 19;
  frame.own_tasks = {{"fast", 1'000}, {"slow", 300}};
  return frame;
}

progress_snapshot half_way() {
  progress_snapshot s;
  s.providers = {{.name = "fast", .in_flight = 16, .waiting_on = "max_parallel"},
                 {.name = "slow", .in_flight = 2, .waiting_on = "qps"}};
  s.counts["fast"] = {
      .done = 500, .errors = 3, .attempts = 510, .rate_limited = 1, .retries = 6, .cost = {1.25}};
  s.counts["slow"] = {.done = 50, .attempts = 50};
  return s;
}

}  // namespace

TEST_CASE("the block has a row per provider and a total, and fits in 80 columns") {
  auto block = progress_block(two_providers(), half_way(), 10s);
  std::istringstream lines(block);
  std::string line;
  int count = 0;
  while (std::getline(lines, line)) {
    CHECK(line.size() <= 80);
    ++count;
  }
  CHECK(count == 5);
  CHECK(block.find("500/1000") != std::string::npos);
  CHECK(block.find("569/1319") != std::string::npos);
  CHECK(block.find("max_parallel") != std::string::npos);
}

TEST_CASE("the time left is that of the slowest provider with tasks of its own") {
  // slow: 250 left at 5 a second.
  auto line = progress_line(two_providers(), half_way(), 10s);
  CHECK(line.find("left about 50 s") != std::string::npos);
}

TEST_CASE("a provider that has not finished anything makes the time left unknown") {
  auto s = half_way();
  s.counts.erase("slow");
  CHECK(progress_line(two_providers(), s, 10s).find("left about ?") != std::string::npos);
}

TEST_CASE("the plain line counts what the ledger had before") {
  auto line = progress_line(two_providers(), half_way(), 10s);
  CHECK(line.find("Completed 569/1319 (43 %)") == 0);
  CHECK(line.find("429s 1, retries 6, errors 3, USD 1.2500") != std::string::npos);
  CHECK(line.find("slow waiting on qps") != std::string::npos);
}

TEST_CASE("a suspended provider says so") {
  auto s = half_way();
  s.providers[1].suspended = "auth: no";
  CHECK(progress_block(two_providers(), s, 10s).find("suspended") != std::string::npos);
}

TEST_CASE("a provider part of whose exchanges fail shows its health") {
  auto s = half_way();
  s.providers[1].waiting_on.clear();
  s.providers[1].health = 0.7;
  CHECK(progress_block(two_providers(), s, 10s).find("health 70 %") != std::string::npos);
  CHECK(progress_line(two_providers(), s, 10s).find(", slow health 70 %") != std::string::npos);
  s.providers[1].health = 0.95;
  CHECK(progress_line(two_providers(), s, 10s).find("health") == std::string::npos);
}

TEST_CASE("times read as people write them") {
  CHECK(short_time(12.4) == "12 s");
  CHECK(short_time(123) == "2:03");
  CHECK(short_time(3'723) == "1:02:03");
}

TEST_CASE("a run that goes on after its last answer says how many verdicts it waits for") {
  auto s = half_way();
  CHECK(progress_line(two_providers(), s, 10s).find("verdicts") == std::string::npos);
  s.run.verdicts_due = 12;
  CHECK(progress_line(two_providers(), s, 10s).find(", verdicts to come 12") != std::string::npos);
  CHECK(progress_block(two_providers(), s, 10s).find(", verdicts to come 12") != std::string::npos);

  auto over_nodes = two_providers();
  over_nodes.programs_at_nodes = 5;
  CHECK(progress_line(over_nodes, s, 10s).find(", verdicts to come 12 (5 at nodes)") !=
        std::string::npos);
}
