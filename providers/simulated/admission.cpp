#include "providers/simulated/admission.hpp"

#include <algorithm>
#include <array>

#include "providers/simulated/wire_text.hpp"

namespace assay::simulated {

namespace {

constexpr std::chrono::hours day{24};

const char* unit(dimension counts) {
  switch (counts) {
    case dimension::requests:
      return "requests";
    case dimension::input_tokens:
      return "input tokens";
    case dimension::output_tokens:
      return "output tokens";
    default:
      return "tokens";
  }
}

/// `requests per min`, `tokens per day`, `requests per 10s`.
std::string name_of(const rate_limit& limit) {
  const auto text = std::string(unit(limit.counts)) + " per ";
  if (limit.window == std::chrono::minutes(1)) return text + "min";
  if (limit.window == day) return text + "day";
  return text + print_go_duration(limit.window);
}

rejection too_parallel(int cap) {
  rejection no;
  no.why = failure::rate_limited;
  no.counts = dimension::concurrency;
  no.limit = cap;
  no.retry_after = std::chrono::seconds(1);
  no.message = "Rate limit reached for concurrency: Limit " + std::to_string(cap) + ", Used " +
               std::to_string(cap) + ". Please try again in 1s.";
  return no;
}

/// 600 a minute in slices of a second are 10 in each second.
rate_limit sliced(rate_limit limit, milliseconds slice) {
  if (slice.count() == 0 || slice >= limit.window) return limit;
  limit.amount *= seconds(slice) / seconds(limit.window);
  limit.window = slice;
  limit.shape = limit_shape::fixed_window;
  return limit;
}

}  // namespace

admission::admission(const limit_settings& settings, instant start, const limiter_habits& habits)
    : start_(start),
      habits_(habits),
      each_address_(settings.each_address),
      account_(make_scope(settings.rates, settings.max_parallel, start)) {}

admission::scope admission::make_scope(const std::vector<rate_limit>& rates, int most,
                                       instant at) const {
  scope s;
  s.most = most;
  for (const auto& stated : rates) {
    if (stated.counts == dimension::concurrency) continue;
    const auto limit = sliced(stated, habits_.slice);
    auto state = untouched(limit, at);
    const double capacity = state->level(at);
    s.limiters.push_back({limit, capacity, std::move(state), at});
  }
  return s;
}

admission::scope& admission::address(const std::string& from, instant now) {
  auto known = addresses_.find(from);
  if (known == addresses_.end())
    known = addresses_
                .emplace(from, make_scope(each_address_.rates,
                                          each_address_.max_parallel.value_or(0), now))
                .first;
  return known->second;
}

/// Windows of a changed limit keep their borders.
std::unique_ptr<limits::shape> admission::untouched(const rate_limit& limit, instant at) const {
  const auto windows = limit.shape == limit_shape::fixed_window;
  return limits::make_shape(limit, 0, windows ? start_ - habits_.phase : at);
}

void admission::advance(scope& s, instant now) const {
  const auto change = start_ + habits_.change_at;
  const bool changes = !s.changed && habits_.change_at.count() > 0 && now >= change;
  for (auto& l : s.limiters) {
    if (changes) {
      serve_other(l, change);
      change_limit(l, change);
    }
    serve_other(l, now);
  }
  s.changed = s.changed || changes;
}

/// The other client takes a whole request at a time, or tenths of a second's worth of more.
void admission::serve_other(limiter& l, instant until) const {
  const double rate = habits_.other_share * l.limit.amount / seconds(l.limit.window);
  if (rate <= 0) return;
  const double step_s = std::max(0.1, 1 / rate);
  for (; l.other_next <= until; l.other_next += from_seconds(step_s)) {
    const auto within = (l.other_next - start_) % duration(habits_.other_cycle);
    if (within >= habits_.other_cycle / 2) l.state->settle(-rate * step_s, l.other_next);
  }
}

/// What was used stays used, as far as the new limit has so much.
void admission::change_limit(limiter& l, instant at) const {
  const double used = l.capacity - l.state->level(at);
  l.limit.amount *= habits_.change_factor;
  l.limit.burst = std::max(1.0, l.limit.burst * habits_.change_factor);
  l.state = untouched(l.limit, at);
  l.capacity = l.state->level(at);
  l.state->settle(-std::clamp(used, 0.0, l.capacity), at);
}

std::optional<rejection> admission::rejected_by(const limiter& l, double cost, instant now) const {
  const auto at = l.state->earliest(cost, now);
  if (at <= now) return {};
  rejection no;
  no.counts = l.limit.counts;
  no.limit = l.limit.amount;
  no.per_day = l.limit.window >= day;
  const double used = std::max(0.0, l.capacity - l.state->level(now));
  const auto figures = name_of(l.limit) + ": Limit " + print_amount(l.limit.amount) + ", Used " +
                       print_amount(used) + ", Requested " + print_amount(cost) + ".";
  if (at == instant::max()) {
    no.why = failure::too_large;
    no.message = "Request too large for model on " + figures;
    return no;
  }
  no.why = failure::rate_limited;
  no.retry_after = at - now;
  no.message = "Rate limit reached on " + figures + " Please try again in " +
               print_go_duration(at - now) + ".";
  return no;
}

void admission::charge_rejected(scope& s, const limits::charge& cost, instant now) {
  for (auto& l : s.limiters) {
    const auto left = std::max(0.0, l.state->level(now));
    l.state->settle(-std::min(limits::amount(cost, l.limit.counts), left), now);
  }
}

std::optional<rejection> admission::ask(const limits::charge& cost, instant now,
                                        const std::string& from) {
  const std::array scopes{&account_, &address(from, now)};
  std::optional<rejection> worst;
  for (auto* s : scopes) {
    advance(*s, now);
    for (const auto& l : s->limiters) {
      auto no = rejected_by(l, limits::amount(cost, l.limit.counts), now);
      if (!no) continue;
      if (no->why == failure::too_large) return no;
      if (!worst || *no->retry_after > *worst->retry_after) worst = std::move(no);
    }
  }
  for (auto* s : scopes)
    if (worst && habits_.rejected_count) charge_rejected(*s, cost, now);
  if (worst) return worst;
  for (const auto* s : scopes)
    if (s->most > 0 && s->in_flight >= s->most) return too_parallel(s->most);
  for (auto* s : scopes) {
    for (auto& l : s->limiters) l.state->take(limits::amount(cost, l.limit.counts), now);
    ++s->in_flight;
  }
  return {};
}

void admission::release(const std::string& from) {
  auto there = addresses_.find(from);
  if (there == addresses_.end()) return;
  for (auto* s : {&account_, &there->second}) s->in_flight = std::max(0, s->in_flight - 1);
}

std::vector<limit_level> admission::levels(instant now, const time_anchor& calendar,
                                           const std::string& from) {
  std::vector<limit_level> levels;
  for (auto* s : {&account_, &address(from, now)}) {
    advance(*s, now);
    for (const auto& l : s->limiters) {
      const bool known = std::any_of(levels.begin(), levels.end(), [&](const limit_level& other) {
        return other.counts == l.limit.counts;
      });
      if (known) continue;
      const auto whole = std::max(now, l.state->earliest(l.capacity, now));
      levels.push_back({l.limit.counts, l.capacity, std::max(0.0, l.state->level(now)), whole - now,
                        calendar.unix_ns(whole) / 1'000'000'000});
    }
  }
  return levels;
}

}  // namespace assay::simulated
