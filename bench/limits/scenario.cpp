#include "bench/limits/scenario.hpp"

namespace assay::bench {

namespace {

using std::chrono::seconds;

/// More than any limiter here lets be in flight.
constexpr int wide_open = 1000;

constexpr goal bucket_told{1.005, 0.0005};
constexpr goal window_told{1.01, 0.0005};
constexpr goal places_told{1.04, 0.0005};
constexpr goal bucket_blind{1.02, 0.01};
constexpr goal other_blind{1.10, 0.05};

rate_limit requests(double amount, seconds window, limit_shape shape, double burst = 1) {
  return {dimension::requests, amount, window, burst, shape, "hidden"};
}

scenario bucket(std::string name, double per_second, double burst, std::size_t tasks) {
  scenario s{std::move(name), "bucket", tasks, {}};
  s.server = {0, {requests(per_second * 60, seconds(60), limit_shape::bucket, burst)}};
  s.configured = s.with_headers = bucket_told;
  s.blind = bucket_blind;
  return s;
}

scenario window(std::string name, double amount, seconds length, limit_shape shape) {
  scenario s{std::move(name), shape == limit_shape::fixed_window ? "window" : "sliding", 6'000, {}};
  s.server = {0, {requests(amount, length, shape)}};
  s.configured = s.with_headers = window_told;
  s.blind = other_blind;
  return s;
}

scenario concurrency(std::string name, int cap) {
  scenario s{std::move(name), "concurrency", 6'000, {}};
  s.server = {cap, {}};
  s.configured = places_told;  // no header tells a cap
  s.blind = other_blind;
  return s;
}

/// A bucket of 10 a second that is not as a configuration would say.
scenario moody(std::string name, std::string shape, limiter_habits habits) {
  auto s = bucket(std::move(name), 10, 60, 6'000);
  s.shape = std::move(shape);
  s.habits = habits;
  s.configured.reset();
  s.blind = other_blind;
  return s;
}

}  // namespace

std::string_view to_string(knowledge k) {
  constexpr std::string_view names[] = {"configured", "headers", "blind"};
  return names[static_cast<int>(k)];
}

const std::optional<goal>& scenario::goal_for(knowledge k) const {
  if (k == knowledge::configured) return configured;
  return k == knowledge::headers ? with_headers : blind;
}

std::vector<scenario> scenarios() {
  limiter_habits tenant, changed, strict;
  tenant.other_share = 0.4;
  changed.change_at = seconds(200);
  changed.change_factor = 0.5;
  strict.rejected_count = true;
  auto rejected_count = moody("bucket 10/s B=60, rejected calls count", "rejected_count", strict);
  rejected_count.configured = bucket_told;
  return {bucket("bucket 10/s B=600", 10, 600, 6'000),
          bucket("bucket 10/s B=10", 10, 10, 6'000),
          bucket("bucket 100/s B=100", 100, 100, 30'000),
          window("fixed window 10 in 1 s", 10, seconds(1), limit_shape::fixed_window),
          window("fixed window 600 in 60 s", 600, seconds(60), limit_shape::fixed_window),
          window("sliding log 600 in 60 s", 600, seconds(60), limit_shape::sliding_log),
          concurrency("at most 50 in flight", 50),
          moody("bucket 10/s B=60, other client takes 40 %", "tenant", tenant),
          moody("bucket 10/s B=60, from 200 s on 5/s", "changed", changed),
          rejected_count};
}

limit_settings client_limits(const scenario& s, knowledge k, std::optional<instant> began) {
  limit_settings told{wide_open, {}};
  if (k != knowledge::configured) return told;
  told.rates = s.server.rates;
  if (began)
    for (auto& limit : told.rates)
      limit.window_start = std::chrono::duration_cast<milliseconds>(
          (began->time_since_epoch() - s.habits.phase) % limit.window);
  if (s.server.max_parallel > 0) told.max_parallel = s.server.max_parallel;
  return told;
}

}  // namespace assay::bench
