#include "providers/simulated/admission.hpp"

#include <algorithm>

#include "providers/simulated/wire_text.hpp"

namespace assay::simulated {

namespace {

constexpr std::chrono::hours day{24};

double share(const request_cost& cost, dimension counts) {
  switch (counts) {
    case dimension::requests:
      return 1;
    case dimension::tokens:
      return cost.input_tokens + cost.output_tokens;
    case dimension::input_tokens:
      return cost.input_tokens;
    case dimension::output_tokens:
      return cost.output_tokens;
    case dimension::concurrency:
      break;
  }
  return 0;
}

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

}  // namespace

admission::admission(const limit_settings& settings, instant start)
    : max_parallel_(settings.max_parallel) {
  for (const auto& limit : settings.rates) {
    if (limit.counts == dimension::concurrency) continue;
    auto state = limits::make_shape(limit, 0, start);
    const double capacity = state->level(start);
    limiters_.push_back({limit, capacity, std::move(state)});
  }
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

std::optional<rejection> admission::ask(const request_cost& cost, instant now) {
  std::optional<rejection> worst;
  for (const auto& l : limiters_) {
    auto no = rejected_by(l, share(cost, l.limit.counts), now);
    if (!no) continue;
    if (no->why == failure::too_large) return no;
    if (!worst || *no->retry_after > *worst->retry_after) worst = std::move(no);
  }
  if (worst) return worst;
  if (max_parallel_ > 0 && in_flight_ >= max_parallel_) return too_parallel(max_parallel_);
  for (auto& l : limiters_) l.state->take(share(cost, l.limit.counts), now);
  ++in_flight_;
  return {};
}

void admission::release() { in_flight_ = std::max(0, in_flight_ - 1); }

std::vector<limit_level> admission::levels(instant now, const time_anchor& calendar) const {
  std::vector<limit_level> levels;
  for (const auto& l : limiters_) {
    const bool known = std::any_of(levels.begin(), levels.end(), [&](const limit_level& other) {
      return other.counts == l.limit.counts;
    });
    if (known) continue;
    const auto whole = std::max(now, l.state->earliest(l.capacity, now));
    levels.push_back({l.limit.counts, l.capacity, std::max(0.0, l.state->level(now)), whole - now,
                      calendar.unix_ns(whole) / 1'000'000'000});
  }
  return levels;
}

}  // namespace assay::simulated
