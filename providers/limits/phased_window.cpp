#include "providers/limits/phased_window.hpp"

#include <algorithm>

namespace assay::limits {

phased_window::phased_window(double amount, duration window, instant early, instant late,
                             double used, instant now)
    : amount_(amount), window_(window), begin_(late), used_(used) {
  align(early, late, now);
}

instant phased_window::begin_of(instant now) const {
  auto windows = (now - begin_) / window_;
  if (begin_ + windows * window_ > now) --windows;  // division rounds towards zero
  return begin_ + windows * window_;
}

double phased_window::used(instant now) const {
  auto begin = begin_of(now);
  if (begin <= begin_) return used_;
  return begin == begin_ + window_ ? carried_ : 0;
}

void phased_window::roll(instant now) {
  auto begin = begin_of(now);
  if (begin <= begin_) return;
  used_ = used(now);
  carried_ = 0;
  begin_ = begin;
}

instant phased_window::earliest(double cost, instant now) const {
  if (!(cost <= amount_)) return instant::max();
  if (used(now) + cost <= amount_) return now;
  auto next = begin_of(now) + window_;
  auto carried = begin_of(now) <= begin_ ? carried_ : 0;
  return carried + cost <= amount_ ? next : next + window_;
}

void phased_window::take(double cost, instant now) {
  roll(now);
  used_ += cost;
  if (now >= begin_ + window_ - overlap_) carried_ += cost;
}

void phased_window::settle(double surplus, instant now) { settle(surplus, now, now); }

void phased_window::settle(double surplus, instant taken, instant now) {
  roll(now);
  if (surplus >= 0 && taken < begin_) return;
  used_ = std::max(0.0, used_ - surplus);
  carried_ = std::min(carried_, used_);
}

void phased_window::align(instant early, instant late, instant now) {
  roll(now);
  begin_ = late;
  begin_ = begin_of(now);
  overlap_ = std::min<duration>(late - early + transit_spread, window_);
}

}  // namespace assay::limits
