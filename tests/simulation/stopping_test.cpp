#include "tests/simulation/stopping.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

// `stop_when`: a model is asked no more samples once its mean is known precisely enough.
using namespace assay;
using namespace assay::tests;
using namespace std::chrono_literals;

namespace {

/// 3,000 samples, 90 % of which the model answers rightly, 20 at a time. About 400 are enough.
scenario with_rule(std::uint64_t seed) {
  scenario s;
  s.seed = seed;
  s.tasks = 3'000;
  auto a = plain_account("a", 20);
  a.server.models[0].accuracy = 0.9;
  a.server.models[0].first_token_ms = {300, 2'000};
  s.accounts = {a};
  s.known_answers = true;
  s.stop_when = stop_rule{"sum", 0.08, 0.95, 50};
  return s;
}

/// The first samples in the order whose answers are enough.
std::size_t least_enough(const scenario& s, const memory_store& store) {
  std::vector<std::pair<std::uint64_t, double>> scores;
  for (const auto& [key, score] : store.scores)
    scores.emplace_back(number_of(store.position.at(key)), score);
  std::sort(scores.begin(), scores.end());
  memory_store none;
  auto watch = watch_of(s, none);
  for (std::size_t n = 0; n < scores.size(); ++n) {
    if (watch.enough()) return n;
    watch.settle(scores[n].first, scores[n].second);
  }
  return scores.size();
}

/// Whether what was asked is what the order has first.
bool without_gaps(const scenario& s, const memory_store& store) {
  std::set<std::uint64_t> all, asked;
  for (std::uint32_t i = 0; i < s.tasks; ++i) all.insert(number_of(i));
  for (const auto& [key, got] : store.outcomes) asked.insert(number_of(store.position.at(key)));
  return std::equal(asked.begin(), asked.end(), all.begin());
}

}  // namespace

TEST_CASE("a run stops when the mean is precise enough: what is in flight ends, no more is asked") {
  auto s = with_rule(1);
  auto end = run_world(s);
  CHECK(violations(s, end) == std::vector<std::string>{});
  CHECK(end.last.run.stopped_by.empty());
  CHECK(watch_of(s, end.store).enough());
  const auto enough = least_enough(s, end.store), asked = end.store.outcomes.size();
  CHECK(enough > 100);
  CHECK(asked >= enough);
  CHECK(asked <= enough + 150);  // 20 in flight, the oldest of which takes up to 2 s
  CHECK(end.arrivals["a"].size() == asked);
  CHECK(end.last.run.spared == 3'000 - asked);
  CHECK(without_gaps(s, end.store));
}

TEST_CASE("a run that has stopped asks nothing when it is started again") {
  auto s = with_rule(2);
  const auto once = run_world(s).store.outcomes.size();
  s.start_again = true;
  auto end = run_world(s);
  CHECK(end.finished);
  CHECK(end.last.run.planned == 0);
  CHECK(end.store.outcomes.size() == once);
  CHECK(end.arrivals["a"].size() == once);
}

TEST_CASE("a run that dies and goes on stops where it would have stopped") {
  auto s = with_rule(3);
  auto whole = run_world(s);
  const auto enough = least_enough(s, whole.store);
  for (auto commit : {3, 40, 150}) {
    s.fail_commit = commit;
    auto end = run_world(s);
    CHECK(violations(s, end) == std::vector<std::string>{});
    CHECK(watch_of(s, end.store).enough());
    CHECK(end.store.outcomes.size() <= enough + 200);
    CHECK(without_gaps(s, end.store));
  }
}

TEST_CASE("a run that was interrupted goes on when it is started again, up to the same point") {
  auto s = with_rule(4);
  const auto enough = least_enough(s, run_world(s).store);
  s.drain_after_s = 2;
  auto interrupted = run_world(s);
  CHECK(interrupted.store.outcomes.size() < enough);
  s.start_again = true;
  auto end = run_world(s);
  CHECK(end.finished);
  CHECK(least_enough(s, end.store) == enough);
  CHECK(end.store.outcomes.size() <= enough + 150);
}

TEST_CASE("failed exchanges delay a sample, they do not let others go first for long") {
  auto s = with_rule(5);
  s.accounts[0].server.faults.http_500 = 0.2;
  s.accounts[0].client.retry.max_retries = 1;
  s.accounts[0].client.retry.initial_backoff = 500ms;
  auto end = run_world(s);
  CHECK(violations(s, end) == std::vector<std::string>{});
  auto errors = std::count_if(end.store.outcomes.begin(), end.store.outcomes.end(),
                              [](auto& o) { return o.second.status == outcome_status::error; });
  CHECK(errors > 5);
  CHECK(watch_of(s, end.store).enough());
  CHECK(end.store.outcomes.size() < 1'500);
}

TEST_CASE("a rule that is never met lets the run ask all there is") {
  auto s = with_rule(6);
  s.tasks = 200;
  s.stop_when->half_width = 0.01;
  auto end = run_world(s);
  CHECK(violations(s, end) == std::vector<std::string>{});
  CHECK(end.store.outcomes.size() == 200);
  CHECK(end.last.run.spared == 0);
}

TEST_CASE("samples of several calls and a judge that asks are stopped as well") {
  auto s = with_rule(7);
  s.calls = 2;
  s.asking_judge = true;
  auto end = run_world(s);
  CHECK(violations(s, end) == std::vector<std::string>{});
  CHECK(watch_of(s, end.store).enough());
  CHECK(end.last.run.spared > 1'000);
}
