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

}  // namespace

TEST_CASE("no more than max_parallel are in flight, and a release frees a slot") {
  account a{{.max_parallel = 2, .rates = {}}, start};
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

TEST_CASE("a request larger than a limit ever allows can never pass") {
  account a{{.max_parallel = 1, .rates = {tokens(6'000, 60s, 1'000)}}, start};
  CHECK(a.earliest({600, 600}, start) == instant::max());
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
    CHECK(a.fits({100, 300}, start) == (policy == reserve_policy::expected));
  }
}

TEST_CASE("what is reserved for the output follows the policy") {
  CHECK(charge_for(reserve_policy::max_tokens, 10, 500, 40).output_tokens == 500);
  CHECK(charge_for(reserve_policy::max_tokens, 10, {}, 40).output_tokens == 40);
  CHECK(charge_for(reserve_policy::expected, 10, 500, 40).output_tokens == 40);
  CHECK(charge_for(reserve_policy::none, 10, 500, 40).output_tokens == 0);
}

TEST_CASE("a window is mirrored a little longer than it is, so that arrivals may bunch up") {
  account a{{.max_parallel = 100, .rates = {requests(10, 1'000ms, 1, limit_shape::fixed_window)}},
            start};
  for (int i = 0; i < 10; ++i) a.admit({}, start);
  CHECK_FALSE(a.fits({}, start + 1'000ms));
  CHECK(a.fits({}, start + 1'020ms));
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
  for (auto shape : {limit_shape::bucket, limit_shape::fixed_window, limit_shape::sliding_log}) {
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
  account a{{.max_parallel = 9, .rates = {}}, start};
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
  account a{{.max_parallel = 9, .rates = {}}, start};
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

TEST_CASE("an account goes on after a restart where it was") {
  limit_settings s{.max_parallel = 900,
                   .rates = {requests(600, 60s, 600), tokens(6'000, 60s, 6'000)}};
  account before{s, start};
  for (int i = 0; i < 100; ++i) before.admit({10, 10}, start);
  auto room = before.room(start + 3s);
  account after{s, start};
  after.restore(before.save(start + 1s), 2s, start + 3s);
  CHECK(after.room(start + 3s) == room);
  CHECK(after.earliest({5'000, 0}, start + 3s) == before.earliest({5'000, 0}, start + 3s));
}

TEST_CASE("a model keeps its index") {
  account a{{.max_parallel = 9, .rates = {}}, start};
  auto fast = a.model("fast");
  CHECK(fast != 0);
  CHECK(a.model("slow") != fast);
  CHECK(a.model("fast") == fast);
}
