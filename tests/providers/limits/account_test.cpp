#include "providers/limits/account.hpp"

#include <doctest/doctest.h>

#include <random>

using namespace assay;
using namespace assay::limits;
using namespace std::chrono_literals;

namespace {

constexpr instant start{1s};

rate_limit requests(double amount, milliseconds window, double burst = 1,
                    limit_shape shape = limit_shape::bucket) {
  return {dimension::requests, amount, window, burst, shape, "rpm"};
}

rate_limit tokens(double amount, milliseconds window, double burst) {
  return {dimension::tokens, amount, window, burst, limit_shape::bucket, "tpm"};
}

std::vector<charge> equal(std::size_t requests, const charge& each) {
  return std::vector<charge>(requests, each);
}

}  // namespace

TEST_CASE("no more than max_parallel are in flight, and a release frees a slot") {
  account a{{.max_parallel = 2, .rates = {requests(6'000, 60'000ms, 600)}}, start};
  a.admit({}, start);
  CHECK(a.fits({}, start));
  a.admit({}, start);
  CHECK_FALSE(a.fits({}, start));
  CHECK(a.held_back_by({}, start) == "max_parallel");
  a.release({}, {}, start, start + 1s);
  CHECK(a.fits({}, start + 1s));
}

TEST_CASE("a request is charged to all limits or to none") {
  account a{{.max_parallel = 100, .rates = {requests(600, 60s, 600), tokens(6'000, 60s, 1'000)}},
            start};
  charge big{400, 400};
  a.admit(big, start);
  auto room = a.room(start);
  // The tokens do not allow a second one yet; the request limit must not have been touched by
  // asking.
  CHECK_FALSE(a.fits(big, start));
  CHECK(a.held_back_by(big, start) == "tpm");
  CHECK(a.room(start) == room);
  CHECK(a.earliest(big, start) > start);
}

TEST_CASE("a request larger than what a limit allows in its whole window can never pass") {
  account a{{.max_parallel = 1, .rates = {tokens(6'000, 60s, 1'000)}}, start};
  CHECK(a.earliest({6'000, 1}, start) == instant::max());
}

TEST_CASE("a request larger than the burst is let in as a debt, once the bucket is full") {
  account a{{.max_parallel = 9, .rates = {tokens(6'000, 60s, 1'000)}}, start};
  REQUIRE(a.fits({2'000, 0}, start));
  a.admit({2'000, 0}, start);
  // 100 tokens a second pay the debt of 1,000 back, and fill the bucket again for another such one.
  CHECK_FALSE(a.fits({1, 0}, start + 10s));
  CHECK(a.earliest({2'000, 0}, start) == start + 20s);
}

TEST_CASE("several leave together when every limit has room for all of them, and never as a debt") {
  account a{{.max_parallel = 4, .rates = {requests(600, 60s, 4), tokens(6'000, 60s, 1'000)}},
            start};
  CHECK(a.earliest_together(equal(3, {300, 0}), start) == start);
  for (int i = 0; i < 3; ++i) a.admit({300, 0}, start);
  // 10 requests a second: two of the four that it wants are back after 200 ms, the tokens (800 of
  // the 900 that are wanted) after 8 s
  CHECK(a.earliest_together(equal(3, {300, 0}), start + 1s) > start + 7s);
  CHECK(a.earliest_together(equal(3, {300, 0}), start + 9s) == start + 9s);
  CHECK(a.earliest_together(equal(3, {400, 0}), start + 1h) == instant::max());
  CHECK(a.earliest_together(equal(5, {1, 0}), start + 1h) == instant::max());
  CHECK(a.earliest_together(equal(1, {2'000, 0}), start + 1h) == start + 1h);
}

TEST_CASE("nothing passes before the end of a hold, to the nanosecond") {
  account a{{.max_parallel = 1, .rates = {}}, start};
  a.hold(start + 1'234ms);
  CHECK_FALSE(a.fits({}, start + 1'234ms - 1ns));
  CHECK(a.held_back_by({}, start) == "retry-after");
  CHECK(a.fits({}, start + 1'234ms));
  a.hold(start + 1s);
  CHECK(a.earliest({}, start) == start + 1'234ms);
}

TEST_CASE(
    "the cap is charged and not refunded under max_tokens; the difference returns under expected") {
  for (auto policy : {reserve_policy::max_tokens, reserve_policy::expected}) {
    limit_settings s{.max_parallel = 9, .rates = {tokens(60, 60s, 1'000)}, .reserve = policy};
    account a{s, start};
    charge reserved{100, 800}, used{100, 50};
    a.admit(reserved, start);
    a.release(reserved, used, start, start);
    a.accepted(reserved, start, start);
    CHECK(a.fits({100, 300}, start) == (policy == reserve_policy::expected));
  }
}

TEST_CASE("what is reserved for the output follows the policy") {
  CHECK(charge_for(reserve_policy::max_tokens, 10, 500, 40).output_tokens == 500);
  CHECK(charge_for(reserve_policy::max_tokens, 10, {}, 40).output_tokens == 40);
  CHECK(charge_for(reserve_policy::expected, 10, 500, 40).output_tokens == 40);
  CHECK(charge_for(reserve_policy::none, 10, 500, 40).output_tokens == 0);
}

TEST_CASE("a sliding log is mirrored a little longer than it is, so that arrivals may bunch up") {
  account a{{.max_parallel = 100, .rates = {requests(10, 1'000ms, 1, limit_shape::sliding_log)}},
            start};
  for (int i = 0; i < 10; ++i) a.admit({}, start);
  CHECK_FALSE(a.fits({}, start + 1'000ms));
  CHECK(a.fits({}, start + 1'020ms));
}

TEST_CASE("a fixed window that begins at a known time is used from border to border") {
  auto limit = requests(10, 60'000ms, 1, limit_shape::fixed_window);
  limit.window_start = 15'000ms;
  // By the calendar the account starts 40 s into a minute: its window is 25 s old.
  time_anchor clock{start, std::chrono::system_clock::time_point(40s)};
  account a{{.max_parallel = 100, .rates = {limit}}, start, clock};
  for (int i = 0; i < 10; ++i) a.admit({}, start);
  // Clocks may differ by 50 ms.
  auto border = start + 35s + 50ms;
  CHECK(a.earliest({}, start) == border);
  for (int i = 0; i < 10; ++i) a.admit({}, border);
  CHECK(a.earliest({}, border) == border + 60s);
}

TEST_CASE("what is sent at a border counts in both windows") {
  auto limit = requests(10, 60'000ms, 1, limit_shape::fixed_window);
  limit.window_start = 0ms;
  account a{{.max_parallel = 100, .rates = {limit}}, start, {start, {}}};
  for (int i = 0; i < 4; ++i) a.admit({}, start + 59'950ms);
  auto next = start + 60'050ms;
  for (int i = 0; i < 6; ++i) a.admit({}, next);
  CHECK(a.earliest({}, next) == start + 120'050ms);
}

TEST_CASE(
    "a bucket keeps a reserve against bunched arrivals, at most half of its burst above one") {
  account a{{.max_parallel = 100, .rates = {requests(100, 1'000ms, 10)}}, start};
  int sent = 0;
  while (a.fits({}, start)) {
    a.admit({}, start);
    ++sent;
  }
  CHECK(sent == 5);
}

TEST_CASE("whatever the arrivals, no window holds more than the limit allows") {
  std::mt19937 random{7};
  for (auto shape : {limit_shape::bucket, limit_shape::sliding_log}) {
    account a{{.max_parallel = 1'000, .rates = {requests(20, 1'000ms, 5, shape)}}, start};
    std::vector<instant> sent;
    auto now = start;
    while (sent.size() < 500) {
      now += std::chrono::milliseconds(random() % 30);
      while (a.fits({}, now)) {
        a.admit({}, now);
        sent.push_back(now);
      }
    }
    auto most = shape == limit_shape::bucket ? 25u : 20u;  // burst + rate, or the window itself
    for (std::size_t i = 0, j = 0; j < sent.size(); ++j) {
      while (sent[j] - sent[i] >= 1s) ++i;
      CHECK(j - i + 1 <= most);
    }
  }
}

TEST_CASE("the first 429 closes the gate; those that were on their way belong to it") {
  account a{{.max_parallel = 9, .rates = {requests(6'000, 60'000ms, 600)}}, start};
  api_error error{.kind = error_class::rate_limited};
  auto first = a.limited(error, {}, start, start + 1s, 2s);
  CHECK(first.first_of_group);
  CHECK(first.until == start + 3s);
  auto second = a.limited(error, {}, start + 500ms, start + 2s, 2s);
  CHECK_FALSE(second.first_of_group);
  CHECK(a.earliest({}, start + 2s) == start + 4s);
  CHECK(a.limited(error, {}, start + 4s, start + 5s, 2s).first_of_group);
}

TEST_CASE("an API's own word on how long to wait goes before ours, but not below 120 ms") {
  account a{{.max_parallel = 9, .rates = {requests(60'000, 60'000ms, 6'000)}}, start};
  CHECK(a.limited({.retry_after = 700ms}, {}, start, start, 2s).until == start + 700ms);
  CHECK(a.limited({.retry_after = 0ms}, {}, start, start + 1s, 2s).until == start + 1'120ms);
}

TEST_CASE("cuts in a row are counted by group, until the API takes a request") {
  account a{{.max_parallel = 9, .rates = {}}, start};
  CHECK(a.cuts_in_a_row({}, start) == 1);
  a.limited({}, {}, start, start + 1s, 1s);
  CHECK(a.cuts_in_a_row({}, start) == 1);
  CHECK(a.cuts_in_a_row({}, start + 2s) == 2);
  a.limited({}, {}, start + 2s, start + 3s, 1s);
  CHECK(a.cuts_in_a_row({}, start + 4s) == 3);
  a.accepted({}, start + 4s, start + 5s);
  CHECK(a.cuts_in_a_row({}, start + 5s) == 1);
}

TEST_CASE("a learned limit gives way to one that has been configured since") {
  known_rate slow{.rate = 0.1, .low = 0.1, .high = 0.1, .source = knowledge::learned};
  for (bool configured : {false, true}) {
    limit_settings s{.max_parallel = 9, .rates = {}};
    if (configured) s.rates = {requests(6'000, 60s, 600)};
    account a{s, start};
    a.resume({{slow}, {}}, start);
    a.admit({}, start);
    CHECK((a.earliest({}, start) == start) == configured);
  }
}

TEST_CASE("a model keeps its index") {
  account a{{.max_parallel = 9, .rates = {}}, start};
  auto fast = a.model("fast");
  CHECK(fast != 0);
  CHECK(a.model("slow") != fast);
  CHECK(a.model("fast") == fast);
}

TEST_CASE("a refused bucket is taken to be empty, only the named one if the API names it") {
  limit_settings s{.max_parallel = 900,
                   .rates = {requests(6'000, 60'000ms, 600), tokens(60'000, 60s, 60'000)}};
  for (auto named : {dimension::requests, dimension::tokens}) {
    account a{s, start};
    a.limited({.retry_after = 1ms, .limited = named}, {}, start, start, 1s);
    CHECK((a.earliest({50'000, 0}, start + 2s) > start + 30s) == (named == dimension::tokens));
    CHECK((a.room(start + 150ms) < 100) == (named == dimension::requests));
  }
}

TEST_CASE("what one model is told holds no other back, if limits are the models' own") {
  for (auto scope : {limit_scope::model, limit_scope::account}) {
    account a{{.max_parallel = 9, .rates = {requests(6'000, 60'000ms, 600)}, .scope = scope},
              start};
    charge slow, fast;
    slow.model = a.model("slow");
    fast.model = a.model("fast");
    a.limited({.retry_after = 30'000ms, .limited = dimension::tokens}, slow, start, start, 1s);
    CHECK(a.earliest(slow, start) == start + 30s);
    CHECK((a.earliest(fast, start + 1s) == start + 1s) == (scope == limit_scope::model));
  }
}

TEST_CASE("a model's own configured limit comes on top of the account's") {
  account a{{.max_parallel = 99,
             .rates = {requests(6'000, 60'000ms, 600)},
             .models = {{"slow", {requests(60, 60'000ms, 1)}}}},
            start};
  charge slow;
  slow.model = a.model("slow");
  a.admit(slow, start);
  CHECK(a.earliest(slow, start) == start + 1s);
  CHECK(a.held_back_by(slow, start) == "rpm");
  CHECK(a.fits({}, start));
}

TEST_CASE("an overloaded model has less in flight, and grows back with its answers") {
  account a{{.max_parallel = 100, .rates = {requests(60'000, 60'000ms, 6'000)}}, start};
  charge m;
  m.model = a.model("m");
  for (int i = 0; i < 10; ++i) a.admit(m, start);
  a.release(m, m, start, start + 1s);
  a.overloaded(m, start + 1s);
  CHECK_FALSE(a.fits(m, start + 1s));  // 9 in flight, 7 allowed
  CHECK(a.fits({}, start + 1s));
  for (int i = 0; i < 3; ++i) a.release(m, m, start, start + 2s);
  CHECK(a.fits(m, start + 2s));
  for (int i = 0; i < 40; ++i) a.accepted(m, start, start + 3s);
  for (int i = 0; i < 20; ++i) a.admit(m, start + 4s);
  CHECK(a.fits(m, start + 4s));
}

TEST_CASE("a provider whose 503 says nothing about us keeps its places") {
  account a{{.max_parallel = 100,
             .rates = {requests(60'000, 60'000ms, 6'000)},
             .shrink_on_overload = false},
            start};
  for (int i = 0; i < 10; ++i) a.admit({}, start);
  a.overloaded({}, start + 1s);
  CHECK(a.fits({}, start + 1s));
}

TEST_CASE("traffic that grew too fast goes on at half its rate, and 10 % more each minute") {
  account a{{.max_parallel = 99'999, .rates = {requests(600'000, 60'000ms, 10'000)}}, start};
  auto now = start;
  for (int i = 0; i < 2'000; ++i) a.admit({}, now += 10ms);  // 100 a second
  a.ramp_limited({}, now);
  auto sent_in = [&](duration length) {
    int sent = 0;
    for (auto end = now + length; now < end; now += 1ms)
      for (; a.fits({}, now); ++sent) a.admit({}, now);
    return sent;
  };
  sent_in(1s);
  CHECK(sent_in(10s) == doctest::Approx(500).epsilon(0.05));
  now += 120s;
  CHECK(sent_in(10s) == doctest::Approx(500 * 1.1 * 1.1 * 1.02).epsilon(0.05));
}

TEST_CASE("money is settled to what was spent") {
  rate_limit spend{dimension::money, 1, 86'400'000ms, 1, limit_shape::sliding_log, "usd_per_day"};
  account a{{.max_parallel = 9, .rates = {spend}}, start};
  charge reserved, used;
  reserved.cost_usd = 0.8;
  used.cost_usd = 0.1;
  a.admit(reserved, start);
  CHECK_FALSE(a.fits(reserved, start));
  a.release(reserved, used, start, start + 1s);
  CHECK(a.fits(reserved, start + 1s));
}

TEST_CASE("whether unused tokens come back can be said apart from what is reserved") {
  for (auto refund : {true, false}) {
    limit_settings s{.max_parallel = 9, .rates = {tokens(60, 60s, 1'000)}, .refund = refund};
    s.rates.front().amount = 1'000;
    account a{s, start};
    a.admit({100, 800}, start);
    a.release({100, 800}, {100, 50}, start, start);
    a.accepted({}, start, start);
    CHECK(a.fits({100, 300}, start) == refund);
  }
}
