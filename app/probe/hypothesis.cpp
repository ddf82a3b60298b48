#include "app/probe/hypothesis.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace assay::probing {

namespace {

/// Requests reach the API this much earlier or later than the clock says.
constexpr double jitter_s = 0.015;

constexpr double least_error = 0.35;

/// Counts differ from a limiter's by this much for reasons that are not its own.
double count_error(const hypothesis& h, double expected, double spread_s) {
  return least_error + 0.01 * expected + (jitter_s + spread_s) * h.rate;
}

/// The worst that a single volley or a single hint can say against a limiter.
constexpr double worst_count = 10;
constexpr double worst_hint = 1.5;

/// Hints are rounded up to seconds by many APIs.
constexpr double hint_rounding_s = 1.05;

double against(double miss, double error, double worst) {
  return std::min(worst, miss * miss / (2 * error * error));
}

}  // namespace

std::string_view to_string(kind k) {
  static constexpr std::string_view names[kinds] = {"none", "bucket", "fixed_window", "sliding_log",
                                                    "concurrency"};
  return names[static_cast<std::size_t>(k)];
}

std::int64_t standing::window_index(double at_s) const {
  return static_cast<std::int64_t>(std::floor(at_s / h_.window_s - h_.phase));
}

double standing::room(double at_s) const {
  switch (h_.what) {
    case kind::none:
      return std::numeric_limits<double>::infinity();
    case kind::bucket:
      return std::min(h_.amount, level_ + h_.rate * (at_s - last_s_));
    case kind::fixed_window:
      return window_index(at_s) == window_ ? h_.amount - used_ : h_.amount;
    case kind::sliding_log: {
      double left = h_.amount;
      for (const auto& [when, count] : taken_)
        if (when > at_s - h_.window_s) left -= count;
      return left;
    }
    case kind::concurrency:
      return h_.amount;
  }
  return 0;
}

double standing::wait(double at_s) const {
  if (room(at_s) >= 1) return 0;
  if (h_.what == kind::bucket) return (1 - room(at_s)) / h_.rate;
  if (h_.what == kind::fixed_window)
    return (static_cast<double>(window_ + 1) + h_.phase) * h_.window_s - at_s;
  if (h_.what == kind::sliding_log)
    for (const auto& [when, count] : taken_)
      if (when > at_s - h_.window_s) return when + h_.window_s - at_s;
  return 0;
}

void standing::book(const volley& v) {
  auto left = std::max(0.0, room(v.at_s) - v.accepted);
  if (h_.what == kind::bucket) {
    level_ = v.refused() ? std::min(left, 0.999) : left;
    last_s_ = v.at_s;
  } else if (h_.what == kind::fixed_window) {
    window_ = window_index(v.at_s);
    used_ = v.refused() ? h_.amount : h_.amount - left;
  } else if (h_.what == kind::sliding_log) {
    if (v.accepted > 0) taken_.emplace_back(v.at_s, v.accepted);
    while (!taken_.empty() && taken_.front().first <= v.at_s - h_.window_s) taken_.pop_front();
  }
}

log_likelihood explain(const hypothesis& h, const std::vector<volley>& seen) {
  standing limiter(h);
  log_likelihood sum;
  for (const auto& v : seen) {
    sum.before = sum.with;
    auto expected = std::floor(std::min<double>(v.sent, std::max(0.0, limiter.room(v.at_s))));
    auto error = count_error(h, expected, v.spread_s);
    sum.with -= against(expected - v.accepted, error, worst_count) + std::log(error / least_error);
    limiter.book(v);
    if (!v.refused() || !v.retry_after_s || h.what == kind::concurrency) continue;
    auto wait = limiter.wait(v.at_s);
    auto early = *v.retry_after_s - hint_rounding_s - wait, late = wait - *v.retry_after_s;
    sum.with -= against(std::max({0.0, early, late}), 0.1 + 0.1 * *v.retry_after_s, worst_hint);
  }
  return sum;
}

}  // namespace assay::probing
