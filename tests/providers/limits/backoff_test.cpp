#include "providers/limits/backoff.hpp"

#include <doctest/doctest.h>

using namespace assay;
using namespace assay::limits;
using namespace std::chrono_literals;

namespace {

/// 1 s, 2 s, 4 s ... at most 10 s; spread by a half; three times that after a limit.
const retry_policy policy{.max_retries = 9,
                          .initial_backoff = 1'000ms,
                          .max_backoff = 10'000ms,
                          .multiplier = 2,
                          .jitter = 0.5,
                          .rate_limit_factor = 3};

}  // namespace

TEST_CASE("each failure doubles the wait, up to the longest") {
  CHECK(retry_wait(policy, 1, 0.5) == 1s);
  CHECK(retry_wait(policy, 2, 0.5) == 2s);
  CHECK(retry_wait(policy, 4, 0.5) == 8s);
  CHECK(retry_wait(policy, 5, 0.5) == 10s);
  CHECK(retry_wait(policy, 5'000, 0.5) == 10s);
}

TEST_CASE("the draw spreads a wait evenly from half of it to one and a half") {
  CHECK(retry_wait(policy, 1, 0) == 500ms);
  CHECK(retry_wait(policy, 1, 1) == 1'500ms);
}

TEST_CASE("after a limit the wait is longer by its factor") {
  CHECK(rate_limit_wait(policy, 1, 0.5) == 3s);
  CHECK(rate_limit_wait(policy, 9, 0.5) == 30s);
  CHECK(rate_limit_wait(policy, 1, 0) == 1'500ms);
}
