#include "providers/limits/places_search.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace assay::limits {

namespace {

constexpr int near_needed = 15;
/// Refusals closer together than this see the same requests in flight and prove nothing.
constexpr auto least_span = std::chrono::seconds(5);
/// Refusals with fewer requests taken between are one more than places explain.
constexpr int few_between = 30;
constexpr int most_surprises = 4;
constexpr int soon_again = 3;
constexpr double longest_raise_s = 960;

}  // namespace

int places_tolerance(int in_flight) {
  return std::max(2, static_cast<int>(std::lround(0.08 * in_flight)));
}

bool places_search::found() const { return groups_ >= groups_needed_ && near_ >= near_needed; }

void places_search::begin_anew(int in_flight) {
  places_ = in_flight;
  groups_ = 1;
  near_ = between_ = surprises_ = 0;
}

int places_search::most(instant now) const {
  if (supposed_) return places_ + (between_ > 2 * places_ ? places_tolerance(places_) + 1 : 0);
  return places_ + (now >= raise_at_ ? 1 : 0);
}

void places_search::suppose(int in_flight) {
  begin_anew(in_flight);
  supposed_ = true;
}

void places_search::refused_as_supposed(int in_flight, instant now) {
  auto soon = std::exchange(between_, 0) < std::max(4, places_ / 2);
  surprises_ = soon ? surprises_ + 1 : 0;
  supposed_ = in_flight >= places_ - places_tolerance(places_) && surprises_ < soon_again;
  places_ = std::min(places_, in_flight);
  if (!supposed_) return begin_anew(in_flight);
  if (soon || ++groups_ < groups_needed_) return;
  supposed_ = false;
  assume(places_, now);
}

void places_search::assume(int in_flight, instant now) {
  begin_anew(in_flight);
  groups_ = groups_needed_;
  near_ = near_needed;
  found_at_ = in_flight;
  raise_at_ = now + from_seconds(raise_after_s_);
}

void places_search::taken(int in_flight, instant now) {
  if (groups_ == 0) return;
  ++between_;
  if (supposed_) {
    if (in_flight < places_ + places_tolerance(places_)) return;
    supposed_ = false;
    groups_ = 0;
  } else if (in_flight < places_) {
    if (in_flight >= places_ - places_tolerance(places_)) ++near_;
  } else if (found()) {
    places_ = found_at_ = in_flight + 1;
    raise_at_ = now + from_seconds(raise_after_s_);
  } else if (in_flight > places_ + places_tolerance(places_)) {
    groups_ = 0;
  }
}

void places_search::refused(int in_flight, instant now) {
  if (supposed_) return refused_as_supposed(in_flight, now);
  if (found()) {
    surprises_ = between_ < few_between ? surprises_ + 1 : 0;
    between_ = 0;
    places_ = std::min(places_, in_flight);
    raise_at_ = now + from_seconds(raise_after_s_);
    raise_after_s_ = std::min(longest_raise_s, 2 * raise_after_s_);
    return;
  }
  if (groups_ == 0 || std::abs(in_flight - places_) > places_tolerance(places_)) {
    begin_anew(in_flight);
    first_group_ = now;
    return;
  }
  places_ = std::min(places_, in_flight);
  auto apart = between_ >= std::max(4, places_ / 10);
  auto last_needed = groups_ + 1 >= groups_needed_;
  if (!apart || (last_needed && now - first_group_ < least_span)) return;
  between_ = 0;
  ++groups_;
  found_at_ = places_;
}

bool places_search::refuted() {
  auto lowered = places_ < found_at_ - places_tolerance(found_at_);
  if (surprises_ < most_surprises && !lowered && places_ > 0) return false;
  groups_needed_ = std::min(1 << 20, 4 * groups_needed_);
  groups_ = near_ = surprises_ = 0;
  return true;
}

}  // namespace assay::limits
