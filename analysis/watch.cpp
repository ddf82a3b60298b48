#include "analysis/watch.hpp"

#include <algorithm>
#include <cmath>

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

double log_choose(std::size_t n, std::size_t k) {
  auto x = static_cast<double>(n), y = static_cast<double>(k);
  return std::lgamma(x + 1) - std::lgamma(y + 1) - std::lgamma(x - y + 1);
}

double share(std::size_t part, std::size_t all) {
  return all == 0 ? 0 : static_cast<double>(part) / static_cast<double>(all);
}

/// Two-sided p of the rank sum of `now` among all values, normal with correction for ties and
/// continuity.
double rank_sum_p(const std::map<int, std::size_t>& now, double n,
                  const std::map<int, std::size_t>& before, double m) {
  auto all = before;
  for (auto [bucket, count] : now) all[bucket] += count;
  double rank_sum = 0, ties = 0, below = 0;
  for (auto [bucket, count] : all) {
    auto here = static_cast<double>(count);
    if (auto mine = now.find(bucket); mine != now.end())
      rank_sum += static_cast<double>(mine->second) * (below + (here + 1) / 2);
    ties += here * here * here - here;
    below += here;
  }
  auto total = n + m;
  auto variance = n * m / 12 * (total + 1 - ties / (total * (total - 1)));
  if (variance <= 0) return 1;
  auto off = std::max(0.0, std::fabs(rank_sum - n * (total + 1) / 2) - 0.5);
  return std::erfc(off / std::sqrt(2 * variance));
}

}  // namespace

double fisher_exact(std::size_t a, std::size_t n, std::size_t b, std::size_t m) {
  if (n == 0 || m == 0) return 1;
  auto yes = a + b;
  auto least = yes > m ? yes - m : 0, most = std::min(n, yes);
  auto all = log_choose(n + m, yes);
  double lower = 0, upper = 0;
  for (auto k = least; k <= most; ++k) {
    auto chance = std::exp(log_choose(n, k) + log_choose(m, yes - k) - all);
    if (k <= a) lower += chance;
    if (k >= a) upper += chance;
  }
  return std::min(1.0, 2 * std::min(lower, upper));
}

std::string_view to_string(watch_state state) {
  constexpr std::string_view names[] = {"quiet", "pending", "firing", "resolved"};
  return names[static_cast<std::size_t>(state)];
}

// -- states ---------------------------------------------------------------------------------------

bool watch_states::take(const watch_finding& compared) {
  auto level = rule_.significance * part_of_look(++tested_);
  auto was = standing_.state;
  bool fires = compared.p <= level;
  if (was == watch_state::firing && !fires && compared.p < usual) return false;
  auto since =
      was == watch_state::pending || was == watch_state::firing ? standing_.since : compared.since;
  if (fires) {
    standing_ = compared;
    standing_.state = watch_state::firing;
    standing_.since = since;
    return false;
  }
  if (was == watch_state::firing) {
    standing_.state = watch_state::resolved;
    return true;
  }
  if (was == watch_state::resolved) return true;
  bool odd = compared.p <= pending_factor * level;
  standing_ = odd ? compared : watch_finding{};
  if (odd) standing_.state = watch_state::pending, standing_.since = since;
  return true;
}

void share_watch::add(bool yes) {
  ++seen_;
  ++count_;
  yes_ += yes;
  if (count_ < rule_.window) return;
  bool normal = true;
  if (normal_count_ > 0)
    normal = states_.take({watch_state::quiet, seen_ - count_, share(normal_yes_, normal_count_),
                           share(yes_, count_), normal_count_, count_,
                           fisher_exact(yes_, count_, normal_yes_, normal_count_)});
  if (normal) normal_yes_ += yes_, normal_count_ += count_;
  yes_ = count_ = 0;
}

void size_watch::add(double size) {
  ++seen_;
  ++open_.buckets[static_cast<int>(std::lround(8 * std::log2(1 + std::max(0.0, size))))];
  ++open_.count;
  open_.sum += size;
  if (open_.count < rule_.window) return;
  auto n = static_cast<double>(open_.count), m = static_cast<double>(normal_.count);
  bool normal = true;
  if (normal_.count > 0)
    normal = states_.take({watch_state::quiet, seen_ - open_.count, normal_.sum / m, open_.sum / n,
                           normal_.count, open_.count,
                           rank_sum_p(open_.buckets, n, normal_.buckets, m)});
  if (normal) {
    for (auto [bucket, count] : open_.buckets) normal_.buckets[bucket] += count;
    normal_.count += open_.count;
    normal_.sum += open_.sum;
  }
  open_ = {};
}

repetition_watch::repetition_watch(const watch_rule& rule)
    : groups_({std::max<std::size_t>(2, rule.window / group_size), rule.significance}) {}

void repetition_watch::add(std::uint64_t text) {
  open_.push_back(text);
  if (open_.size() < group_size) return;
  std::sort(open_.begin(), open_.end());
  groups_.add(std::adjacent_find(open_.begin(), open_.end()) != open_.end());
  open_.clear();
}

watch_finding repetition_watch::standing() const {
  auto found = groups_.standing();
  found.since *= group_size;
  return found;
}

void place_watch::add(const std::string& place, bool yes) {
  auto [at, fresh] = places_.try_emplace(place);
  if (fresh) at->second.first = seen_;
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
    auto others = seen_ - t.count, others_yes = yes_ - t.yes;
    auto p = fisher_exact(t.yes, t.count, others_yes, others);
    if (p >= worst.finding.p && !worst.place.empty()) continue;
    worst = {place,
             {watch_state::quiet, t.first, share(others_yes, others), share(t.yes, t.count), others,
              t.count, p}};
  }
  bool fired = standing_.finding.state == watch_state::firing;
  if (worst.finding.p <= level)
    worst.finding.state = watch_state::firing;
  else if (fired)
    worst = standing_, worst.finding.state = watch_state::resolved;
  else if (standing_.finding.state == watch_state::resolved)
    return;
  else if (worst.finding.p <= pending_factor * level)
    worst.finding.state = watch_state::pending;
  standing_ = std::move(worst);
}

}  // namespace assay::analysis
