#include "providers/limits/places_search.hpp"

#include <algorithm>
#include <cmath>

namespace assay::limits {

namespace {

constexpr int near_needed = 15;
/// Refusals closer together than this see the same requests in flight and prove nothing.
constexpr auto least_span = std::chrono::seconds(5);
/// Refusals with fewer requests taken between are one more than places explain.
constexpr int few_between = 30;
constexpr int most_surprises = 4;
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
  if (in_flight < places_) {
    if (in_flight >= places_ - places_tolerance(places_)) ++near_;
  } else if (found()) {
    places_ = found_at_ = in_flight + 1;
    raise_at_ = now + from_seconds(raise_after_s_);
  } else if (in_flight > places_ + places_tolerance(places_)) {
    groups_ = 0;
  }
}

void places_search::refused(int in_flight, instant now) {
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
