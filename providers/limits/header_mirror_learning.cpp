#include <algorithm>
#include <cmath>

#include "providers/limits/header_mirror.hpp"
#include "providers/limits/margins.hpp"
#include "providers/limits/phased_window.hpp"

/// What headers say of a limit in the long run: how it is counted, and its numbers.
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
/// What is not stated is taken to be per minute, as nearly all documentation puts it.
constexpr double default_window_s = 60;

double seconds_of(instant t) { return seconds(t.time_since_epoch()); }
instant instant_of(double s) { return instant(from_seconds(s)); }

/// What a stated time may be off by: an API that counts in whole seconds has rounded.
double resolution_s(milliseconds stated) { return stated.count() % 1000 == 0 ? 1.0 : 0.001; }

}  // namespace

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
  auto passed = seconds_of(sent) > window_border_.low() - seconds(transit_spread);
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

}  // namespace assay::limits
