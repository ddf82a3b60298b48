#include <doctest/doctest.h>

#include <queue>
#include <random>

#include "providers/limits/account.hpp"

using namespace assay;
using namespace assay::limits;
using namespace std::chrono_literals;

namespace {

constexpr instant start{std::chrono::hours(1)};

enum class told {
  nothing,
  retry_after,
  headers,
  headers_in_seconds,
  headers_without_reset,  ///< the provider documents limits a minute
};

struct course {
  double seconds = 0;
  int refused = 0;
  known_limits found{};
};

std::vector<rate_header> headers_of(const shape& server, double whole, instant now, told how_much) {
  if (how_much < told::headers) return {};
  rate_header h{dimension::requests, whole, std::floor(server.level(now)), {}, {}};
  auto free = server.earliest(whole, now);
  if (how_much == told::headers) h.reset = std::chrono::ceil<milliseconds>(free - now);
  if (how_much == told::headers_in_seconds)  // moments, each rounded down
    h.reset = std::chrono::floor<std::chrono::seconds>(free) -
              std::chrono::floor<std::chrono::seconds>(now);
  if (how_much == told::headers_without_reset) h.window = 60s;
  return {h};
}

/// Sends 3,000 requests of 2 s each through an account against a limiter that it must find out
/// about: 10 to 40 ms on the way, the head of an answer 0.3 s after the request was taken, a 429 at
/// once.
course play(const rate_limit& hidden, limit_settings known, told how_much, unsigned seed,
            const known_limits& earlier = {}, milliseconds phase = 0ms, double spent = 0) {
  struct event {
    instant at;
    int what;  // 0 arrives, 1 head, 2 ends, 3 is refused, 4 wakes
    instant sent;
    std::vector<rate_header> headers;
    std::optional<milliseconds> hint;
    bool operator<(const event& other) const { return at > other.at; }
  };
  std::priority_queue<event> events;
  std::mt19937_64 random(seed);
  auto way = [&] { return from_seconds(std::uniform_real_distribution<>(0.01, 0.04)(random)); };
  auto server = make_shape(hidden, 0, start - 17s - phase);  // its windows began before we came
  auto whole = server->level(start);
  if (spent > 0) server->take(spent, start);
  account a(known, start);
  a.resume(earlier, start);
  course got;
  int left = 3'000, unanswered = 3'000;
  instant wake{};
  for (auto now = start; unanswered > 0;) {
    while (left > 0 && a.fits({}, now)) {
      a.admit({}, now);
      --left;
      events.push({now + way(), 0, now, {}, {}});
    }
    auto open = a.earliest({}, now);
    if (left > 0 && open > now && open < instant::max() && (wake <= now || open < wake)) {
      wake = open;
      events.push({open, 4, {}, {}, {}});
    }
    auto e = events.top();
    events.pop();
    now = e.at;
    got.seconds = seconds(now - start);
    if (got.seconds > 5'000) break;
    if (e.what == 0) {
      auto free = server->earliest(1, now);
      if (free <= now) server->take(1, now);
      e.headers = headers_of(*server, whole, now, how_much);
      if (free > now && how_much != told::nothing)
        e.hint = std::chrono::ceil<milliseconds>(free - now);
      events.push({now + (free > now ? 0ms : 300ms) + way(), free > now ? 3 : 1, e.sent, e.headers,
                   e.hint});
    } else if (e.what == 1) {
      if (!e.headers.empty()) a.headers(e.headers, {}, e.sent, now);
      events.push({now + 1'700ms, 2, e.sent, {}, {}});
    } else if (e.what == 2) {
      a.release({}, {}, e.sent, now);
      a.accepted({}, e.sent, now);
      --unanswered;
    } else if (e.what == 3) {
      ++got.refused;
      ++left;
      a.release({}, {}, e.sent, now);
      if (!e.headers.empty()) a.headers(e.headers, {}, e.sent, now);
      a.limited({.kind = error_class::rate_limited, .retry_after = e.hint}, {}, e.sent, now, 2s);
    }
  }
  got.found = found_out(a.known(start + from_seconds(got.seconds)));
  return got;
}

rate_limit limit_of(limit_shape shape, double amount, milliseconds window, double burst = 1) {
  return {dimension::requests, amount, window, burst, shape, "hidden"};
}

const limit_settings unknown{.max_parallel = 2'000, .rates = {}};

}  // namespace

TEST_CASE("a bucket that its headers tell is used up without a 429") {
  auto hidden = limit_of(limit_shape::bucket, 600, 60s, 60);
  auto got = play(hidden, unknown, told::headers, 1);
  CHECK(got.refused == 0);
  CHECK(got.seconds < 1.01 * (294 + 2));
}

TEST_CASE("a bucket whose headers round to whole seconds, or tell no time, is used up") {
  for (auto how : {told::headers_in_seconds, told::headers_without_reset}) {
    for (auto burst : {16.0, 100.0}) {
      CAPTURE(burst);
      CAPTURE((how == told::headers_in_seconds));
      auto hidden = limit_of(limit_shape::bucket, 3'000, 60s, burst);
      auto got = play(hidden, unknown, how, 4);
      CHECK(got.refused < 0.06 * 3'000);
      CHECK(got.seconds < 1.2 * ((3'000 - burst) / 50 + 2));
    }
  }
}

TEST_CASE("a window whose headers round to whole seconds is used up") {
  for (auto shape : {limit_shape::fixed_window, limit_shape::sliding_log}) {
    for (auto length : {1s, 60s}) {
      CAPTURE(length.count());
      CAPTURE(static_cast<int>(shape));
      auto hidden = limit_of(shape, 10.0 * static_cast<double>(length.count()), length);
      auto got = play(hidden, unknown, told::headers_in_seconds, 5, {}, 300ms);
      CHECK(got.seconds < 1.2 * 302);
    }
  }
}

TEST_CASE("a fixed window that its headers tell is used up from border to border") {
  auto hidden = limit_of(limit_shape::fixed_window, 500, 60s);
  auto got = play(hidden, unknown, told::headers, 2);
  CHECK(got.refused <= 1);
  CHECK(got.seconds < 1.01 * (43 + 4 * 60 + 2));
}

TEST_CASE("a window of a second that its headers tell costs hardly a 429, whenever it begins") {
  for (auto phase : {50ms, 300ms, 550ms, 800ms}) {
    auto hidden = limit_of(limit_shape::fixed_window, 10, 1s);
    auto got = play(hidden, unknown, told::headers, 3, {}, phase);
    CHECK(got.refused <= 3);
    CHECK(got.seconds < 1.01 * (300 + 2));
  }
}

TEST_CASE("a sliding log that its headers tell is used up window by window") {
  auto hidden = limit_of(limit_shape::sliding_log, 500, 60s);
  auto got = play(hidden, unknown, told::headers, 3);
  CHECK(got.refused <= 1);
  CHECK(got.seconds < 1.01 * (5 * 60 + 2));
}

TEST_CASE("a configured fixed window whose beginning is known is used up without a 429") {
  auto hidden = limit_of(limit_shape::fixed_window, 500, 60s);
  auto known = hidden;
  known.window_start = 43s;  // its windows began 17 s before a whole hour
  auto got = play(hidden, {.max_parallel = 2'000, .rates = {known}}, told::retry_after, 4);
  CHECK(got.refused == 0);
  CHECK(got.seconds < 1.01 * (43 + 4 * 60 + 2));
}

TEST_CASE("an unknown bucket is found from bare 429s, at most one in a hundred") {
  for (auto burst : {10.0, 300.0}) {
    auto hidden = limit_of(limit_shape::bucket, 600, 60s, burst);
    auto got = play(hidden, unknown, told::nothing, 5);
    CHECK(got.refused <= 30);
    CHECK(got.seconds < 1.02 * ((3'000 - burst) / 10 + 2));
  }
}

TEST_CASE("an unknown sliding log is found from bare 429s without losing a window") {
  auto hidden = limit_of(limit_shape::sliding_log, 500, 60s);
  auto got = play(hidden, unknown, told::nothing, 7);
  CHECK(got.refused <= 150);
  CHECK(got.seconds < 1.02 * (5 * 60 + 8));
}

TEST_CASE("an unknown fixed window is found from bare 429s, at most one in twenty") {
  auto hidden = limit_of(limit_shape::fixed_window, 500, 60s);
  auto got = play(hidden, unknown, told::nothing, 6);
  CHECK(got.refused <= 150);
  CHECK(got.seconds < 1.10 * (43 + 4 * 60 + 2));
}

TEST_CASE("an unknown window that others had used up before we came is found all the same") {
  for (auto shape : {limit_shape::fixed_window, limit_shape::sliding_log}) {
    CAPTURE(static_cast<int>(shape));
    auto got = play(limit_of(shape, 600, 60s), unknown, told::nothing, 1, {}, 0ms, 600);
    CHECK(got.seconds < 1.1 * 302);
    REQUIRE(got.found.rates.size() == 1);
    CHECK(got.found.rates[0].rate == doctest::Approx(10).epsilon(0.05));
  }
}

TEST_CASE("what one process learned about a bucket the next one keeps to, burst included") {
  auto hidden = limit_of(limit_shape::bucket, 600, 60s, 300);
  auto learned = play(hidden, unknown, told::nothing, 8).found;
  REQUIRE(learned.rates.size() == 1);
  auto& rate = learned.rates[0];
  CHECK(rate.rate == doctest::Approx(10).epsilon(0.005));
  CHECK(rate.burst == doctest::Approx(300).epsilon(0.1));
  rate.left = 0.9 * rate.burst;
  auto got = play(hidden, unknown, told::nothing, 9, learned);
  CHECK(got.refused <= 3);
  CHECK(got.seconds < 1.01 * ((3'000 - 300) / 10 + 2));
}

TEST_CASE("what one process learned about a window the next one keeps to as a sliding log") {
  auto hidden = limit_of(limit_shape::fixed_window, 500, 60s);
  auto learned = play(hidden, unknown, told::nothing, 10).found;
  REQUIRE(learned.rates.size() == 1);
  CHECK(learned.rates[0].burst == doctest::Approx(500).epsilon(0.01));
  CHECK(learned.rates[0].window == 60s);
  auto got = play(hidden, unknown, told::nothing, 11, learned);
  CHECK(got.refused <= 3);
  CHECK(got.seconds < 1.02 * (5 * 60 + 2));
}

TEST_CASE("that nothing may go was not learned: the next process searches anew") {
  for (auto shape : {limit_shape::sliding_log, limit_shape::bucket}) {
    known_limits earlier{{{.shape = shape, .window = 44s, .source = knowledge::learned}}, {}};
    auto hidden = limit_of(limit_shape::fixed_window, 600, 60s);
    CHECK(play(hidden, unknown, told::nothing, 1, earlier).seconds < 1.1 * 302);
  }
}

TEST_CASE("a limit that was lowered since it was learned is found anew") {
  auto before = limit_of(limit_shape::bucket, 600, 60s, 10);
  auto learned = play(before, unknown, told::nothing, 12).found;
  auto got = play(limit_of(limit_shape::bucket, 300, 60s, 10), unknown, told::nothing, 13, learned);
  CHECK(got.refused <= 60);
  CHECK(got.seconds < 1.05 * (2'990 / 5.0 + 2));
}
