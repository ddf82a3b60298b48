#include <algorithm>
#include <cmath>

#include "providers/limits/interval.hpp"
#include "providers/limits/margins.hpp"
#include "providers/limits/phased_window.hpp"
#include "providers/limits/rate_search.hpp"

/// Droughts that no bucket explains: all places were taken, or a window was used up.
namespace assay::limits {

namespace {

/// Of shorter windows the rate is enough to know.
constexpr double least_drought_s = 2;

}  // namespace

/// The last refusal of the drought bounds the rate of any bucket; more was taken since than that.
/// REQUIRES: the drought has ended, and all that was sent until `sure` and not refused was taken.
bool rate_search::no_bucket(instant sure) const {
  auto drought_s = seconds(end_->refused - drought_began_);
  if (drought_s < least_drought_s) return false;
  auto got = accepted_until(sure) - end_->accepted;
  return got >= unit() * (4 + 2 * seconds(sure - end_->refused) / drought_s);
}

/// The drought ended when the very first request fell out of a usual sliding window.
bool rate_search::first_is_free() const {
  if (last_end_) return false;
  for (auto usual_s : {10.0, 60.0}) {
    auto free = began_ + from_seconds(usual_s);
    auto drought_s = seconds(end_->refused - drought_began_);
    if (end_->refused < free && end_->taken >= free && seconds(end_->taken - free) < 0.4 &&
        drought_s > 0.3 * usual_s)
      return true;
  }
  return false;
}

/// If as much was in flight at all of its refusals, and less at its end, places came free; else a
/// window did.
void rate_search::leave_drought(instant now) {
  if (most_ - fewest_ <= places_tolerance(fewest_) && end_->in_flight < fewest_) {
    places_.assume(fewest_, now);
    mode_ = mode::places;
    next_ = now;
  } else {
    keep_window(now);
  }
}

/// False if others had used the window up before us, or it is too long ago that we did.
bool rate_search::knows_sends_before(const drought_end& end) const {
  return end.accepted >= unit() && sends_.entries().front().at <= drought_began_;
}

/// The first drought may tell when a window ends, but not how much goes into it: that the next one
/// tells.
void rate_search::keep_window(instant now) {
  auto end = *end_;
  auto used_up = marks_.newest().at > end.taken;
  auto again = last_end_.has_value();
  auto known = again || knows_sends_before(end);
  if (again)
    keep_fixed(end, now);
  else if (known)
    keep_log(end);
  last_end_ = end;
  if (used_up && !again) return begin_drought();
  mode_ = known ? mode::window : mode::ramp;
  next_ = now;
}

void rate_search::keep_log(const drought_end& end) {
  auto first = sends_.entries().front().at;
  auto longest_s = seconds(end.taken - first);
  window_s_ = usual_window(seconds(end.refused - first), longest_s).value_or(longest_s);
  window_amount_ = end.accepted;
  mirror_log(first);
}

/// From what was sent, as far as it is remembered.
void rate_search::mirror_log(instant start) {
  rate_limit limit{counts_, window_amount_, milliseconds(std::llround(window_s_ * 1000)), 1,
                   limit_shape::sliding_log};
  limit.window += window_margin(limit.window);
  const auto& entries = sends_.entries();
  window_ = make_shape(limit, 0, entries.empty() ? start : entries.front().at);
  for (const auto& e : entries)
    if (!e.refused) window_->take(e.cost, e.at);
}

void rate_search::keep_fixed(const drought_end& end, instant now) {
  auto used = accepted_until(now) - end.accepted;
  auto early = end.refused;
  auto late = end.taken + std::chrono::milliseconds(30);
  auto got = std::max(unit(), end.accepted - last_end_->accepted);
  if (!fixed_) {
    auto least_s = seconds(end.refused - last_end_->taken);
    auto most_s = seconds(end.taken - last_end_->refused);
    window_s_ = usual_window(least_s, most_s).value_or((least_s + most_s) / 2);
    window_amount_ = got;
    fixed_ = true;
  } else if (seconds(end.taken - last_end_->taken) < 1.5 * window_s_) {
    window_amount_ = got;
  }
  auto window = from_seconds(window_s_);
  auto windows =
      std::max<std::int64_t>(1, std::llround(seconds(end.taken - last_end_->taken) / window_s_));
  early = std::max(early, last_end_->refused + windows * window);
  late = std::max(
      early, std::min(late, last_end_->taken + windows * window + std::chrono::milliseconds(30)));
  window_ = std::make_unique<phased_window>(window_amount_, window, early, late, used, now);
}

/// ... that a window limits, and when it was whole again.
bool rate_search::sent_before_known(instant t) const {
  return last_end_ && t < last_end_->taken + from_seconds(2.5 * reach_s_);
}

}  // namespace assay::limits
