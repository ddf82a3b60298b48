#include "providers/limits/shapes.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <string>
#include <vector>

using namespace assay;
using limits::make_shape;

namespace {

constexpr instant start = instant{} + std::chrono::hours(5);

instant at(double s) { return start + duration(std::llround(s * 1e9)); }
double since_start(instant t) { return seconds(t - start); }

rate_limit bucket_of(double amount, double burst, int window_s = 60) {
  return {.amount = amount, .window = std::chrono::seconds(window_s), .burst = burst, .key = "rpm"};
}

rate_limit window_of(limit_shape shape, double amount, int window_s) {
  return {.amount = amount, .window = std::chrono::seconds(window_s), .shape = shape, .key = "rpm"};
}

struct send {
  instant when;
  double cost;
};

/// Sends as a greedy client would: each cost at the earliest moment, with random pauses between.
std::vector<send> greedy(limits::shape& limiter, unsigned seed, int count, bool unit_costs,
                         double most_cost, double mean_pause_s) {
  std::mt19937 random(seed);
  std::vector<send> sent;
  instant now = start;
  for (int i = 0; i < count; ++i) {
    if (random() % 3 == 0)
      now += from_seconds(std::exponential_distribution<>(1 / mean_pause_s)(random));
    const double cost =
        unit_costs ? 1 : 1 + std::floor(std::uniform_real_distribution<>(0, most_cost)(random));
    const instant when = limiter.earliest(cost, now);
    REQUIRE(when >= now);
    REQUIRE(when != instant::max());
    REQUIRE(limiter.earliest(cost, when) == when);
    if (when > now) REQUIRE(limiter.earliest(cost, when - duration{1}) == when);
    limiter.take(cost, when);
    now = when;
    sent.push_back({when, cost});
  }
  return sent;
}

/// The most that was sent within any stretch (t - length, t].
double most_within(const std::vector<send>& sent, duration length) {
  double most = 0;
  for (std::size_t i = 0; i < sent.size(); ++i) {
    double sum = 0;
    for (std::size_t j = i + 1; j-- > 0 && sent[j].when > sent[i].when - length;)
      sum += sent[j].cost;
    most = std::max(most, sum);
  }
  return most;
}

}  // namespace

TEST_CASE("a bucket lets its burst go at once and then paces at its rate to the nanosecond") {
  auto limiter = make_shape(bucket_of(600, 3), 0, start);  // 10 a second
  for (int i = 0; i < 3; ++i) {
    CHECK(limiter->earliest(1, start) == start);
    limiter->take(1, start);
  }
  CHECK(limiter->level(start) == doctest::Approx(0));
  for (int i = 1; i <= 50; ++i) {
    CHECK(limiter->earliest(1, at((i - 1) * 0.1)) == at(i * 0.1));
    limiter->take(1, at(i * 0.1));
  }
}

TEST_CASE("a bucket refills up to its burst and no further") {
  auto limiter = make_shape(bucket_of(60, 5), 0, start);
  for (int i = 0; i < 5; ++i) limiter->take(1, start);
  CHECK(limiter->level(at(2)) == doctest::Approx(2));
  CHECK(limiter->level(at(1000)) == doctest::Approx(5));
}

TEST_CASE("a bucket waits until a large cost has gathered") {
  auto limiter = make_shape(bucket_of(6000, 1000), 0, start);  // 100 tokens a second
  limiter->take(900, start);
  CHECK(limiter->earliest(100, start) == start);
  CHECK(limiter->earliest(350, start) == at(2.5));
}

TEST_CASE("the moment at which a cost fits is rounded up to the next tick, never down") {
  auto limiter = make_shape(bucket_of(3, 1, 1), 0, start);
  limiter->take(1, start);
  CHECK(limiter->earliest(1, start) == start + duration{333'333'334});
}

TEST_CASE("what exceeds the capacity never fits, in any shape") {
  CHECK(make_shape(bucket_of(600, 10), 0, start)->earliest(10.5, start) == instant::max());
  for (auto shape : {limit_shape::fixed_window, limit_shape::sliding_log}) {
    auto limiter = make_shape(window_of(shape, 100, 60), 0, start);
    CHECK(limiter->earliest(100, start) == start);
    CHECK(limiter->earliest(101, start) == instant::max());
  }
}

TEST_CASE("a bucket that is never refilled never admits more than its burst") {
  auto limiter = make_shape(bucket_of(0, 2), 0, start);
  limiter->take(2, start);
  CHECK(limiter->earliest(1, start) == instant::max());
}

TEST_CASE("the floor stays in hand") {
  auto bucket = make_shape(bucket_of(600, 10), 4, start);
  for (int i = 0; i < 6; ++i) {
    CHECK(bucket->earliest(1, start) == start);
    bucket->take(1, start);
  }
  CHECK(bucket->earliest(1, start) == at(0.1));

  for (auto shape : {limit_shape::fixed_window, limit_shape::sliding_log}) {
    auto limiter = make_shape(window_of(shape, 10, 60), 4, start);
    for (int i = 0; i < 6; ++i) {
      CHECK(limiter->earliest(1, start) == start);
      limiter->take(1, start);
    }
    CHECK(limiter->earliest(1, start) == at(60));
  }
}

TEST_CASE("a floor above what a full limiter holds still lets one cost in when it is full") {
  auto bucket = make_shape(bucket_of(600, 1), 4.5, start);
  CHECK(bucket->earliest(1, start) == start);
  bucket->take(1, start);
  CHECK(bucket->earliest(1, start) == at(0.1));
  for (auto shape : {limit_shape::fixed_window, limit_shape::sliding_log}) {
    auto limiter = make_shape(window_of(shape, 3, 10), 7, start);
    CHECK(limiter->earliest(2, start) == start);
    limiter->take(2, start);
    CHECK(limiter->earliest(1, start) == at(10));
  }
}

TEST_CASE("a fixed window is aligned to its start and forgets everything at the border") {
  auto limiter = make_shape(window_of(limit_shape::fixed_window, 2, 10), 0, start);
  limiter->take(1, at(9.5));
  limiter->take(1, at(9.9));
  CHECK(limiter->level(at(9.999)) == 0);
  CHECK(limiter->earliest(1, at(9.9)) == at(10));
  CHECK(limiter->level(at(10)) == 2);
  limiter->take(2, at(37));
  CHECK(limiter->earliest(1, at(37)) == at(40));
}

TEST_CASE("a share of a sliding log is free again exactly one window after it was taken") {
  auto limiter = make_shape(window_of(limit_shape::sliding_log, 2, 10), 0, start);
  limiter->take(1, at(1));
  limiter->take(1, at(4));
  CHECK(limiter->earliest(1, at(5)) == at(11));
  CHECK(limiter->earliest(2, at(5)) == at(14));
  CHECK(limiter->level(at(11) - duration{1}) == 0);
  CHECK(limiter->level(at(11)) == 1);
}

TEST_CASE("settling gives room back but never more than the limiter holds") {
  auto bucket = make_shape(bucket_of(60, 100), 0, start);
  bucket->take(80, start);
  bucket->settle(50, start);
  CHECK(bucket->level(start) == doctest::Approx(70));
  bucket->settle(500, start);
  CHECK(bucket->level(start) == doctest::Approx(100));
  for (auto shape : {limit_shape::fixed_window, limit_shape::sliding_log}) {
    auto limiter = make_shape(window_of(shape, 100, 60), 0, start);
    limiter->take(80, start);
    limiter->settle(50, at(1));
    CHECK(limiter->level(at(1)) == 70);
    limiter->settle(500, at(1));
    CHECK(limiter->level(at(1)) == 100);
  }
}

TEST_CASE("a negative surplus takes more, below zero if need be") {
  auto bucket = make_shape(bucket_of(60, 10), 0, start);
  bucket->take(10, start);
  bucket->settle(-5, start);
  CHECK(bucket->level(start) == doctest::Approx(-5));
  CHECK(bucket->earliest(1, start) == at(6));
  for (auto shape : {limit_shape::fixed_window, limit_shape::sliding_log}) {
    auto limiter = make_shape(window_of(shape, 10, 60), 0, start);
    limiter->take(10, start);
    limiter->settle(-5, at(1));
    CHECK(limiter->level(at(1)) == -5);
  }
}

TEST_CASE("a window gives nothing back for a share that it no longer counts") {
  for (auto shape : {limit_shape::fixed_window, limit_shape::sliding_log}) {
    auto limiter = make_shape(window_of(shape, 100, 10), 0, start);
    limiter->take(90, at(0));
    limiter->take(90, at(12));
    limiter->settle(50, at(0), at(13));
    CHECK(limiter->level(at(13)) == 10);
    limiter->settle(50, at(12), at(13));
    CHECK(limiter->level(at(13)) == 60);
  }
}

TEST_CASE("a sliding log gives back to the very share that was taken too high") {
  auto limiter = make_shape(window_of(limit_shape::sliding_log, 100, 10), 0, start);
  limiter->take(40, at(0));
  limiter->take(40, at(5));
  limiter->settle(30, at(5), at(6));
  CHECK(limiter->level(at(6)) == 50);
  CHECK(limiter->level(at(10)) == 90);
}

TEST_CASE("no stretch of time admits more than the arrival curve of a bucket allows") {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    const bool unit = seed % 2 == 0;
    const double burst = unit ? 7 : 900;
    const double rate = unit ? 11 : 300;
    auto limiter = make_shape(bucket_of(rate * 60, burst), 0, start);
    auto sent = greedy(*limiter, seed, 400, unit, 800, 0.4);
    for (std::size_t i = 0; i < sent.size(); ++i) {
      double sum = 0;
      for (std::size_t j = i; j < sent.size(); ++j) {
        sum += sent[j].cost;
        REQUIRE(sum <= burst + rate * seconds(sent[j].when - sent[i].when) + 1e-6);
      }
    }
  }
}

TEST_CASE("no window of a sliding log and no aligned window of a fixed one holds too much") {
  const auto window = std::chrono::seconds(5);
  for (unsigned seed = 1; seed <= 20; ++seed) {
    const bool unit = seed % 2 == 0;
    const double amount = unit ? 13 : 2000;
    auto log = make_shape(window_of(limit_shape::sliding_log, amount, 5), 0, start);
    CHECK(most_within(greedy(*log, seed, 500, unit, 1500, 0.7), window) <= amount);

    auto fixed = make_shape(window_of(limit_shape::fixed_window, amount, 5), 0, start);
    std::vector<double> per_window;
    for (const auto& s : greedy(*fixed, seed, 500, unit, 1500, 0.7)) {
      const auto k = static_cast<std::size_t>((s.when - start) / window);
      if (per_window.size() <= k) per_window.resize(k + 1);
      per_window[k] += s.cost;
      REQUIRE(per_window[k] <= amount);
    }
  }
}

TEST_CASE("settling at random never lets a sliding log admit more than what is really charged") {
  const auto window = std::chrono::seconds(5);
  std::mt19937 random(7);
  auto limiter = make_shape(window_of(limit_shape::sliding_log, 1000, 5), 0, start);
  std::vector<send> sent;
  instant now = start;
  for (int i = 0; i < 600; ++i) {
    const double cost = 1 + random() % 400;
    now = limiter->earliest(cost, now);
    limiter->take(cost, now);
    sent.push_back({now, cost});
    now += milliseconds(random() % 600);
    auto& settled = sent[sent.size() - 1 - random() % std::min<std::size_t>(sent.size(), 30)];
    const double surplus = std::floor(settled.cost / 2);
    limiter->settle(surplus, settled.when, now);
    if (now - settled.when < window) settled.cost -= surplus;
  }
  CHECK(most_within(sent, window) <= 1000);
}

TEST_CASE("asking about a moment before the last change gives the same answer as asking after it") {
  auto limiter = make_shape(bucket_of(600, 1), 0, start);
  limiter->take(1, at(5));
  CHECK(limiter->earliest(1, start) == at(5.1));
}

TEST_CASE("a day of steady sends loses nothing to rounding") {
  auto limiter = make_shape(bucket_of(600, 1), 0, start);
  instant now = start;
  for (int i = 0; i <= 864'000; ++i) {
    now = limiter->earliest(1, now);
    limiter->take(1, now);
  }
  CHECK(since_start(now) == doctest::Approx(86'400).epsilon(1e-8));

  auto log = make_shape(window_of(limit_shape::sliding_log, 10, 1), 0, start);
  now = start;
  for (int i = 0; i < 864'000; ++i) {
    now = log->earliest(1, now);
    log->take(1, now);
  }
  CHECK(since_start(now) == 86'399);
}
