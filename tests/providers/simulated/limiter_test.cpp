#include <doctest/doctest.h>

#include <deque>
#include <random>

#include "tests/providers/simulated/asking.hpp"

using namespace assay;
using namespace assay::tests;

namespace {

mock_settings limited(rate_limit limit) {
  auto s = mock_with(model_named("m"));
  s.limits.rates = {std::move(limit)};
  return s;
}

rate_limit requests(double amount, int window_s, limit_shape shape, double burst = 1) {
  rate_limit limit;
  limit.counts = dimension::requests;
  limit.amount = amount;
  limit.window = std::chrono::seconds(window_s);
  limit.burst = burst;
  limit.shape = shape;
  return limit;
}

/// Arrivals at random whole milliseconds over `seconds`, about `per_second` of them.
std::vector<instant> arrivals(int seconds, int per_second, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<instant> times{start};
  for (int i = 0; i < seconds * per_second; ++i)
    times.push_back(start + milliseconds(random() % (seconds * 1000)));
  std::sort(times.begin(), times.end());
  return times;
}

bool admitted(simulated::service& s, instant now) {
  const auto h = ask(s, chat("hi"), now);
  CHECK((h.what.status == 200 || h.what.status == 429));
  CHECK(h.holds_slot == (h.what.status == 200));
  if (h.holds_slot) s.release();
  return h.what.status == 200;
}

}  // namespace

TEST_CASE("a fixed window admits exactly its amount in each window from the first request on") {
  simulated::service s(limited(requests(7, 2, limit_shape::fixed_window)), {});
  long window = -1;
  int used = 0;
  for (const auto now : arrivals(20, 12, 1)) {
    const long k = (now - start) / std::chrono::seconds(2);
    if (k != window) window = k, used = 0;
    const bool expected = used < 7;
    used += expected ? 1 : 0;
    CHECK(admitted(s, now) == expected);
  }
}

TEST_CASE("a sliding log admits exactly its amount in every window") {
  simulated::service s(limited(requests(7, 2, limit_shape::sliding_log)), {});
  std::deque<instant> log;
  int rejected = 0;
  for (const auto now : arrivals(20, 12, 2)) {
    while (!log.empty() && log.front() + std::chrono::seconds(2) <= now) log.pop_front();
    const bool expected = log.size() < 7;
    if (expected) log.push_back(now);
    rejected += expected ? 0 : 1;
    CHECK(admitted(s, now) == expected);
  }
  CHECK(rejected > 100);
}

TEST_CASE("a bucket admits its burst at once and its rate ever after") {
  simulated::service s(limited(requests(60, 60, limit_shape::bucket, 4)), {});
  // Whole thousandths of a request, so that the count is exact.
  long level = 4000;
  instant last = start;
  int taken = 0;
  for (const auto now : arrivals(60, 5, 3)) {
    level = std::min<long>(4000, level + (now - last) / milliseconds(1));
    last = now;
    const bool expected = level >= 1000;
    if (expected) level -= 1000, ++taken;
    CHECK(admitted(s, now) == expected);
  }
  CHECK(taken >= 60);
}

TEST_CASE("a token limit charges the estimated input and max_tokens before the answer is known") {
  auto settings = limited(requests(1000, 60, limit_shape::fixed_window));
  settings.limits.rates[0].counts = dimension::tokens;
  simulated::service s(settings, {});
  const std::string prompt(400, 'x');  // 100 tokens
  CHECK(ask(s, chat(prompt, {{"max_tokens", 500}})).what.status == 200);
  CHECK(ask(s, chat(prompt, {{"max_tokens", 301}})).what.status == 429);
  CHECK(ask(s, chat(prompt, {{"max_tokens", 300}})).what.status == 200);
  const auto large = ask(s, chat(prompt, {{"max_tokens", 901}}));
  CHECK(large.what.status == 429);
  CHECK(header_of(large.what, "retry-after") == "(none)");
  CHECK(
      body_of(large.what)["error"]["message"].get<std::string>().starts_with("Request too large"));
}

TEST_CASE("a rejected request costs nothing at any other limit") {
  auto settings = limited(requests(10, 60, limit_shape::fixed_window));
  settings.limits.rates.push_back(requests(1, 1, limit_shape::fixed_window));
  simulated::service s(settings, {});
  int taken = 0;
  for (int i = 0; i < 100; ++i) taken += admitted(s, start + milliseconds(100 * i)) ? 1 : 0;
  CHECK(taken == 10);  // one in each of ten seconds: none of the 90 rejected ones was charged
}

TEST_CASE("the cap on parallel requests holds until slots are released") {
  auto settings = mock_with(model_named("m"));
  settings.limits.max_parallel = 3;
  simulated::service s(settings, {});
  for (int i = 0; i < 3; ++i) CHECK(ask(s, chat("hi")).what.status == 200);
  const auto fourth = ask(s, chat("hi"));
  CHECK(fourth.what.status == 429);
  CHECK(fourth.log.in_flight == 3);
  CHECK(body_of(fourth.what)["error"]["type"] == "concurrency");
  CHECK(header_of(fourth.what, "retry-after") == "1");
  s.release();
  CHECK(ask(s, chat("hi")).what.status == 200);
  CHECK(ask(s, chat("hi")).what.status == 429);
}

TEST_CASE("a 429 says when to come back, and coming back then succeeds") {
  simulated::service s(limited(requests(1, 3, limit_shape::fixed_window)), {});
  CHECK(ask(s, chat("hi")).what.status == 200);
  const auto early = ask(s, chat("hi"), start + milliseconds(400));
  CHECK(early.what.status == 429);
  CHECK(header_of(early.what, "retry-after-ms") == "2600");
  CHECK(header_of(early.what, "retry-after") == "3");
  CHECK(body_of(early.what)["error"]["code"] == "rate_limit_exceeded");
  CHECK(body_of(early.what)["error"]["type"] == "requests");
  CHECK(body_of(early.what)["error"]["message"] ==
        "Rate limit reached on requests per 3s: Limit 1, Used 1, Requested 1. "
        "Please try again in 2.6s.");
  CHECK(ask(s, chat("hi"), start + milliseconds(2999)).what.status == 429);
  CHECK(ask(s, chat("hi"), start + milliseconds(3000)).what.status == 200);
}

TEST_CASE("Anthropic and Gemini put a 429 in their own words") {
  simulated::service s(limited(requests(1, 60, limit_shape::fixed_window)), {});
  CHECK(ask(s, chat("hi")).what.status == 200);
  const auto claude =
      ask(s, chat("hi", {{"max_tokens", 9}}), start + milliseconds(500), "/v1/messages");
  CHECK(claude.what.status == 429);
  CHECK(body_of(claude.what)["error"]["type"] == "rate_limit_error");
  CHECK(header_of(claude.what, "retry-after") == "60");
  const auto google = ask(s, R"({"contents":[{"parts":[{"text":"hi"}]}]})",
                          start + milliseconds(500), "/v1beta/models/m:generateContent");
  CHECK(google.what.status == 429);
  const auto error = body_of(google.what)["error"];
  CHECK(error["status"] == "RESOURCE_EXHAUSTED");
  CHECK(error["details"][0]["violations"][0]["quotaId"] ==
        "GenerateRequestsPerMinutePerProjectPerModel-FreeTier");
  CHECK(error["details"][0]["violations"][0]["quotaValue"] == "1");
  CHECK(error["details"][1]["@type"] == "type.googleapis.com/google.rpc.RetryInfo");
  CHECK(error["details"][1]["retryDelay"] == "59.500s");
  CHECK(header_of(google.what, "retry-after") == "(none)");
}

TEST_CASE("rate headers tell limit, remaining and the time until the limit is whole again") {
  auto settings = limited(requests(60, 60, limit_shape::bucket, 5));
  auto tokens = requests(90'000, 60, limit_shape::fixed_window);
  tokens.counts = dimension::tokens;
  settings.limits.rates.push_back(tokens);
  const time_anchor noon{
      start, std::chrono::sys_days(std::chrono::year(2025) / 8 / 21) + std::chrono::hours(12)};
  simulated::service s(settings, {}, noon);
  const auto first = ask(s, chat("hi", {{"max_tokens", 99}}));
  CHECK(header_of(first.what, "x-ratelimit-limit-requests") == "5");
  CHECK(header_of(first.what, "x-ratelimit-remaining-requests") == "4");
  CHECK(header_of(first.what, "x-ratelimit-reset-requests") == "1s");
  CHECK(header_of(first.what, "x-ratelimit-limit-tokens") == "90000");
  CHECK(header_of(first.what, "x-ratelimit-remaining-tokens") == "89900");
  CHECK(header_of(first.what, "x-ratelimit-reset-tokens") == "1m0s");
  const auto second =
      ask(s, chat("hi", {{"max_tokens", 99}}), start + milliseconds(250), "/v1/messages");
  CHECK(header_of(second.what, "anthropic-ratelimit-requests-limit") == "5");
  CHECK(header_of(second.what, "anthropic-ratelimit-requests-remaining") == "3");
  CHECK(header_of(second.what, "anthropic-ratelimit-requests-reset") == "2025-08-21T12:00:02Z");
  CHECK(header_of(second.what, "anthropic-ratelimit-tokens-remaining") == "89800");
  CHECK(header_of(second.what, "anthropic-ratelimit-tokens-reset") == "2025-08-21T12:01:00Z");
  settings.rate_headers = false;
  simulated::service silent(settings, {});
  CHECK(header_of(ask(silent, chat("hi")).what, "x-ratelimit-limit-requests") == "(none)");
}

namespace {

/// How many of the requests sent every `step` for `length` are let in.
int taken(simulated::service& s, instant from, milliseconds length, milliseconds step) {
  int count = 0;
  for (milliseconds t{0}; t < length; t += step) count += admitted(s, from + t) ? 1 : 0;
  return count;
}

}  // namespace

TEST_CASE("a fixed window that began before the first request ends so much earlier") {
  auto settings = limited(requests(5, 60, limit_shape::fixed_window));
  settings.limiter.phase = milliseconds(45'000);
  simulated::service s(settings, {});
  CHECK(taken(s, start, milliseconds(14'990), milliseconds(10)) == 5);
  CHECK(taken(s, start + milliseconds(14'990), milliseconds(10), milliseconds(10)) == 0);
  CHECK(taken(s, start + milliseconds(15'000), milliseconds(59'990), milliseconds(10)) == 5);
  CHECK(taken(s, start + milliseconds(75'000), milliseconds(10), milliseconds(10)) == 1);
}

TEST_CASE("a rate a minute that is counted in slices lets its part in during each of them") {
  auto settings = limited(requests(600, 60, limit_shape::bucket, 600));
  settings.limiter.slice = milliseconds(1'000);
  simulated::service s(settings, {});
  for (int second = 0; second < 5; ++second)
    CHECK(taken(s, start + std::chrono::seconds(second), milliseconds(1'000), milliseconds(20)) ==
          10);
}

TEST_CASE("where rejected requests count, hammering keeps the bucket empty and patience does not") {
  auto settings = limited(requests(60, 60, limit_shape::bucket, 5));
  settings.limiter.rejected_count = true;
  simulated::service hammered(settings, {});
  CHECK(taken(hammered, start, std::chrono::seconds(60), milliseconds(500)) == 9);
  simulated::service patient(settings, {});
  CHECK(taken(patient, start, std::chrono::seconds(60), milliseconds(1'000)) == 60);
}

TEST_CASE("another client takes its part in the second half of each cycle only") {
  auto settings = limited(requests(600, 60, limit_shape::bucket, 1));
  settings.limiter.other_share = 0.4;
  settings.limiter.other_cycle = std::chrono::seconds(20);
  simulated::service s(settings, {});
  for (int cycle = 0; cycle < 2; ++cycle) {
    const auto begin = start + std::chrono::seconds(20 * cycle);
    CHECK(taken(s, begin, std::chrono::seconds(10), milliseconds(5)) ==
          doctest::Approx(100).epsilon(0.02));
    CHECK(taken(s, begin + std::chrono::seconds(10), std::chrono::seconds(10), milliseconds(5)) ==
          doctest::Approx(60).epsilon(0.02));
  }
}

TEST_CASE("limits change once, and the headers say so") {
  auto settings = limited(requests(10, 10, limit_shape::fixed_window));
  settings.limiter.change_at = std::chrono::seconds(25);
  settings.limiter.change_factor = 0.5;
  simulated::service s(settings, {});
  CHECK(taken(s, start, std::chrono::seconds(20), milliseconds(100)) == 20);
  CHECK(taken(s, start + std::chrono::seconds(20), std::chrono::seconds(10), milliseconds(1'000)) ==
        5);  // five before the change: the new limit is used up
  CHECK(taken(s, start + std::chrono::seconds(30), std::chrono::seconds(10), milliseconds(100)) ==
        5);
  const auto h = ask(s, chat("hi"), start + std::chrono::seconds(40));
  CHECK(header_of(h.what, "x-ratelimit-limit-requests") == "5");
}

TEST_CASE("each address that asks has its own limits, on top of the account's") {
  auto settings = mock_with(model_named("m"));
  settings.limits.rates = {requests(5, 60, limit_shape::fixed_window)};
  settings.limits.each_address = {2, {requests(3, 60, limit_shape::fixed_window)}};
  simulated::service s(settings, {});
  auto asks = [&](const std::string& from) {
    return s.handle("POST", "/v1/chat/completions", {}, chat("hi"), start, from);
  };
  for (int i = 0; i < 2; ++i) CHECK(asks("x").what.status == 200);
  CHECK(body_of(asks("x").what)["error"]["type"] == "concurrency");
  s.release("y");  // not one of x
  CHECK(asks("x").what.status == 429);
  s.release("x");
  const auto third = asks("x");
  CHECK(third.what.status == 200);
  CHECK(third.log.from == "x");
  s.release("x");
  CHECK(body_of(asks("x").what)["error"]["type"] == "requests");
  for (int i = 0; i < 2; ++i) CHECK(asks("y").what.status == 200);
  CHECK(asks("z").what.status == 429);  // the account's five are used
}

TEST_CASE("rate headers tell what is left for the address that asked") {
  auto settings = mock_with(model_named("m"));
  settings.limits.each_address.rates = {requests(10, 60, limit_shape::fixed_window)};
  simulated::service s(settings, {});
  auto left = [&](const std::string& from) {
    const auto h = s.handle("POST", "/v1/chat/completions", {}, chat("hi"), start, from);
    return header_of(h.what, "x-ratelimit-remaining-requests");
  };
  CHECK(left("x") == "9");
  CHECK(left("x") == "8");
  CHECK(left("y") == "9");
}

namespace {

/// What an API does with requests from addresses.
struct asked_from {
  explicit asked_from(const mock_settings& settings) : service(settings, {}) {}

  simulated::service service;

  simulated::service::handled ask(const std::string& from, instant now = start) {
    auto h = service.handle("POST", "/v1/chat/completions", {}, chat("hi"), now, from);
    if (h.holds_slot) service.release(from);
    return h;
  }
  int taken(const std::string& from, instant now, int asks) {
    int count = 0;
    for (int i = 0; i < asks; ++i) count += ask(from, now).what.status == 200;
    return count;
  }
};

}  // namespace

TEST_CASE("of account and address, that which rejects for longer says when to come back") {
  for (int window : {2, 60}) {
    auto settings = limited(requests(1, 20, limit_shape::fixed_window));
    settings.limits.each_address.rates = {requests(1, window, limit_shape::fixed_window)};
    asked_from api(settings);
    api.ask("x");
    CHECK(header_of(api.ask("x").what, "retry-after") == std::to_string(std::max(20, window)));
  }
}

TEST_CASE("a request that is too large for an address is told so, whatever the account says") {
  auto settings = limited(requests(1, 20, limit_shape::fixed_window));
  auto tokens = requests(50, 60, limit_shape::fixed_window);
  tokens.counts = dimension::tokens;
  settings.limits.each_address.rates = {tokens};
  simulated::service s(settings, {});
  CHECK(ask(s, chat("hi", {{"max_tokens", 9}})).what.status == 200);
  const auto large = ask(s, chat("hi", {{"max_tokens", 99}}));
  CHECK(large.what.status == 429);
  CHECK(header_of(large.what, "retry-after") == "(none)");
}

TEST_CASE("the end of a request from an address that never asked frees no place") {
  auto settings = mock_with(model_named("m"));
  settings.limits.max_parallel = 1;
  simulated::service s(settings, {});
  CHECK(ask(s, chat("hi")).what.status == 200);
  s.release("y");
  CHECK(ask(s, chat("hi")).what.status == 429);
}

TEST_CASE("the habits of a limiter are those of each address, too") {
  auto settings = mock_with(model_named("m"));
  settings.limits.each_address.rates = {requests(10, 10, limit_shape::fixed_window)};
  const auto later = start + std::chrono::seconds(1);
  SUBCASE("slices") {
    settings.limiter.slice = milliseconds(1'000);
    asked_from api(settings);
    api.ask("y");
    CHECK(api.taken("x", later, 5) == 1);
  }
  SUBCASE("a change") {
    settings.limiter.change_at = std::chrono::seconds(15);
    settings.limiter.change_factor = 0.5;
    settings.rate_headers = false;
    asked_from api(settings);
    CHECK(api.taken("x", later, 20) == 10);
    CHECK(api.taken("x", start + std::chrono::seconds(20), 20) == 5);
  }
  SUBCASE("rejected ones that count") {
    settings.limits.each_address.rates = {requests(60, 60, limit_shape::bucket, 1)};
    settings.limiter.rejected_count = true;
    asked_from api(settings);
    CHECK(api.taken("x", start, 2) == 1);
    CHECK(api.taken("x", start + milliseconds(500), 1) == 0);
    CHECK(api.taken("x", start + milliseconds(1'000), 1) == 0);
  }
}
