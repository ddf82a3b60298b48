// Samples and verdicts that take several model calls, in virtual time.

#include <doctest/doctest.h>

#include "tests/simulation/world.hpp"

using namespace assay;
using namespace assay::tests;
using namespace std::chrono_literals;

namespace {

scenario one_account(std::uint32_t tasks) {
  scenario s;
  s.tasks = tasks;
  s.accounts = {plain_account("a")};
  return s;
}

std::size_t arrivals_of(const world_end& end) { return end.arrivals.at("a").size(); }

}  // namespace

TEST_CASE("a sample of three calls is recorded once, after three steps") {
  auto s = one_account(40);
  s.calls = 3;
  auto end = run_world(s);
  CHECK(violations(s, end) == std::vector<std::string>{});
  CHECK(end.store.outcomes.size() == 40);
  CHECK(end.store.steps.size() == 120);
  CHECK(arrivals_of(end) == 120);
  CHECK(end.store.verdicts.size() == 40);
}

TEST_CASE("samples of several calls use all places: 120 calls of 0.3 s, ten at a time") {
  auto s = one_account(40);
  s.calls = 3;
  CHECK(run_world(s).makespan_s < 1.15 * 120 * 0.3 / 10);
}

TEST_CASE("after a crash in the middle no step that was recorded is asked again") {
  for (bool after_write : {false, true}) {
    auto s = one_account(40);
    s.calls = 3;
    s.fail_commit = 6;
    s.fail_after_write = after_write;
    auto end = run_world(s);
    CHECK(violations(s, end) == std::vector<std::string>{});
    CHECK(end.store.outcomes.size() == 40);
    CHECK(end.store.steps_repeated == 0);
    // what was in flight, or waited for the commit that failed
    CHECK(arrivals_of(end) <= 120 + 10);
  }
}

TEST_CASE("a gentle stop leaves samples where they are, and the next start goes on from there") {
  auto s = one_account(40);
  s.calls = 3;
  s.drain_after_s = 1.5;
  auto stopped = run_world(s);
  CHECK(stopped.finished);
  CHECK(stopped.last.run.stopped_by == "interrupted");
  CHECK(stopped.store.outcomes.size() < 40);
  CHECK(arrivals_of(stopped) == stopped.store.steps.size());
  s.start_again = true;
  auto whole = run_world(s);
  CHECK(whole.store.outcomes.size() == 40);
  CHECK(arrivals_of(whole) == 120);
}

TEST_CASE("a judge that asks a model gives each answer its verdict, also after a crash") {
  for (int fail_commit : {0, 7}) {
    auto s = one_account(60);
    s.asking_judge = true;
    s.fail_commit = fail_commit;
    auto end = run_world(s);
    CHECK(violations(s, end) == std::vector<std::string>{});
    CHECK(end.store.graded.size() == 60);
    for (const auto& [key, times] : end.store.graded) CHECK(times == 1);
  }
}

TEST_CASE("judges keep up: their questions do not wait until all samples are answered") {
  auto s = one_account(200);
  s.asking_judge = true;
  s.drain_after_s = 6;  // half of the work
  auto end = run_world(s);
  CHECK(end.store.outcomes.size() < 140);
  CHECK(end.store.graded.size() > 0.6 * static_cast<double>(end.store.outcomes.size()));
}

TEST_CASE("a budget that is used up ends samples of several calls too, and says so") {
  auto s = one_account(40);
  s.calls = 3;
  s.prices.output = 1'000.0;
  s.max_cost_usd = 1.0;
  auto end = run_world(s);
  CHECK(end.finished);
  CHECK(end.last.run.stopped_by.find("budget") != std::string::npos);
  CHECK(end.store.outcomes.size() < 40);
}

TEST_CASE("concurrency bounds calls, not samples: one at a time gets through") {
  auto s = one_account(5);
  s.calls = 3;
  s.concurrency = 1;
  auto end = run_world(s);
  CHECK(violations(s, end) == std::vector<std::string>{});
  CHECK(end.store.outcomes.size() == 5);
  for (const auto& t : end.arrivals.at("a")) CHECK(t.in_flight == 1);
}

TEST_CASE("a credential that is refused ends samples of several calls with the reason") {
  auto s = one_account(5);
  s.calls = 3;
  s.accounts[0].server.api_key = "another";
  auto end = run_world(s);
  CHECK(end.finished);
  CHECK(end.last.run.stopped_by.find("provider a") != std::string::npos);
}
