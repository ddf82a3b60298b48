#include <doctest/doctest.h>

#include <algorithm>

#include "tests/simulation/world.hpp"

// `hedge`: stragglers at the end of a run get a second copy.
using namespace assay;
using namespace assay::tests;
using namespace std::chrono_literals;

namespace {

constexpr double straggles_s = 15;

/// Answers take 0.3 s, but one in fifty 15 s more. A token costs a dollar.
scenario with_stragglers(std::uint64_t seed, double hedge) {
  scenario s;
  s.seed = seed;
  s.tasks = 500;
  s.accounts = {plain_account("a", 20)};
  s.prices.input = s.prices.output = 1'000'000;
  s.slower_s = [](const std::string&, double, double draw) {
    return draw < 0.02 ? straggles_s : 0;
  };
  s.hedge = hedge;
  return s;
}

/// Attempts that were second copies.
std::size_t copies_in(const outcome& got) {
  return static_cast<std::size_t>(std::count_if(got.attempts.begin(), got.attempts.end(),
                                                [](const attempt& tried) { return tried.hedge; }));
}

}  // namespace

TEST_CASE("second copies shorten the tail of a run in which one answer in fifty straggles") {
  constexpr int worlds = 10;
  double patient_s = 0, hedged_s = 0;
  for (std::uint64_t seed = 1; seed <= worlds; ++seed) {
    auto patient = run_world(with_stragglers(seed, 0));
    auto hedged = run_world(with_stragglers(seed, 0.05));
    CHECK(hedged.finished);
    CHECK(hedged.store.outcomes.size() == 500);
    CHECK(patient.arrivals["a"].size() == 500);
    patient_s += patient.makespan_s / worlds;
    hedged_s += hedged.makespan_s / worlds;
  }
  CHECK(patient_s > 20);
  CHECK(hedged_s < 0.7 * patient_s);  // 13 s instead of 25 s
}

TEST_CASE("second copies stay within their part of the tasks") {
  for (auto hedge : {0.002, 0.004, 0.05}) {
    auto s = with_stragglers(3, hedge);
    auto end = run_world(s);
    auto copies = end.arrivals["a"].size() - s.tasks;
    CHECK(copies >= 1);
    CHECK(static_cast<double>(copies) <= hedge * s.tasks);
  }
}

TEST_CASE("of a task that was sent twice both copies are recorded and paid for, the answer once") {
  auto end = run_world(with_stragglers(3, 0.05));
  std::size_t twice = 0;
  for (const auto& [key, got] : end.store.outcomes) {
    CHECK(got.status == outcome_status::answered);
    if (copies_in(got) == 0) continue;
    ++twice;
    REQUIRE(got.attempts.size() == 2);
    CHECK(copies_in(got) == 1);
    CHECK(got.attempts[1].error.kind == error_class::none);
    CHECK(got.attempts[0].error.kind == error_class::cancelled);
    for (const auto& tried : got.attempts) CHECK(tried.cost.value > 0);
    CHECK(got.cost.value ==
          doctest::Approx(got.attempts[0].cost.value + got.attempts[1].cost.value));
    CHECK(end.store.verdicts.at(key) == 1);
  }
  CHECK(twice == end.arrivals["a"].size() - 500);
  CHECK(twice > 0);
}
