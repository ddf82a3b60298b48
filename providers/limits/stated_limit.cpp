#include "providers/limits/stated_limit.hpp"

#include <algorithm>

#include "providers/limits/margins.hpp"

namespace assay::limits {

namespace {

constexpr int most_questions = 3;
/// A day's window is not worth a 429.
constexpr auto longest_to_ask = std::chrono::hours(1);

rate_limit mirrored(rate_limit limit) {
  if (limit.shape == limit_shape::bucket) return limit;
  limit.shape = limit_shape::sliding_log;
  limit.window += window_margin(limit.window);
  return limit;
}

}  // namespace

stated_limit::stated_limit(const rate_limit& limit, instant start)
    : limit_(limit),
      floor_(is_bucket() ? bucket_floor(limit) : 0.0),
      level_(make_shape(mirrored(limit), floor_, start)) {
  if (limit.shape == limit_shape::fixed_window && limit.counts == dimension::requests &&
      limit.window <= longest_to_ask)
    questions_ = most_questions;
}

/// A bucket lets a request that is larger than its burst in as a debt, once it is full.
instant stated_limit::earliest(const charge& c, instant now) const {
  auto cost = amount(c, limit_.counts);
  if (cost <= 0) return now;
  if (cost > std::max(capacity(), limit_.amount)) return instant::max();
  if (may_ask(cost, now)) return now;
  return level_->earliest(std::min(cost, capacity()), now);
}

bool stated_limit::may_ask(double cost, instant now) const {
  return questions_ > 0 && !asked_ && level_->level(now) < cost;
}

void stated_limit::admit(const charge& c, instant now) {
  auto cost = amount(c, limit_.counts);
  if (cost <= 0) return;
  if (may_ask(cost, now)) {
    --questions_;
    asked_ = now;
  }
  level_->take(cost, now);
}

void stated_limit::refused(instant admitted, instant now, std::optional<duration> retry_after) {
  if (limit_.shape != limit_shape::fixed_window || !asked_ || admitted < *asked_) {
    if (!is_bucket()) return;
    level_->settle(-std::max(0.0, level_->level(now)), now);
    return;
  }
  asked_.reset();
  questions_ = 0;
  if (!retry_after) return;
  level_ = std::make_unique<phased_window>(limit_.amount, limit_.window, admitted + *retry_after,
                                           now + *retry_after, limit_.amount, now);
}

void stated_limit::accepted(instant admitted) {
  if (asked_ && admitted >= *asked_) asked_.reset();
}

finding stated_limit::found(instant now) const {
  finding f;
  f.counts = limit_.counts;
  f.shape = limit_.shape;
  f.rate = f.low = f.high = limit_.amount / seconds(limit_.window);
  f.burst = capacity();
  f.window = limit_.window;
  f.left = std::max(0.0, level_->level(now));
  f.key = limit_.key;
  return f;
}

snapshot::level stated_limit::save(instant now) const {
  return {"", limit_.key, std::max(0.0, capacity() - level_->level(now))};
}

void stated_limit::restore(const snapshot::level& was, duration ago, instant now) {
  auto freed = is_bucket() ? limit_.amount / seconds(limit_.window) * seconds(ago) : 0.0;
  if (!is_bucket() && ago >= limit_.window) freed = was.used;
  level_->settle(std::min(0.0, freed - was.used), now);
}

}  // namespace assay::limits
