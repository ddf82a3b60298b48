#include "analysis/lower_bound.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <utility>

namespace assay::analysis {

namespace {

constexpr double unbounded = std::numeric_limits<double>::infinity();

/// A ramp that adds less than this to the time of a full house is not named as what binds.
constexpr double ramp_worth_naming = 1.01;

/// The smallest t in [0, high] with `holds(t)`, which is monotone and holds at `high`.
double first_moment(double high, const std::function<bool(double)>& holds) {
  double low = 0;
  if (holds(low)) return low;
  for (int i = 0; i < 100 && high - low > 1e-12 * high; ++i) {
    const double middle = low + (high - low) / 2;
    (holds(middle) ? high : low) = middle;
  }
  return high;
}

double rate_of(const rate_limit& limit) { return limit.amount / seconds(limit.window); }

/// A(t), the most that a limit can have let in by `t`: B + r t for a bucket, L (floor(t / W) + 1)
/// for windows (a sliding log can do no better than a window that opens with the first send).
double admitted_by(const rate_limit& limit, double t) {
  if (limit.shape == limit_shape::bucket) return limit.burst + rate_of(limit) * t;
  return limit.amount * (std::floor(t / seconds(limit.window)) + 1);
}

/// a(x), the inverse: max(0, (x - B) / r) for a bucket, W (ceil(x / L) - 1) for windows.
double earliest_of(const rate_limit& limit, double x) {
  if (limit.shape == limit_shape::bucket) return std::max(0.0, (x - limit.burst) / rate_of(limit));
  return seconds(limit.window) * std::max(0.0, std::ceil(x / limit.amount) - 1);
}

/// Integral of min(C, A(s)) over s from 0 to `t`: the service time that can have been rendered by
/// then if no more requests are in flight than `cap`, nor than were let in.
double service_by(const rate_limit& limit, double cap, double t) {
  if (limit.shape == limit_shape::bucket) {
    if (cap <= limit.burst) return cap * t;
    const double rising = std::min(t, (cap - limit.burst) / rate_of(limit));
    const double served = limit.burst * rising + rate_of(limit) * rising * rising / 2;
    return rising < t ? served + cap * (t - rising) : served;
  }
  const double window = seconds(limit.window);
  const double whole = std::floor(t / window);
  const double rising = std::min(whole, std::floor(cap / limit.amount));
  double served = window * limit.amount * rising * (rising + 1) / 2;
  if (rising < whole) served += window * cap * (whole - rising);
  return served + (t - whole * window) * std::min(cap, limit.amount * (whole + 1));
}

double charge(const served_task& task, dimension counts) {
  switch (counts) {
    case dimension::tokens:
      return task.tokens;
    case dimension::input_tokens:
      return task.input_tokens;
    case dimension::output_tokens:
      return task.output_tokens;
    default:
      return 1;
  }
}

/// One kind of limit over one or several accounts: the sum over the accounts of the tightest of
/// each account's limits of that kind.
struct pooled_limit {
  struct account {
    std::vector<const rate_limit*> limits;
    double cap = unbounded;
  };
  dimension counts = dimension::requests;
  std::string name;
  std::vector<account> accounts;

  double admitted(double t) const {
    double sum = 0;
    for (const auto& a : accounts) {
      double least = unbounded;
      for (const auto* limit : a.limits) least = std::min(least, admitted_by(*limit, t));
      sum += least;
    }
    return sum;
  }

  /// The first account alone is an upper end for the search over the sum.
  double earliest(double x) const {
    double alone = 0;
    for (const auto* limit : accounts.front().limits)
      alone = std::max(alone, earliest_of(*limit, x));
    if (accounts.size() == 1) return alone;
    return first_moment(alone, [&](double t) { return admitted(t) >= x; });
  }

  double service(double t) const {
    double sum = 0;
    for (const auto& a : accounts) {
      double least = unbounded;
      for (const auto* limit : a.limits) least = std::min(least, service_by(*limit, a.cap, t));
      sum += least;
    }
    return sum;
  }
};

double cap_of(const limit_settings& account) {
  return account.max_parallel > 0 ? account.max_parallel : unbounded;
}

bool limits_anything(const rate_limit& limit) {
  return limit.amount > 0 && limit.window.count() > 0 && limit.counts != dimension::concurrency;
}

/// Every limit of a single account on its own.
std::vector<pooled_limit> limits_of(const limit_settings& account) {
  std::vector<pooled_limit> all;
  for (const auto& limit : account.rates)
    if (limits_anything(limit))
      all.push_back({limit.counts, limit.key, {{{&limit}, cap_of(account)}}});
  return all;
}

/// One pooled limit for each kind that every account has.
std::vector<pooled_limit> limits_of(const std::vector<limit_settings>& accounts) {
  if (accounts.size() == 1) return limits_of(accounts.front());
  std::vector<pooled_limit> all;
  for (auto counts : {dimension::requests, dimension::tokens, dimension::input_tokens,
                      dimension::output_tokens}) {
    pooled_limit pooled{counts, {}, {}};
    for (const auto& account : accounts) {
      pooled_limit::account own{{}, cap_of(account)};
      for (const auto& limit : account.rates)
        if (limits_anything(limit) && limit.counts == counts) own.limits.push_back(&limit);
      if (own.limits.empty()) break;
      if (pooled.name.find(own.limits.front()->key) == std::string::npos)
        pooled.name += (pooled.name.empty() ? "" : "/") + own.limits.front()->key;
      pooled.accounts.push_back(std::move(own));
    }
    if (pooled.accounts.size() == accounts.size()) all.push_back(std::move(pooled));
  }
  return all;
}

void raise(bound& best, double seconds, const std::string& binds) {
  if (std::isfinite(seconds) && seconds > best.seconds) best = {seconds, binds};
}

/// LB1 and LB2: max over k of a(c_1 + ... + c_k) + q_k, tasks sorted by service time, longest
/// first. Whichever of the k longest is admitted last cannot be admitted before a(their whole
/// cost), and takes at least q_k from there. For unit costs this is the exact optimum of one
/// limiter.
double rate_and_tail(const pooled_limit& limit, const std::vector<served_task>& longest_first) {
  double best = 0;
  double cost = 0;
  for (const auto& task : longest_first) {
    cost += charge(task, limit.counts);
    best = std::max(best, limit.earliest(cost) + task.service_s);
  }
  return best;
}

/// LB3: max(sum q / C, q_1, q_C + q_(C+1)). Of the C + 1 longest, two share a place.
void raise_by_concurrency(bound& best, double cap, double total_service,
                          const std::vector<served_task>& longest_first) {
  raise(best, longest_first.front().service_s, "longest answer");
  if (cap == unbounded) return;
  raise(best, total_service / cap, "max_parallel");
  const auto c = static_cast<std::size_t>(cap);
  if (c < longest_first.size())
    raise(best, longest_first[c - 1].service_s + longest_first[c].service_s, "max_parallel");
}

/// LB4: the smallest T by which min(C, A(s)), integrated from 0 to T, reaches the sum of all q.
double ramp_and_concurrency(const pooled_limit& limit, double total_service) {
  double high = 1;
  while (limit.service(high) < total_service && high < 1e12) high *= 2;
  return first_moment(high, [&](double t) { return limit.service(t) >= total_service; });
}

}  // namespace

limit_settings over_addresses(limit_settings account, std::size_t addresses) {
  const auto& each = account.each_address;
  auto n = static_cast<double>(addresses);
  for (auto rate : each.rates) {
    rate.amount *= n;
    rate.burst *= n;
    if (addresses > 1) rate.key += " of " + std::to_string(addresses);
    account.rates.push_back(std::move(rate));
  }
  if (!each.max_parallel) return account;
  auto most = *each.max_parallel * static_cast<int>(addresses);
  account.max_parallel = account.max_parallel > 0 ? std::min(account.max_parallel, most) : most;
  return account;
}

bound lower_bound(const limit_settings& account, std::vector<served_task> tasks) {
  return lower_bound(std::vector<limit_settings>{account}, std::move(tasks));
}

bound lower_bound(const std::vector<limit_settings>& accounts, std::vector<served_task> tasks) {
  bound best;
  if (tasks.empty()) return best;
  std::sort(tasks.begin(), tasks.end(),
            [](const auto& a, const auto& b) { return a.service_s > b.service_s; });
  double total_service = 0;
  for (const auto& task : tasks) total_service += task.service_s;
  double cap = 0;
  for (const auto& account : accounts) cap += cap_of(account);
  if (accounts.empty()) cap = unbounded;
  raise_by_concurrency(best, cap, total_service, tasks);
  for (const auto& limit : accounts.empty() ? std::vector<pooled_limit>{} : limits_of(accounts)) {
    raise(best, rate_and_tail(limit, tasks), limit.name);
    // Only requests are counted one each, as places in flight are.
    if (limit.counts != dimension::requests) continue;
    const double ramped = ramp_and_concurrency(limit, total_service);
    const bool ramp_matters = ramped > ramp_worth_naming * total_service / cap;
    raise(best, ramped, ramp_matters ? limit.name + " with max_parallel" : "max_parallel");
  }
  return best;
}

}  // namespace assay::analysis
