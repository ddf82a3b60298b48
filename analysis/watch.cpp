#include "analysis/watch.hpp"

#include <algorithm>

namespace assay::analysis {

namespace {

/// A window this much less odd than one that fires is pending.
constexpr double pending_factor = 10;
/// A window as usual as this ends an alarm.
constexpr double usual = 0.05;
constexpr std::size_t group_size = 4;

/// Part of the significance that look number `i` (from 1) may use; all of them sum up to 1.
double part_of_look(std::size_t i) {
  auto x = static_cast<double>(i);
  return 1 / (x * (x + 1));
}

double share(std::size_t part, std::size_t all) {
  return all == 0 ? 0 : static_cast<double>(part) / static_cast<double>(all);
}

/// Of two places that are all there is, either differs as much from the other: the lower one
/// counts.
bool odder(const comparison& a, const comparison& b) {
  constexpr double alike = 1e-9;
  return a.p < b.p * (1 - alike) || (a.p <= b.p * (1 + alike) && a.now < b.now);
}

}  // namespace

std::string_view to_string(watch_state state) {
  constexpr std::string_view names[] = {"quiet", "pending", "firing", "resolved"};
  return names[static_cast<std::size_t>(state)];
}

comparison compare_shares(std::size_t a, std::size_t n, std::size_t b, std::size_t m) {
  return {share(b, m), share(a, n), m, n, fisher_exact(a, n, b, m)};
}

comparison compare_sizes(const size_buckets& now, const size_buckets& before) {
  return {before.mean(), now.mean(), before.count, now.count, rank_sum_p(now, before)};
}

watch_finding judged_once(const comparison& compared, double level) {
  auto state = compared.p <= level                    ? watch_state::firing
               : compared.p <= pending_factor * level ? watch_state::pending
                                                      : watch_state::quiet;
  return {compared, state, {}};
}

// -- states ---------------------------------------------------------------------------------------

bool watch_states::take(const comparison& compared, const std::string& first) {
  auto level = rule_.significance * part_of_look(++tested_);
  auto was = standing_.state;
  auto seen = judged_once(compared, level);
  bool fires = seen.state == watch_state::firing;
  if (was == watch_state::firing && !fires && compared.p < usual) return false;
  bool goes_on = was == watch_state::pending || was == watch_state::firing;
  seen.since = goes_on ? standing_.since : first;
  if (fires) {
    standing_ = std::move(seen);
    return false;
  }
  if (was == watch_state::firing) {
    standing_.state = watch_state::resolved;
    return true;
  }
  if (was == watch_state::resolved) return true;
  standing_ = seen.state == watch_state::pending ? std::move(seen) : watch_finding{};
  return true;
}

// -- streams --------------------------------------------------------------------------------------

void share_watch::add(bool yes, std::string_view label) {
  if (count_++ == 0) first_ = label;
  yes_ += yes;
  if (count_ < rule_.window) return;
  bool normal = normal_count_ == 0 ||
                states_.take(compare_shares(yes_, count_, normal_yes_, normal_count_), first_);
  if (normal) normal_yes_ += yes_, normal_count_ += count_;
  yes_ = count_ = 0;
}

void size_watch::add(double size, std::string_view label) {
  if (open_.count == 0) first_ = label;
  open_.add(size);
  if (open_.count < rule_.window) return;
  bool normal = normal_.count == 0 || states_.take(compare_sizes(open_, normal_), first_);
  if (normal) normal_.add(open_);
  open_ = {};
}

repetition_watch::repetition_watch(const watch_rule& rule)
    : groups_({std::max<std::size_t>(2, rule.window / group_size), rule.significance}) {}

void repetition_watch::add(std::uint64_t text, std::string_view label) {
  if (open_.empty()) first_ = label;
  open_.push_back(text);
  if (open_.size() < group_size) return;
  std::sort(open_.begin(), open_.end());
  groups_.add(std::adjacent_find(open_.begin(), open_.end()) != open_.end(), first_);
  open_.clear();
}

void place_watch::add(const std::string& place, bool yes, std::string_view label) {
  auto [at, fresh] = places_.try_emplace(place);
  if (fresh) at->second.first = label;
  ++at->second.count;
  at->second.yes += yes;
  yes_ += yes;
  if (++seen_ % rule_.window == 0) look();
}

void place_watch::look() {
  if (places_.size() < 2) return;
  auto level = rule_.significance * part_of_look(++looks_) / static_cast<double>(places_.size());
  standing_of_place worst;
  for (auto& [place, t] : places_) {
    auto compared = compare_shares(t.yes, t.count, yes_ - t.yes, seen_ - t.count);
    if (!worst.place.empty() && !odder(compared, worst.finding)) continue;
    worst = {place, judged_once(compared, level)};
    worst.finding.since = t.first;
  }
  auto was = standing_.finding.state;
  if (worst.finding.state != watch_state::firing) {
    if (was == watch_state::resolved) return;
    if (was == watch_state::firing) {
      standing_.finding.state = watch_state::resolved;
      return;
    }
  }
  standing_ = std::move(worst);
}

}  // namespace assay::analysis
