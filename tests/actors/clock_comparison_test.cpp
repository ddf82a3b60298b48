#include "actors/clock_comparison.hpp"

#include <doctest/doctest.h>

#include <random>

using namespace assay;
using namespace assay::actors;
using namespace std::chrono_literals;

TEST_CASE("of two clocks that have not met nothing is known") {
  CHECK_FALSE(clock_comparison{}.best().has_value());
}

TEST_CASE("the offset is right within half of the shortest way, whatever the ways are") {
  std::mt19937_64 random{7};
  auto way = [&] { return std::chrono::microseconds(random() % 50'000); };
  for (int pair = 0; pair < 200; ++pair) {
    auto offset = std::chrono::microseconds(static_cast<int>(random() % 2'000'000) - 1'000'000);
    clock_comparison clocks;
    auto t = instant(100s);
    for (int round = 0; round < 20; ++round) {
      auto there = way(), back = way();
      clocks.add(t + offset, t + there, t + there + back + offset);
      t += 1s;
    }
    auto best = clocks.best();
    REQUIRE(best.has_value());
    CHECK(std::chrono::abs(best->offset - offset) <= best->error);
    CHECK(best->error < 25ms);
  }
}

TEST_CASE("rounds of long ago no longer count: clocks drift") {
  clock_comparison clocks;
  auto t = instant(100s);
  clocks.add(t, t, t);  // a perfect round
  for (int i = 0; i < 64; ++i) clocks.add(t + 5s, t + 10ms, t + 5s + 20ms);
  CHECK(clocks.best()->offset == 5s);
}

TEST_CASE("moments that did not come do not come by moving the others") {
  timeline at;
  at.sent = instant(10s);
  at.done = instant(12s);
  auto moved = moved_back(at, 3s);
  CHECK(moved.sent == instant(7s));
  CHECK(moved.done == instant(9s));
  CHECK(moved.first_content == instant{});
}
