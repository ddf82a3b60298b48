#include "providers/limits/breaker.hpp"

#include <doctest/doctest.h>

using namespace assay;
using namespace assay::limits;
using namespace std::chrono_literals;

namespace {

constexpr instant start{1h};

/// So many exchanges, one after the other in the same moment.
void exchanges(breaker& b, sign s, int count, instant now) {
  for (int i = 0; i < count; ++i) {
    b.started(now);
    b.result(s, now, now);
  }
}

breaker opened(instant now = start) {
  breaker b;
  exchanges(b, sign::failed, 20, now);
  return b;
}

TEST_CASE("four failures in a row over 3 s open it, however few results there are") {
  breaker b;
  exchanges(b, sign::failed, 3, start);
  exchanges(b, sign::failed, 1, start + 2s);
  CHECK(b.allows(start + 2s));
  exchanges(b, sign::failed, 1, start + 3s);
  CHECK_FALSE(b.allows(start + 3s));
}

TEST_CASE("a success between failures begins the row anew") {
  breaker b;
  exchanges(b, sign::failed, 3, start);
  exchanges(b, sign::alive, 1, start + 2s);
  exchanges(b, sign::failed, 3, start + 4s);
  CHECK(b.allows(start + 4s));
}

}  // namespace

TEST_CASE("a breaker stays closed until there are 20 results to judge by") {
  breaker b;
  exchanges(b, sign::failed, 19, start);
  CHECK(b.allows(start));
  exchanges(b, sign::failed, 1, start);
  CHECK_FALSE(b.allows(start));
}

TEST_CASE("half of the results failing opens it, fewer do not") {
  breaker b;
  exchanges(b, sign::alive, 21, start);
  exchanges(b, sign::failed, 20, start);
  CHECK(b.allows(start));
  exchanges(b, sign::failed, 1, start);
  CHECK_FALSE(b.allows(start));
}

TEST_CASE("what is older than 30 s counts no more") {
  breaker b({.least_in_a_row = 1'000});
  exchanges(b, sign::failed, 19, start);
  exchanges(b, sign::failed, 19, start + 30s);
  CHECK(b.allows(start + 30s));
  exchanges(b, sign::failed, 1, start + 30s);
  CHECK_FALSE(b.allows(start + 30s));
}

TEST_CASE("limits, quotas and wrong requests are not failures of the API") {
  for (auto kind : {error_class::rate_limited, error_class::ramp_limited,
                    error_class::quota_exhausted, error_class::bad_request, error_class::auth,
                    error_class::context_too_long, error_class::cancelled})
    CHECK(sign_of(kind) == sign::none);
  for (auto kind : {error_class::overloaded, error_class::server_error, error_class::transport,
                    error_class::timeout})
    CHECK(sign_of(kind) == sign::failed);
  for (auto kind : {error_class::none, error_class::refusal, error_class::content_filtered})
    CHECK(sign_of(kind) == sign::alive);
  breaker b;
  exchanges(b, sign::none, 100, start);
  exchanges(b, sign::failed, 19, start);
  CHECK(b.allows(start));
}

TEST_CASE("it stays open for 5 s, then twice as long each time the probe fails, at most 300 s") {
  auto b = opened();
  auto now = start;
  for (auto wait : {5s, 10s, 20s, 40s, 80s, 160s, 300s, 300s}) {
    CHECK(b.earliest(now) == now + wait);
    CHECK_FALSE(b.allows(now + wait - 1ns));
    now += wait;
    REQUIRE(b.allows(now));
    exchanges(b, sign::failed, 1, now);
  }
}

TEST_CASE("an API that says when to come back is left alone until then") {
  breaker b;
  exchanges(b, sign::failed, 19, start);
  b.started(start);
  b.result(sign::failed, start, start, 42s);
  CHECK(b.earliest(start) == start + 42s);
}

TEST_CASE("half-open lets 1, 2, 4 and 8 real requests through, then all") {
  auto b = opened();
  auto now = start + 5s;
  CHECK(b.at(now) == breaker::state::half_open);
  for (int round : {1, 2, 4, 8}) {
    for (int i = 0; i < round; ++i) {
      REQUIRE(b.allows(now));
      b.started(now);
    }
    CHECK_FALSE(b.allows(now));
    CHECK(b.earliest(now) == instant::max());
    for (int i = 0; i < round; ++i) b.result(sign::alive, now, now);
  }
  CHECK(b.at(now) == breaker::state::closed);
  exchanges(b, sign::failed, 19, now);
  CHECK(b.allows(now));  // it begins anew
}

TEST_CASE("a probe that says nothing about health makes room for another") {
  auto b = opened();
  auto now = start + 5s;
  exchanges(b, sign::none, 3, now);
  CHECK(b.allows(now));
  CHECK(b.at(now) == breaker::state::half_open);
}

TEST_CASE("results of requests older than the opening change nothing") {
  auto b = opened();
  auto now = start + 5s;
  b.result(sign::alive, start, start + 1s);
  CHECK_FALSE(b.allows(start + 1s));
  b.started(now);
  b.result(sign::alive, start, now);
  b.result(sign::failed, start, now);
  CHECK(b.at(now) == breaker::state::half_open);
  CHECK_FALSE(b.allows(now));  // the probe itself is still out
}

TEST_CASE("after 30 s in health the next opening is short again") {
  auto b = opened();
  auto now = start + 5s;
  exchanges(b, sign::failed, 1, now);
  now += 10s;
  exchanges(b, sign::alive, 15, now);
  REQUIRE(b.at(now) == breaker::state::closed);
  auto relapse = b;
  exchanges(relapse, sign::failed, 20, now + 1s);
  CHECK(relapse.earliest(now + 1s) == now + 1s + 20s);
  exchanges(b, sign::failed, 20, now + 30s);
  CHECK(b.earliest(now + 30s) == now + 30s + 5s);
}
