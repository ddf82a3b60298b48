#include "analysis/lower_bound.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>

using namespace assay;
using namespace assay::analysis;
using doctest::Approx;

namespace {

rate_limit per_minute(std::string key, dimension counts, double amount, double burst) {
  return {.counts = counts,
          .amount = amount,
          .window = std::chrono::seconds(60),
          .burst = burst,
          .key = std::move(key)};
}

rate_limit window_of(double amount, int window_s, limit_shape shape = limit_shape::fixed_window) {
  return {.amount = amount, .window = std::chrono::seconds(window_s), .shape = shape, .key = "qps"};
}

limit_settings account(int max_parallel, std::vector<rate_limit> rates) {
  return {.max_parallel = max_parallel, .rates = std::move(rates)};
}

std::vector<served_task> tasks_of(const std::vector<double>& service_s, double tokens = 0) {
  std::vector<served_task> tasks;
  for (double q : service_s) tasks.push_back({.service_s = q, .tokens = tokens});
  return tasks;
}

/// Quantiles of a log-normal distribution with sigma 0.6 and the mean given, evenly spaced.
std::vector<double> lognormal_quantiles(std::size_t n, double mean) {
  std::vector<double> values;
  double sum = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const double p = (static_cast<double>(i) + 0.5) / static_cast<double>(n);
    const double t = std::sqrt(-2 * std::log(std::min(p, 1 - p)));
    double z = t - (2.515517 + 0.802853 * t + 0.010328 * t * t) /
                       (1 + 1.432788 * t + 0.189269 * t * t + 0.001308 * t * t * t);
    values.push_back(std::exp(0.6 * (p < 0.5 ? -z : z)));
    sum += values.back();
  }
  for (double& v : values) v *= mean * static_cast<double>(n) / sum;
  return values;
}

/// When the i-th request may go, by a simulation of the limit in steps of one request.
std::vector<double> admission_times(const rate_limit& limit, std::size_t n) {
  std::vector<double> times;
  for (std::size_t i = 0; i < n; ++i) {
    const auto k = static_cast<double>(i);
    if (limit.shape == limit_shape::bucket)
      times.push_back(std::max(0.0, (k + 1 - limit.burst) * seconds(limit.window) / limit.amount));
    else
      times.push_back(std::floor(k / limit.amount) * seconds(limit.window));
  }
  return times;
}

/// The true optimum of a tiny case: every order, each request as early as limit and places allow.
double best_makespan(const std::vector<double>& service_s, const rate_limit& limit, int places) {
  auto order = service_s;
  std::sort(order.begin(), order.end());
  const auto times = admission_times(limit, order.size());
  double best = std::numeric_limits<double>::infinity();
  do {
    std::vector<double> free_at(static_cast<std::size_t>(places), 0.0);
    double end = 0;
    double last_start = 0;
    for (std::size_t i = 0; i < order.size(); ++i) {
      auto place = std::min_element(free_at.begin(), free_at.end());
      last_start = std::max({*place, times[i], last_start});
      *place = last_start + order[i];
      end = std::max(end, *place);
    }
    best = std::min(best, end);
  } while (std::next_permutation(order.begin(), order.end()));
  return best;
}

}  // namespace

TEST_CASE("the worked example: 6,000 tasks under 600 requests and 400,000 tokens a minute") {
  auto rpm = per_minute("rpm", dimension::requests, 600, 600);
  auto tpm = per_minute("tpm", dimension::tokens, 400'000, 400'000);
  auto services = lognormal_quantiles(6000, 2.4);
  const double shortest = *std::min_element(services.begin(), services.end());

  auto by_requests = lower_bound(account(200, {rpm}), tasks_of(services));
  CHECK(by_requests.binds == "rpm");
  CHECK(by_requests.seconds == Approx(540 + shortest).epsilon(1e-6));
  CHECK(by_requests.seconds == Approx(540.3).epsilon(1e-3));

  auto by_tokens = lower_bound(account(200, {tpm}), tasks_of(services, 900));
  CHECK(by_tokens.binds == "tpm");
  CHECK(by_tokens.seconds == Approx(750.3).epsilon(1e-3));

  auto by_places = lower_bound(account(200, {}), tasks_of(services));
  CHECK(by_places.binds == "max_parallel");
  CHECK(by_places.seconds == Approx(72));

  auto all = lower_bound(account(200, {rpm, tpm}), tasks_of(services, 900));
  CHECK(all.binds == "tpm");
  CHECK(all.seconds == by_tokens.seconds);
  CHECK(lower_bound(account(200, {rpm, tpm}), tasks_of(services, 650)).binds == "rpm");
}

TEST_CASE("with one limiter and room for all, the bound is the optimum of every order") {
  std::mt19937 random(3);
  for (int round = 0; round < 60; ++round) {
    std::vector<double> services;
    for (int i = 0; i < 6; ++i) services.push_back(0.1 + static_cast<double>(random() % 50) / 10);
    const auto limit = round % 2 == 0 ? per_minute("rpm", dimension::requests, 60, 2)
                                      : window_of(2, 1 + round % 3);
    CHECK(lower_bound(account(100, {limit}), tasks_of(services)).seconds ==
          Approx(best_makespan(services, limit, 6)).epsilon(1e-9));
  }
}

TEST_CASE("no schedule beats the bound when places are scarce") {
  std::mt19937 random(5);
  for (int round = 0; round < 120; ++round) {
    std::vector<double> services;
    for (int i = 0; i < 6; ++i) services.push_back(0.1 + static_cast<double>(random() % 50) / 10);
    const auto limit = round % 2 == 0 ? per_minute("rpm", dimension::requests, 120, 1)
                                      : window_of(1 + round % 3, 2, limit_shape::sliding_log);
    const int places = 1 + round % 4;
    const auto bound = lower_bound(account(places, {limit}), tasks_of(services));
    const double best = best_makespan(services, limit, places);
    CHECK(bound.seconds <= best + 1e-9);
    CHECK(bound.seconds > best / 2);
  }
}

TEST_CASE("a longest answer above everything else is named as what binds") {
  auto bound = lower_bound(account(50, {per_minute("rpm", dimension::requests, 600, 10)}),
                           tasks_of({30, 1, 1, 1}));
  CHECK(bound.seconds == 30);
  CHECK(bound.binds == "longest answer");
}

TEST_CASE("two of the C + 1 longest answers share a place") {
  auto bound = lower_bound(account(2, {}), tasks_of({10, 9, 8}));
  CHECK(bound.seconds == 17);
  CHECK(bound.binds == "max_parallel");
}

TEST_CASE("a slow ramp before the cap is reached adds to the bound") {
  // One request a second at first, 5 places: in flight 1 + t until t = 4, then 5. The area is 12 by
  // then; 20 requests of 4 s need 80 - 12 = 68 more, at 5 a second: 4 + 13.6 s.
  auto limit = per_minute("rpm", dimension::requests, 60, 1);
  auto bound = lower_bound(account(5, {limit}), tasks_of(std::vector<double>(20, 4.0)));
  CHECK(bound.seconds == Approx(23));  // rate and tail: 19 + 4 is above 17.6
  CHECK(bound.binds == "rpm");

  bound = lower_bound(account(5, {limit}), tasks_of(std::vector<double>(20, 8.0)));
  CHECK(bound.seconds == Approx(4 + (160 - 12) / 5.0));
  CHECK(bound.binds == "rpm with max_parallel");
}

TEST_CASE("a ramp that adds next to nothing is not named") {
  auto limit = per_minute("rpm", dimension::requests, 600, 1);
  auto bound = lower_bound(account(5, {limit}), tasks_of(std::vector<double>(500, 2.0)));
  CHECK(bound.seconds == Approx(0.4 + (1000 - 1.2) / 5));
  CHECK(bound.binds == "max_parallel");
}

TEST_CASE("the ramp of windows is counted in whole steps") {
  // 2 a window of 10 s, 5 places, 10 requests of 20 s: 20 by t = 10, 60 by 20, then 5 a second.
  auto bound = lower_bound(account(5, {window_of(2, 10)}), tasks_of(std::vector<double>(10, 20.0)));
  CHECK(bound.seconds == Approx(60));  // rate and tail: 40 + 20
  bound = lower_bound(account(5, {window_of(2, 10)}), tasks_of(std::vector<double>(10, 40.0)));
  CHECK(bound.seconds == Approx(20 + (400 - 60) / 5.0));
  CHECK(bound.binds == "qps with max_parallel");
}

TEST_CASE("windows let a whole window's amount in at each border") {
  auto services = std::vector<double>(25, 0.5);
  for (auto shape : {limit_shape::fixed_window, limit_shape::sliding_log}) {
    auto bound = lower_bound(account(100, {window_of(10, 60, shape)}), tasks_of(services));
    CHECK(bound.seconds == Approx(120.5));
  }
}

TEST_CASE("limits on input and on output tokens use their own charges") {
  auto itpm = per_minute("itpm", dimension::input_tokens, 6000, 1000);
  auto otpm = per_minute("otpm", dimension::output_tokens, 600, 100);
  std::vector<served_task> tasks(
      10, {.service_s = 1, .tokens = 0, .input_tokens = 500, .output_tokens = 30});
  auto bound = lower_bound(account(100, {itpm, otpm}), tasks);
  CHECK(bound.seconds == Approx((5000 - 1000) / 100.0 + 1));
  CHECK(bound.binds == "itpm");
}

TEST_CASE("no tasks need no time, and no limits only the longest answer") {
  CHECK(lower_bound(account(5, {}), {}).seconds == 0);
  CHECK(lower_bound(account(5, {}), {}).binds.empty());
  CHECK(lower_bound(account(0, {}), tasks_of({3, 2, 2})).seconds == 3);
}

TEST_CASE("accounts that share the tasks add up their curves and caps") {
  auto slow = account(10, {per_minute("rpm", dimension::requests, 60, 1)});
  auto fast = account(30, {per_minute("rpm", dimension::requests, 180, 3)});
  auto services = std::vector<double>(404, 1.0);
  auto pooled = lower_bound(std::vector{slow, fast}, tasks_of(services));
  CHECK(pooled.seconds == Approx(100 + 1).epsilon(1e-6));
  CHECK(pooled.binds == "rpm");
  CHECK(pooled.seconds < lower_bound(fast, tasks_of(services)).seconds);

  auto places = lower_bound(std::vector{account(10, {}), account(30, {})}, tasks_of(services));
  CHECK(places.seconds == Approx(404 / 40.0));
}

TEST_CASE("a kind of limit that one account lacks limits nobody") {
  auto limited = account(10, {per_minute("rpm", dimension::requests, 60, 1)});
  auto bound =
      lower_bound(std::vector{limited, account(10, {})}, tasks_of(std::vector<double>(100, 1.0)));
  CHECK(bound.seconds == Approx(100 / 20.0));
  CHECK(bound.binds == "max_parallel");
}

TEST_CASE("what each address may do is added up over those that requests left by") {
  auto api = account(100, {});
  api.each_address = {5, {per_minute("address.rpm", dimension::requests, 60, 1)}};
  auto services = std::vector<double>(303, 1.0);
  auto alone = lower_bound(over_addresses(api, 1), tasks_of(services));
  CHECK(alone.seconds == Approx(302 + 1));
  CHECK(alone.binds == "address.rpm");
  auto three = lower_bound(over_addresses(api, 3), tasks_of(services));
  CHECK(three.seconds == Approx(100 + 1));
  CHECK(three.binds == "address.rpm of 3");
  CHECK(over_addresses(api, 3).max_parallel == 15);
  CHECK(over_addresses(api, 30).max_parallel == 100);
  CHECK(over_addresses(account(7, {}), 3).max_parallel == 7);
}
