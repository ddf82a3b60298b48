#include "providers/limits/stated_limit.hpp"

#include <algorithm>

#include "providers/limits/margins.hpp"

namespace assay::limits {

namespace {

/// How far this machine's clock and the API's may be apart.
constexpr auto clocks_apart = std::chrono::milliseconds(50);

rate_limit mirrored(rate_limit limit) {
  if (limit.shape == limit_shape::bucket) return limit;
  limit.shape = limit_shape::sliding_log;
  limit.window += window_margin(limit.window);
  return limit;
}

/// When the window before `start` began.
instant border_before(instant start, const rate_limit& limit, const time_anchor& clock) {
  auto since_epoch = std::chrono::nanoseconds(clock.unix_ns(start)) - *limit.window_start;
  return start - since_epoch % limit.window;
}

std::unique_ptr<shape> make_mirror(const rate_limit& limit, double floor, instant start,
                                   const time_anchor& clock) {
  if (limit.shape != limit_shape::fixed_window || !limit.window_start)
    return make_shape(mirrored(limit), floor, start);
  auto border = border_before(start, limit, clock);
  return std::make_unique<phased_window>(limit.amount, limit.window, border - clocks_apart,
                                         border + clocks_apart, 0, start);
}

}  // namespace

stated_limit::stated_limit(const rate_limit& limit, instant start, const time_anchor& clock)
    : limit_(limit),
      floor_(is_bucket() ? bucket_floor(limit) : 0.0),
      level_(make_mirror(limit, floor_, start, clock)) {}

/// A bucket lets a request that is larger than its burst in as a debt, once it is full.
instant stated_limit::earliest(const charge& c, instant now) const {
  auto cost = amount(c, limit_.counts);
  if (cost <= 0) return now;
  if (cost > std::max(capacity(), limit_.amount)) return instant::max();
  return level_->earliest(std::min(cost, capacity()), now);
}

void stated_limit::admit(const charge& c, instant now) {
  if (auto cost = amount(c, limit_.counts); cost > 0) level_->take(cost, now);
}

void stated_limit::refused(instant now) { level_->settle(-std::max(0.0, level_->level(now)), now); }

known_rate stated_limit::found(instant now) const {
  known_rate f;
  f.counts = limit_.counts;
  f.shape = limit_.shape;
  f.rate = f.low = f.high = limit_.amount / seconds(limit_.window);
  f.burst = capacity();
  f.window = limit_.window;
  f.left = std::max(0.0, level_->level(now));
  f.key = limit_.key;
  return f;
}

}  // namespace assay::limits
