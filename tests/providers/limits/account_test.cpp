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
  // The tokens do not allow a second one yet; the request limit must not have been touched by asking.
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

TEST_CASE("the cap is charged and not refunded under max_tokens; the difference returns under expected") {
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
  account a{{.max_parallel = 100,
             .rates = {requests(10, 1'000ms, 1, limit_shape::fixed_window)}},
            start};
  for (int i = 0; i < 10; ++i) a.admit({}, start);
  CHECK_FALSE(a.fits({}, start + 1'000ms));
  CHECK(a.fits({}, start + 1'020ms));
}

TEST_CASE("a bucket keeps a reserve against bunched arrivals, at most half of its burst above one") {
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
