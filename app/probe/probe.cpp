#include "app/probe/probe.hpp"

#include <algorithm>
#include <cmath>

#include "providers/limits/account.hpp"

namespace assay::probing {

namespace {

/// Volleys whose headers are looked at before they are believed, and how exact they must be.
constexpr int volleys_for_headers = 4;
constexpr double header_error = 0.1;

bool is_refusal(error_class kind) {
  return kind == error_class::rate_limited || kind == error_class::ramp_limited;
}

/// The API took it, whatever became of it afterwards.
bool is_accepted(const exchange_result& r) {
  return r.tried.http_status != 0 && !is_refusal(r.tried.error.kind);
}

/// Errors after which asking on is of no use.
bool ends_it(error_class kind) {
  return kind == error_class::auth || kind == error_class::quota_exhausted ||
         kind == error_class::bad_request;
}

/// The limits of rate that the headers have stated well enough.
bool states_requests(const known_limits& known) {
  return std::any_of(known.rates.begin(), known.rates.end(), [](const known_rate& f) {
    return f.source == knowledge::header && f.counts == dimension::requests && f.rate > 0 &&
           f.high - f.low <= 2 * header_error * f.rate;
  });
}

/// One probe in progress.
class session {
 public:
  session(const probe_limits& means, const surroundings& world)
      : means_(means),
        world_(world),
        began_(world.now()),
        account_(limit_settings{.max_parallel = 1 << 20, .rates = {}}, began_) {}

  probe_report run() {
    while (report_.stopped_by.empty()) {
      report_.stated = account_.known(world_.now());
      if (volleys_ >= volleys_for_headers && states_requests(report_.stated)) break;
      report_.settled = inquiry_.settled();
      if (report_.settled) break;
      auto next = inquiry_.next(elapsed(), left());
      if (!next) break;
      world_.wait(from_seconds(next->pause_s));
      ask(next->requests);
    }
    report_.limit = inquiry_.best();
    report_.took_s = elapsed();
    if (!report_.settled && report_.stopped_by.empty()) name_what_ran_out();
    return std::move(report_);
  }

 private:
  double elapsed() const { return seconds(world_.now() - began_); }

  allowance left() const {
    double requests = means_.max_requests - report_.requests;
    if (means_.request_cost_usd > 0)
      requests = std::min(
          requests, std::floor((means_.max_cost_usd - report_.cost_usd) / means_.request_cost_usd));
    return {static_cast<int>(requests), means_.max_time_s - elapsed()};
  }

  void name_what_ran_out() {
    if (states_requests(report_.stated)) return;
    if (report_.requests >= means_.max_requests)
      report_.stopped_by = "--max-requests is spent";
    else if (left().requests <= 0)
      report_.stopped_by = "--max-cost is spent";
    else if (left().time_s <= 1)
      report_.stopped_by = "--max-seconds have passed";
  }

  void ask(int requests) {
    volley v{elapsed(), requests, 0, {}};
    auto sent = world_.now();
    for (int i = 0; i < requests; ++i) account_.admit({}, sent);
    auto results = world_.send(requests);
    report_.requests += requests;
    ++volleys_;
    int failed = 0;
    for (const auto& r : results) take(r, v, sent, failed);
    set_time(v, results);
    if (failed == requests && report_.stopped_by.empty())
      report_.stopped_by = "no request reached the API: " + results.front().tried.error.message;
    if (!report_.stopped_by.empty()) return;
    v.sent -= failed;  // whether the limiter saw them nobody knows
    if (!v.refused()) report_.most_at_once = std::max(report_.most_at_once, v.accepted);
    inquiry_.learn(v);
    if (world_.progress) world_.progress(v, inquiry_.best());
  }

  /// The middle of the moments at which the requests left: connections take time to stand.
  void set_time(volley& v, const std::vector<exchange_result>& results) const {
    auto first = instant::max(), last = instant::min();
    for (const auto& r : results) {
      if (r.tried.at.sent == instant{}) continue;
      first = std::min(first, r.tried.at.sent);
      last = std::max(last, r.tried.at.sent);
    }
    if (first > last) return;
    v.at_s = seconds(first + (last - first) / 2 - began_);
    v.spread_s = seconds(last - first);
  }

  void take(const exchange_result& r, volley& v, instant sent, int& failed) {
    const auto& tried = r.tried;
    auto now = tried.at.done == instant{} ? world_.now() : tried.at.done;
    report_.cost_usd += tried.cost.value;
    if (!tried.limits.empty()) {
      const limits::charge used{static_cast<double>(tried.usage.input.value_or(0)),
                                static_cast<double>(tried.usage.output.value_or(0))};
      account_.headers(tried.limits, used, std::max(sent, tried.at.sent), now);
    }
    account_.release({}, {}, sent, now);
    if (ends_it(tried.error.kind)) {
      report_.stopped_by = std::string{to_string(tried.error.kind)} + ": " + tried.error.message;
    } else if (is_refusal(tried.error.kind)) {
      ++report_.refused;
      if (tried.error.retry_after)
        v.retry_after_s = std::max(v.retry_after_s.value_or(0), seconds(*tried.error.retry_after));
    } else if (is_accepted(r)) {
      ++v.accepted;
      account_.accepted({}, sent, now);
    } else {
      ++failed;
      ++report_.failed;
    }
  }

  const probe_limits& means_;
  const surroundings& world_;
  instant began_;
  limits::account account_;  ///< reads the headers; holds nothing back
  inquiry inquiry_;
  probe_report report_;
  int volleys_ = 0;
};

}  // namespace

probe_report run_probe(const probe_limits& means, const surroundings& world) {
  return session(means, world).run();
}

}  // namespace assay::probing
