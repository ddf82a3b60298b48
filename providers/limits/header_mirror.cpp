#include "providers/limits/header_mirror.hpp"

#include <algorithm>
#include <cmath>

#include "providers/limits/margins.hpp"
#include "providers/limits/phased_window.hpp"

namespace assay::limits {

namespace {

constexpr auto ask_interval = std::chrono::seconds(1);

}  // namespace

// -- admission ------------------------------------------------------------------------------------

double header_mirror::level(instant now) const {
  if (shape_) return shape_->level(now);
  if (now < whole_) return plain_;
  return limit_ - sends_.after(whole_early_ - transit_spread);
}

instant header_mirror::earliest(double cost, instant now) const {
  cost = std::min(cost, limit_);
  if (shape_) return shape_->earliest(cost, now);
  if (level(now) >= cost) return now;
  if (now < whole_ && whole_ < instant::max()) return whole_;
  // Nothing tells when it is whole again: one request now and then asks.
  return sends_.entries().empty() ? now : std::max(now, sends_.entries().back().at + ask_interval);
}

void header_mirror::sent(double cost, instant now) {
  if (shape_) {
    shape_->take(cost, now);
  } else {
    if (now >= whole_) {  // a new window has begun; only its headers will tell where it ends
      plain_ = level(now);
      whole_ = instant::max();
    }
    plain_ -= cost;
  }
  sends_.add(cost, 0, now);
}

void header_mirror::settle(double surplus, instant taken, instant now) {
  if (shape_)
    shape_->settle(surplus, taken, now);
  else
    plain_ = std::min(limit_, plain_ + surplus);
}

// -- what the headers say -------------------------------------------------------------------------

void header_mirror::told(const rate_header& h, double cost, instant sent, instant now) {
  if (!(h.limit > 0) || h.remaining < 0 || h.remaining > h.limit) return;
  if (h.limit != limit_) {
    if (sent < newest_) return;  // from before the limit was changed
    begin_anew(h, now);
  }
  newest_ = std::max(newest_, sent);
  learn_refill({sent, h.remaining}, cost);
  if (h.reset) observe(h, cost, sent, now);
  check_log({sent, h.remaining}, cost);
  auto shape = likely();
  if (shape != kind_) settle_on(shape, now);
  if (kind_ == kind::bucket) {
    doubt_rate({sent, h.remaining}, cost, now);
    refresh_rate(now);
  }
  if (kind_ == kind::window && !shape_ && window_s_ > 0) build(now, level(now));
  clamp(h.remaining, cost, sent, now);
}

void header_mirror::refused() {
  counted_from_.reset();
  in_use_from_.reset();
}

/// A limit that was changed keeps its shape and the time it takes to be whole.
void header_mirror::begin_anew(const rate_header& h, instant now) {
  auto factor = limit_ > 0 ? h.limit / limit_ : 0;
  auto left = known() ? std::min(level(now), h.limit) : h.limit;
  if (!known()) plain_ = h.limit, whole_ = instant::max();
  limit_ = h.limit;
  stated_window_ = h.window;
  samples_.clear();
  samples_seen_ = 0;
  bucket_rate_ = {};
  log_window_ = {};
  counted_from_.reset();
  in_use_from_.reset();
  least_rate_ = raised_rate_ = 0;
  longest_log_s_ = 1e300;
  rate_ *= factor;
  plain_ = std::min(plain_, limit_);
  if (shape_) build(now, left);
}

void header_mirror::settle_on(kind shape, instant now) {
  auto left = level(now);
  kind_ = shape;
  if (kind_ == kind::bucket) rate_ = rate_from_samples();
  if (kind_ == kind::log) window_s_ = *log_window_s();
  if (kind_ == kind::window && window_s_ == 0) {
    shape_.reset();
    plain_ = left;
    whole_ = border_late_;
    whole_early_ = border_early_;
    return;
  }
  build(now, left);
}

void header_mirror::build(instant now, double left) {
  rate_limit limit{counts_, limit_, milliseconds(60'000), limit_, limit_shape::bucket, ""};
  if (kind_ == kind::window) {
    shape_ = std::make_unique<phased_window>(limit_, from_seconds(window_s_), border_early_,
                                             border_late_, limit_ - left, now);
    return;
  }
  if (kind_ == kind::bucket) {
    limit.amount = rate_ * 60;
    shape_ = make_shape(limit, bucket_floor(limit), now);
  } else {
    limit.shape = limit_shape::sliding_log;
    limit.window = std::chrono::duration_cast<milliseconds>(from_seconds(window_s_));
    limit.window += window_margin(limit.window);
    shape_ = make_shape(limit, 0, now);
    for (const auto& e : sends_.entries())
      if (e.at + limit.window > now) shape_->take(e.cost, e.at);
  }
  if (shape_->level(now) > left) shape_->settle(left - shape_->level(now), now);
}

void header_mirror::refresh_rate(instant now) {
  auto rate = rate_from_samples();
  if (std::abs(rate - rate_) < 0.005 * rate_) return;
  auto left = level(now);
  rate_ = rate;
  build(now, left);
}

/// Requests that left within the spread of this one may have been counted or not; nothing else is
/// in doubt.
void header_mirror::clamp(double remaining, double cost, instant sent, instant now) {
  auto window = from_seconds(window_s_);
  if (kind_ == kind::window && shape_ &&
      static_cast<phased_window&>(*shape_).next_border(now) - window > sent - transit_spread)
    return;  // tells of a window that is over
  if (!shape_ && sent < whole_ && now >= whole_) return;
  auto most = 0.0;   // may have come free since
  auto least = 0.0;  // must have come free since
  if (kind_ == kind::bucket) {
    most = rate_ * std::max(0.0, seconds(now - sent) - 0.02);
    least = rate_ * std::max(0.0, seconds(now - sent) - seconds(transit_spread));
  }
  if (kind_ == kind::log) most = freed_by_log(sent - transit_spread, now);
  auto slack = std::max(1.0, cost);
  auto upper = std::min(limit_, remaining + most - sends_.after(sent + transit_spread) + slack);
  auto lower =
      std::min(limit_, remaining + least) - (sends_.after(sent - transit_spread) - cost) - slack;
  auto left = level(now);
  auto right = kind_ == kind::log ? std::min(left, upper) : std::min(std::max(left, lower), upper);
  if (right == left) return;
  if (shape_)
    shape_->settle(right - left, now);
  else
    plain_ = right;
}

double header_mirror::freed_by_log(instant since, instant now) const {
  auto window = from_seconds(window_s_);
  if (sends_.entries().empty() || sends_.entries().front().at > since - window)
    return sends_.forgotten() > 0 ? limit_ : sends_.between(since - window, now - window);
  return sends_.between(since - window, now - window);
}

known_rate header_mirror::found(instant now) const {
  known_rate f{.counts = counts_, .source = knowledge::header};
  f.left = std::max(0.0, level(now));
  f.burst = limit_;
  switch (kind_) {
    case kind::bucket:
      f.rate = rate_;
      f.low = std::max(0.0, stated_window_ ? rate_ : bucket_rate_.low());
      f.high = stated_window_ || bucket_rate_.high() > 1e299 ? rate_ : bucket_rate_.high();
      f.window = from_seconds(limit_ / rate_);
      break;
    case kind::window:
    case kind::log:
      f.shape = kind_ == kind::log ? limit_shape::sliding_log : limit_shape::fixed_window;
      if (window_s_ <= 0) break;
      f.rate = f.low = f.high = limit_ / window_s_;
      f.window = from_seconds(window_s_);
      break;
    case kind::unknown:
      break;
  }
  return f;
}

}  // namespace assay::limits
