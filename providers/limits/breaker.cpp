#include "providers/limits/breaker.hpp"

#include <algorithm>

namespace assay::limits {

namespace {

/// The last round of probes; when all of it came back alive, the breaker closes.
constexpr int last_round = 8;

std::int64_t second_of(instant t) {
  return std::chrono::floor<std::chrono::seconds>(t.time_since_epoch()).count();
}

}  // namespace

sign sign_of(error_class kind) {
  if (is_api_failure(kind)) return sign::failed;
  switch (kind) {
    case error_class::none:
    case error_class::refusal:
    case error_class::content_filtered:
      return sign::alive;
    default:
      return sign::none;
  }
}

breaker::state breaker::at(instant now) const {
  if (!open_until_) return state::closed;
  return now < *open_until_ ? state::open : state::half_open;
}

instant breaker::earliest(instant now) const {
  switch (at(now)) {
    case state::open:
      return *open_until_;
    case state::half_open:
      return probes_started_ < probes_allowed_ ? now : instant::max();
    case state::closed:
      break;
  }
  return now;
}

void breaker::started(instant now) {
  if (at(now) == state::half_open) ++probes_started_;
}

void breaker::result(sign s, instant started, instant now, std::optional<duration> retry_after) {
  switch (at(now)) {
    case state::closed:
      if (started < closed_at_) return;
      count(s, now);
      if (s == sign::failed && failing(now)) open(now, retry_after);
      return;
    case state::half_open:
      if (started >= *open_until_) probe_ended(s, now, retry_after);
      return;
    case state::open:
      return;
  }
}

void breaker::probe_ended(sign s, instant now, std::optional<duration> retry_after) {
  switch (s) {
    case sign::failed:
      if (++probes_failed_ > policy_.failure_part * probes_allowed_ || retry_after)
        return open(now, retry_after);
      break;
    case sign::none:  // says nothing: another one takes its place
      --probes_started_;
      return;
    case sign::alive:
      ++probes_alive_;
      break;
  }
  if (probes_alive_ + probes_failed_ < probes_allowed_) return;
  probes_started_ = probes_alive_ = probes_failed_ = 0;
  probes_allowed_ *= 2;
  if (probes_allowed_ <= last_round) return;
  open_until_.reset();
  closed_at_ = now;
  recent_ = {};
  in_a_row_ = 0;
}

void breaker::count(sign s, instant now) {
  if (s == sign::none) return;
  if (s == sign::alive) in_a_row_ = 0;
  if (s == sign::failed && ++in_a_row_ == 1) row_began_ = now;
  auto second = second_of(now);
  auto& slot = recent_[static_cast<std::size_t>(second % slots)];
  if (slot.second != second) slot = {second, 0, 0};
  ++(s == sign::alive ? slot.alive : slot.failed);
}

bool breaker::failing(instant now) const {
  if (in_a_row_ >= policy_.least_in_a_row && now - row_began_ >= policy_.in_a_row_for) return true;
  auto oldest = second_of(now) - slots + 1;
  int alive = 0;
  int failed = 0;
  for (const auto& slot : recent_) {
    if (slot.second < oldest) continue;
    alive += slot.alive;
    failed += slot.failed;
  }
  auto all = alive + failed;
  return all >= policy_.least_results && failed >= policy_.failure_part * all;
}

void breaker::open(instant now, std::optional<duration> retry_after) {
  auto was_well = !open_until_ && now - closed_at_ >= std::chrono::seconds(slots);
  openings_ = was_well ? 1 : openings_ + 1;
  auto wait = policy_.first_open;
  for (int i = 1; i < openings_ && wait < policy_.longest_open; ++i) wait *= 2;
  open_until_ = now + retry_after.value_or(std::min(wait, policy_.longest_open));
  probes_allowed_ = 1;
  probes_started_ = probes_alive_ = probes_failed_ = 0;
}

}  // namespace assay::limits
