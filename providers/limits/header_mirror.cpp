#include "providers/limits/header_mirror.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "providers/limits/margins.hpp"
#include "providers/limits/phased_window.hpp"

namespace assay::limits {

namespace {

constexpr std::size_t most_samples = 31;
constexpr int samples_to_decide = 4;
/// Traffic at a steady rate looks the same under every shape; a window would have shown a border.
constexpr int samples_of_steady_state = 24;
/// No request takes longer to the API. A border that is taken to be late by this costs a window
/// nothing; one that is taken to be early costs refusals for as long as the window is kept.
constexpr double slowest_s = 0.25;
/// Of a rate that is too low, at a time.
constexpr double raise = 1.2;
/// In which a bucket in use shows its rate.
constexpr auto least_span = std::chrono::seconds(1);
constexpr auto ask_interval = std::chrono::seconds(1);
/// What is not stated is taken to be per minute, as nearly all documentation puts it.
constexpr double default_window_s = 60;

double seconds_of(instant t) { return seconds(t.time_since_epoch()); }
instant instant_of(double s) { return instant(from_seconds(s)); }
double spread_s() { return seconds(transit_spread); }

/// What a stated time may be off by: an API that counts in whole seconds has rounded.
double resolution_s(milliseconds stated) { return stated.count() % 1000 == 0 ? 1.0 : 0.001; }

}  // namespace

std::optional<double> usual_window(double low_s, double high_s) {
  constexpr std::array usual{60.0,  1.0,   3600.0, 86'400.0, 10.0,     5.0,     30.0,
                             300.0, 600.0, 900.0,  15.0,     20.0,     120.0,   1800.0,
                             2.0,   0.5,   0.1,    10'800.0, 21'600.0, 43'200.0};
  for (auto s : usual)
    if (low_s <= s && s <= high_s) return s;
  return {};
}

void interval::narrow(double low, double high) {
  if (std::max(low_, low) > std::min(high_, high)) {
    ++against_;
    return;
  }
  low_ = std::max(low_, low);
  high_ = std::min(high_, high);
  against_ = std::max(0, against_ - 1);
}

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

void header_mirror::observe(const rate_header& h, double cost, instant sent, instant now) {
  auto used = h.limit - h.remaining;
  auto reset_s = seconds(*h.reset);
  auto resolution = resolution_s(*h.reset);
  if (!shape_ && kind_ != kind::window && reset_s > 0) {
    whole_ = std::max(sent, now) + from_seconds(reset_s + resolution);
    whole_early_ = sent + from_seconds(reset_s - resolution);
  }
  // What the request took comes free between its leaving and the reset, at the latest.
  auto least = cost / (reset_s + resolution + seconds(now - sent));
  if (used < 1 || reset_s <= 0) {
    bucket_rate_.narrow(0.98 * least, 1e300);
    return check_stated_window();
  }
  ++samples_seen_;
  if (samples_.size() == most_samples)
    samples_[static_cast<std::size_t>(samples_seen_) % most_samples] = {used, reset_s};
  else
    samples_.push_back({used, reset_s});
  auto shortest = reset_s - resolution;
  least = std::max(least, (used - 1) / (reset_s + resolution));
  bucket_rate_.narrow(0.98 * least, shortest > 0 ? 1.02 * used / shortest : 1e300);
  log_window_.narrow(reset_s - 2 * resolution, 1.01 * reset_s + resolution + 0.05);
  check_stated_window();
  learn_border(reset_s, sent, now);
}

/// What came free between two headers is what there is now, and what was taken between them, less
/// what there was then. Less is known if others take from it, too.
double header_mirror::freed_since(const statement& then, const statement& now, double cost) const {
  auto taken = cost + sends_.between(then.sent + transit_spread, now.sent - transit_spread);
  return now.remaining - then.remaining + taken;
}

/// At its rate no limit frees more than that and, at once, all of itself. What a request takes of
/// other limits than one of requests is a guess, of which nothing is concluded.
void header_mirror::learn_refill(const statement& told, double cost) {
  if (counts_ != dimension::requests) return;
  if (!counted_from_) counted_from_ = told;
  if (told.sent <= counted_from_->sent + 2 * transit_spread) return;
  auto span_s = seconds(told.sent + transit_spread - counted_from_->sent);
  auto freed = freed_since(*counted_from_, told, cost);
  least_rate_ = std::max(least_rate_, (freed - limit_) / span_s);
  bucket_rate_.narrow(0.98 * least_rate_, 1e300);
  check_stated_window();
}

/// An API may speak a provider's dialect and count over another time than the provider does.
void header_mirror::check_stated_window() {
  if (!stated_window_ || !bucket_rate_.possible()) return;
  auto stated = limit_ / seconds(*stated_window_);
  if (0.9 * bucket_rate_.low() <= stated && stated <= 1.1 * bucket_rate_.high()) return;
  stated_window_.reset();
  rate_ = 0;
}

/// The answer's time of making lies between the request's leaving and its own arrival; so does what
/// `reset` counts from.
void header_mirror::learn_border(double reset_s, instant sent, instant now) {
  auto resolution = resolution_s(milliseconds(std::llround(reset_s * 1000)));
  auto low = seconds_of(sent) + reset_s - resolution;
  auto high = std::min(low + resolution + slowest_s, seconds_of(now) + reset_s);
  auto beyond = low - window_border_.high();
  auto passed = seconds_of(sent) > window_border_.low() - spread_s();
  if (borders_ > 0 && beyond > 0 && passed) {
    if (window_s_ > 0) {
      auto windows = std::max(1.0, std::round((low - window_border_.low()) / window_s_));
      auto moved = interval{};
      moved.narrow(window_border_.low() + windows * window_s_,
                   window_border_.high() + windows * window_s_);
      window_border_ = moved;
    } else {
      auto length = usual_window(low - window_border_.high(), high - window_border_.low());
      window_s_ = length.value_or(low - window_border_.low());
      window_border_ = {};
    }
    ++borders_;
  }
  window_border_.narrow(low, high);
  borders_ = std::max(borders_, 1);
  border_early_ = instant_of(window_border_.low());
  border_late_ = instant_of(window_border_.high());
  if (kind_ != kind::window) return;
  if (shape_)
    static_cast<phased_window&>(*shape_).align(border_early_, border_late_, now);
  else
    whole_ = border_late_, whole_early_ = border_early_;
}

/// The length of a sliding log that suits the headers; absent if none does. Where resets are
/// rounded so that they would suit any short log, only one that has been used up by half counts.
std::optional<double> header_mirror::log_window_s() const {
  if (!log_window_.possible()) return {};
  auto used_up_s = 1.02 * limit_ / std::max(least_rate_, 1e-300);
  auto shortest_s = log_window_.low() > 0 ? log_window_.low() : 0.5 * used_up_s;
  return usual_window(shortest_s, std::min({log_window_.high(), used_up_s, longest_log_s_}));
}

/// A log of which more is left than what was taken within its window leaves must be shorter.
void header_mirror::check_log(const statement& told, double cost) {
  auto window_s = log_window_s();
  if (!window_s || !counted_from_) return;
  auto window = from_seconds(*window_s);
  if (counted_from_->sent > told.sent - window) return;
  auto taken = sends_.between(told.sent + transit_spread - window, told.sent - transit_spread);
  if (told.remaining > limit_ - taken - cost + 1) longest_log_s_ = 0.99 * *window_s;
}

header_mirror::kind header_mirror::likely() const {
  if (stated_window_) return kind::bucket;
  if (samples_seen_ == 0) return kind_;
  auto bucket = bucket_rate_.possible();
  auto log = log_window_s().has_value();
  auto window = window_border_.possible();
  if (samples_seen_ < samples_to_decide) return kind_;
  if (!bucket && log && window) return kind::log;                         // suits a window as well
  if (samples_seen_ >= samples_of_steady_state && log) return kind::log;  // suits a bucket as well
  if (samples_seen_ >= samples_of_steady_state && bucket) return kind::bucket;
  if (bucket + log + window != 1) return kind_;
  return bucket ? kind::bucket : log ? kind::log : kind::window;
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

/// A bucket that was full, although the mirror held it to be used, fills faster than it does: as
/// long as nothing bounds the rate from above, a higher one is tried, until the bucket is in use
/// and shows its rate.
void header_mirror::doubt_rate(const statement& told, double cost, instant now) {
  if (told.remaining + cost + 1 <= limit_) {
    if (!in_use_from_) in_use_from_ = told;
    auto span = told.sent - in_use_from_->sent;
    if (span < least_span) return;
    auto most = (freed_since(*in_use_from_, told, cost) + 1) / seconds(span - transit_spread);
    raised_rate_ = std::min(raised_rate_, most);
    return;
  }
  in_use_from_.reset();
  auto held = level(now) + sends_.after(told.sent) - rate_ * seconds(now - told.sent);
  if (held > told.remaining - 2 || told.sent < raised_at_) return;
  raised_rate_ = std::min(raise * rate_, bucket_rate_.high());
  raised_at_ = now;
}

double header_mirror::rate_from_samples() const {
  if (stated_window_) return limit_ / seconds(*stated_window_);
  std::vector<double> rates;
  for (const auto& s : samples_)
    if (s.used >= 2) rates.push_back((s.used - 0.5) / s.reset_s);
  double rate = 0;
  if (!rates.empty()) {
    auto middle = rates.begin() + static_cast<std::ptrdiff_t>(rates.size() / 2);
    std::nth_element(rates.begin(), middle, rates.end());
    rate = *middle;
  } else if (!samples_.empty()) {  // a small limit: part of the one may have come free already
    rate = 1e300;
    for (const auto& s : samples_) rate = std::min(rate, s.used / s.reset_s);
  } else {
    rate = rate_ > 0 ? rate_ : limit_ / default_window_s;
  }
  if (auto least = std::max(bucket_rate_.low(), raised_rate_); least > rate) return least;
  for (auto window_s : {1.0, 60.0, 3600.0, 86'400.0})
    if (std::abs(rate * window_s / limit_ - 1) < 0.1) return limit_ / window_s;
  return rate;
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
    least = rate_ * std::max(0.0, seconds(now - sent) - spread_s());
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
