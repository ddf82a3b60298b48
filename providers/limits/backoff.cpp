#include "providers/limits/backoff.hpp"

#include <algorithm>
#include <cmath>

namespace assay::limits {

namespace {

double backoff_s(const retry_policy& policy, int nth) {
  return std::min(seconds(policy.max_backoff),
                  seconds(policy.initial_backoff) * std::pow(policy.multiplier, nth - 1));
}

double spread(const retry_policy& policy, double draw) {
  return 1 - policy.jitter + 2 * policy.jitter * draw;
}

}  // namespace

duration retry_wait(const retry_policy& policy, int failures, double draw) {
  return from_seconds(backoff_s(policy, failures) * spread(policy, draw));
}

duration rate_limit_wait(const retry_policy& policy, int holds, double draw) {
  return from_seconds(backoff_s(policy, holds) * policy.rate_limit_factor * spread(policy, draw));
}

}  // namespace assay::limits
