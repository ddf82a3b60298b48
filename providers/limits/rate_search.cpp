#include "providers/limits/rate_search.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace assay::limits {

namespace {

constexpr double ramp_start = 40;     ///< requests a second
constexpr double ramp_time_s = 2.13;  ///< in which the ramp grows by e: 1.6 a second
constexpr double shortest_reach_s = 0.15;
/// Each probe of a drought is further from the last by this, until they are this part of it apart.
constexpr double wider = 1.6;
constexpr double part_of_drought = 0.12;
constexpr double widest_s = 60;
constexpr double exact_enough = 0.004;  ///< error of a rate that needs no measuring any more
constexpr double steady_error = 0.03;   ///< error of a rate that explains the refusals
constexpr double overdue = 2.5;
/// Requests that are let come free after a refusal at a rate that is believed.
constexpr double head_room = 3;
constexpr double below = 0.003;      ///< how much below an exact rate is cruised
constexpr double catch_up_s = 0.05;  ///< a send that came late makes up for so much
constexpr double shortest_patience_s = 8;
constexpr double longest_patience_s = 300;

}  // namespace

void rate_search::ramp(instant now, duration answer) {
  mode_ = mode::ramp;
  ramp_speed_ = std::max(1.0, 0.06 / std::max(1e-4, seconds(answer)));
  next_ = now;
}

void rate_search::resume(const known_rate& earlier, instant now) {
  next_ = now;
  if (earlier.shape == limit_shape::bucket) {
    mode_ = mode::paced;
    rate_ = earlier.rate;
    error_ = std::clamp((earlier.high - earlier.low) / (2 * earlier.rate), 0.0, 0.1);
    paced_from_ = now;
    head_start_ = earlier.left;
    burst_ = earlier.burst;
    believed_ = true;
    return;
  }
  mode_ = mode::window;
  window_amount_ = earlier.burst;
  window_s_ = seconds(earlier.window.value_or(std::chrono::minutes(1)));
  mirror_log(now);
}

// -- what was sent --------------------------------------------------------------------------------

double rate_search::accepted_until(instant t) const {
  auto accepted = sends_.total() - sends_.after(t) - refused_;
  const auto& entries = sends_.entries();
  for (auto e = entries.rbegin(); e != entries.rend() && e->at > t; ++e)
    if (e->refused) accepted += e->cost;
  return accepted;
}

double rate_search::unit() const {
  if (counts_ == dimension::requests || requests_ == 0) return 1;
  return std::max(1e-9, sends_.total() / requests_);
}

instant rate_search::resume_at() const {
  if (!group_) return next_;
  auto empty_at = marks_.newest().at;
  if (mode_ == mode::trickle && marks_.accepted_between_last() < unit() / 2)
    return std::max(next_, probe_at());
  if (mode_ == mode::paced && rate_ > 0)
    return std::max(next_, empty_at + from_seconds(std::min(widest_s, 1.3 * unit() / rate_)));
  return next_;
}

double rate_search::wider_spacing() const {
  auto drought_s = seconds(marks_.newest().at - drought_began_);
  return std::clamp(part_of_drought * drought_s, spacing_s_, wider * spacing_s_);
}

/// In a drought also when a usual sliding window would let the first requests go again.
instant rate_search::probe_at() const {
  auto last = marks_.newest().at;
  auto at = last + from_seconds(std::min(widest_s, wider_spacing()));
  for (auto usual_s : {1.0, 10.0, 60.0}) {
    auto free = began_ + from_seconds(usual_s + 0.1);
    if (last < free && free < at) at = free;
  }
  return at;
}

instant rate_search::earliest(double cost, instant now) const {
  auto at = std::max(now, resume_at());
  if (mode_ == mode::window && !group_)
    at = std::max(at, window_->earliest(std::min(cost, window_amount_), now));
  return at;
}

std::optional<int> rate_search::places(instant now) const {
  if (mode_ != mode::places) return {};
  return std::max(1, places_.most(now));
}

void rate_search::sent(double cost, int in_flight, instant now) {
  if (requests_ == 0 && began_ == instant{}) began_ = now;
  if (group_) end_group(now);
  trust_silence(now);
  if (mode_ == mode::trickle && end_ &&
      (no_bucket(now - from_seconds(reach_s_)) || first_is_free()))
    leave_drought(now);
  if (now > next_ + from_seconds(2 * reach_s_)) busy_ = false;
  ++requests_;
  sends_.add(cost, in_flight, now);
  count_sent(cost, now);
}

void rate_search::count_sent(double cost, instant now) {
  auto on_time = std::max(next_, now - from_seconds(catch_up_s));
  switch (mode_) {
    case mode::ramp: {
      auto time_of = [](double n) {
        return ramp_time_s * std::log1p(n / (ramp_start * ramp_time_s));
      };
      next_ = on_time + from_seconds((time_of(requests_) - time_of(requests_ - 1)) / ramp_speed_);
      return;
    }
    case mode::trickle:
      next_ = now;
      if (--left_of_round_ > 0) return;
      left_of_round_ = round_ *= 2;
      next_ = now + from_seconds(reach_s_);
      return;
    case mode::paced:
      if (head_start_ > 0) {
        head_start_ -= cost;
        next_ = now;
        return;
      }
      if (!believed_ && pace_at(now) > 2 * rate_ &&
          error_ < 0.5) {  // far beyond: a new rate from here on
        rate_ *= 2;
        paced_from_ = now;
        patience_s_ = shortest_patience_s;
      }
      next_ = on_time + from_seconds(cost / pace_at(now));
      return;
    case mode::window:  // not all at once: a window may turn out to be another
      window_->take(cost, now);
      next_ = on_time + from_seconds(cost / window_amount_ *
                                     std::min(10 * shortest_reach_s, 0.2 * window_s_));
      return;
    case mode::places:
      next_ = now;
      return;
  }
}

void rate_search::trust_silence(instant now) {
  const auto& entries = sends_.entries();
  trusted_ = std::max(trusted_, sends_.forgotten());
  for (; trusted_ - sends_.forgotten() < entries.size(); ++trusted_) {
    const auto& e = entries[trusted_ - sends_.forgotten()];
    if (e.at + from_seconds(reach_s_) > now) return;
    if (!e.refused) taken(e);
  }
}

void rate_search::taken(const send_log::entry& e) {
  places_.taken(e.in_flight, e.at);
  if (mode_ == mode::places && !places_.supposed() && !places_.found()) mode_ = mode::ramp;
  if (mode_ != mode::trickle || end_ || marks_.empty() || e.at <= marks_.newest().at) return;
  end_ = drought_end{marks_.newest().at, e.at, accepted_until(e.at) - e.cost, e.in_flight};
  if (window_ && seconds(e.at - drought_began_) < 2 * reach_s_)
    mode_ = mode::window;  // no drought, only requests that came closer together than they left
}

// -- refusals -------------------------------------------------------------------------------------

void rate_search::refused(double cost, instant sent, instant now,
                          std::optional<duration> retry_after) {
  trust_silence(now);
  refused_ += cost;
  const auto* entry = sends_.refuse(sent);
  auto in_flight = entry ? entry->in_flight : 0;
  if (mode_ == mode::window && sent_before_known(sent)) window_->settle(cost, sent, now);
  auto seen_s = 1.5 * seconds(now - sent);
  reach_s_ = std::max({shortest_reach_s, seen_s, reach_s_ + 0.1 * (seen_s - reach_s_)});
  next_ = std::max(next_, now + std::max(from_seconds(reach_s_), retry_after.value_or(duration{})));
  if (!marks_.empty() && sent < group_began_) {
    auto at = std::max(sent, marks_.newest().at);
    marks_.correct(at, accepted_until(at));
    group_places_ = std::min(group_places_, in_flight);
    return;
  }
  if (group_) end_group(now);
  group_ = true;
  group_began_ = now;
  group_places_ = in_flight;
  marks_.add({sent, accepted_until(sent), busy_});
  busy_ = true;
}

/// The first send after a group of refusals: now all that belongs to it is known.
void rate_search::end_group(instant now) {
  group_ = false;
  if (!first_mark_) first_mark_ = marks_.newest();
  places_.refused(group_places_, now);
  // At a steady rate just as many are in flight each time.
  auto rate_explains = mode_ == mode::paced && rate_ > 0 && error_ <= steady_error;
  if (places_.found() && !places_.refuted() && !rate_explains) {
    mode_ = mode::places;
    return;
  }
  auto any = marks_.accepted_between_last() >= unit() / 2;
  switch (mode_) {
    case mode::ramp:
      // Before most of what was sent has ended, a burst that is used up looks the same.
      if (!std::exchange(supposed_places_, true) && group_places_ > 1 &&
          accepted_until(now) > 2 * group_places_ * unit()) {
        mode_ = mode::places;
        return places_.suppose(group_places_);
      }
      return begin_drought();
    case mode::trickle:
      if (spacing_s_ == 0) return begin_drought();
      if (any && end_ && no_bucket(marks_.newest().at)) return leave_drought(now);
      if (any) return pace(now);
      spacing_s_ = std::min(widest_s, wider_spacing());
      round_ = left_of_round_ = 1;
      fewest_ = std::min(fewest_, group_places_);
      most_ = std::max(most_, group_places_);
      end_.reset();
      return;
    case mode::paced:
      if (any || (believed_ && first_mark_->at == marks_.newest().at)) return pace(now);
      believed_ = false;
      begin_drought();
      chunk_ = std::max(chunk_,
                        accepted_at_pace_ > 0 ? marks_.newest().accepted - accepted_at_pace_ : 0);
      spacing_s_ = std::max(spacing_s_, 1 / std::max(rate_, 1e-6));
      return;
    case mode::window:
      if (!last_end_) return begin_drought();  // what an earlier search found is not true any more
      if (sent_before_known(marks_.newest().at)) return;
      if (!fixed_ || window_->level(now) < 0.3 * window_amount_) return begin_drought();
      fixed_ = false;  // refused with most of the window left: it frees piece by piece
      return mirror_log(now);
    case mode::places:
      if (!places_.supposed()) begin_drought();
      return;
  }
}

void rate_search::begin_drought() {
  mode_ = mode::trickle;
  drought_began_ = marks_.empty_since(unit());
  spacing_s_ = reach_s_;
  fewest_ = most_ = group_places_;
  round_ = left_of_round_ = 1;
  end_.reset();
}

// -- at a rate ------------------------------------------------------------------------------------

void rate_search::pace(instant now) {
  chunk_ *= 0.98;
  auto found = marks_.rate(std::max(unit(), chunk_));
  accepted_at_pace_ = accepted_before_;
  accepted_before_ = marks_.newest().accepted;
  paced_from_ = marks_.newest().at;
  auto agrees =
      !found || std::abs(found->rate / std::max(rate_, 1e-9) - 1) <= found->error + error_;
  believed_ = believed_ && agrees && !(found && found->error < error_);
  if (believed_) {  // it was probed upwards, so a refusal was to be expected
    patience_s_ = std::min(longest_patience_s, 2 * patience_s_);
  } else if (!found) {
    if (rate_ <= 0) return begin_drought();
    rate_ *= 0.9;
    error_ = std::max(error_, 0.1);
  } else {
    auto exact = error_ <= exact_enough;
    auto moved = std::abs(found->rate / std::max(rate_, 1e-9) - 1) >
                 std::max(0.03, 2 * (found->error + error_));
    if (exact)
      patience_s_ = moved ? shortest_patience_s : std::min(longest_patience_s, 2 * patience_s_);
    rate_ = found->rate;
    error_ = found->error;
  }
  mode_ = mode::paced;
  next_ = believed_ ? now + from_seconds(head_room * unit() / rate_) : now;
}

/// Above the rate while it is measured; later so that after `patience` about 1.5 requests more have
/// been sent than came free.
double rate_search::pace_at(instant now) const {
  auto exact = error_ <= exact_enough;
  auto base = exact ? 1 - below : 1 + 1.3 * error_;
  // So far above the rate that was found, the next refusal is due after 1 / (1.3 error) requests.
  auto overdue_s = overdue * unit() / (std::max(error_, 1e-9) * rate_);
  auto patience_s = exact ? patience_s_ : std::clamp(overdue_s, 1.0, patience_s_);
  auto growth_s = patience_s / 4.5;
  auto part = (1.5 * unit() / rate_ + below * patience_s) / (growth_s * 89);
  return rate_ * (base + part * std::expm1(std::min(20.0, seconds(now - paced_from_) / growth_s)));
}

std::optional<known_rate> rate_search::found(instant) const {
  known_rate f;
  f.counts = counts_;
  f.source = knowledge::learned;
  if (mode_ == mode::window) {
    f.shape = fixed_ ? limit_shape::fixed_window : limit_shape::sliding_log;
    f.rate = f.low = f.high = window_amount_ / window_s_;
    f.burst = window_amount_;
    f.window = from_seconds(window_s_);
    return f;
  }
  if (rate_ <= 0 || mode_ == mode::places) return {};
  f.rate = rate_;
  f.low = rate_ * (1 - error_);
  f.high = rate_ * (1 + error_);
  if (burst_ > 0)
    f.burst = burst_;
  else if (first_mark_)
    f.burst = std::max(unit(), first_mark_->accepted - rate_ * seconds(first_mark_->at - began_));
  return f;
}

}  // namespace assay::limits
