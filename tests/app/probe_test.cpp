#include "app/probe/probe.hpp"

#include <doctest/doctest.h>

#include "app/probe/inquiry.hpp"
#include "app/probe/stanza.hpp"
#include "providers/simulated/admission.hpp"

using namespace assay;
using namespace assay::probing;
using doctest::Approx;

namespace {

/// An API with these limits on a clock of its own; an answer takes 50 ms.
class fake_api {
 public:
  explicit fake_api(limit_settings limits) : admission_(limits, now_) {}

  surroundings world() {
    surroundings w;
    w.now = [this] { return now_; };
    w.wait = [this](duration d) { now_ += d; };
    w.send = [this](int n) { return serve(n); };
    return w;
  }

  error_class failing = error_class::none;  ///< every request fails like this
  bool hints = false;                       ///< a 429 says when to come back, in whole seconds
  double cost_usd = 0;
  int arrivals = 0;

 private:
  std::vector<exchange_result> serve(int n) {
    std::vector<exchange_result> results(static_cast<std::size_t>(n));
    int admitted = 0;
    for (auto& r : results) {
      ++arrivals;
      r.tried.at.done = now_ + milliseconds(50);
      r.tried.http_status = 200;
      r.tried.cost = {cost_usd};
      if (failing != error_class::none) {
        r.tried.error.kind = failing;
        r.tried.http_status = failing == error_class::transport ? 0 : 401;
      } else if (auto no = admission_.ask({1, 1}, now_)) {
        r.tried.http_status = 429;
        r.tried.error.kind = error_class::rate_limited;
        if (hints)
          r.tried.error.retry_after = std::chrono::ceil<std::chrono::seconds>(*no->retry_after);
      } else {
        ++admitted;
      }
    }
    now_ += milliseconds(50);
    for (; admitted > 0; --admitted) admission_.release();
    return results;
  }

  instant now_{std::chrono::hours(1)};
  simulated::admission admission_;
};

rate_limit limit_of(limit_shape shape, double amount, int window_s, double burst = 1) {
  return {.amount = amount,
          .window = std::chrono::seconds(window_s),
          .burst = burst,
          .shape = shape,
          .key = window_s == 1 ? "qps" : "rpm"};
}

probe_report probe(fake_api& api, const probe_limits& means = {}) {
  auto report = run_probe(means, api.world());
  CHECK(report.requests == api.arrivals);
  CHECK(report.requests <= means.max_requests);
  return report;
}

bool holds(const estimate& e, double truth) {
  return e.low <= truth * 1.001 && e.high >= truth * 0.999;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a bucket is found with its rate and burst") {
  for (auto [rate, burst] : {std::pair{20.0, 10.0}, {2.0, 20.0}, {5.0, 40.0}}) {
    CAPTURE(rate);
    fake_api api({.max_parallel = 0, .rates = {limit_of(limit_shape::bucket, rate, 1, burst)}});
    auto r = probe(api);
    CHECK(r.limit.what == kind::bucket);
    CHECK(r.limit.probability > 0.9);
    CHECK(r.limit.rate.value == Approx(rate).epsilon(0.1));
    CHECK(r.limit.amount.value == Approx(burst).epsilon(0.1));
    CHECK(r.requests < 200);
  }
}

TEST_CASE("windows and logs are told from buckets, with their amount and length") {
  for (auto shape : {limit_shape::fixed_window, limit_shape::sliding_log}) {
    for (auto [amount, window] : {std::pair{15.0, 1}, {20.0, 10}, {60.0, 60}}) {
      CAPTURE(window);
      fake_api api({.max_parallel = 0, .rates = {limit_of(shape, amount, window)}});
      auto r = probe(api);
      auto own = shape == limit_shape::fixed_window ? kind::fixed_window : kind::sliding_log;
      // A minute's window that began with the first request frees what a log frees, when it does.
      if (window == 60)
        CHECK((r.limit.what == kind::fixed_window || r.limit.what == kind::sliding_log));
      else
        CHECK(to_string(r.limit.what) == to_string(own));
      CHECK(r.limit.window_s.value == window);
      CHECK(r.limit.amount.value == Approx(amount).epsilon(0.05));
    }
  }
}

TEST_CASE("a cap on requests in flight is no rate") {
  for (int cap : {6, 30}) {
    fake_api api({.max_parallel = cap, .rates = {}});
    auto r = probe(api);
    CHECK(r.limit.what == kind::concurrency);
    CHECK(holds(r.limit.amount, cap));
    CHECK(r.limit.amount.value == Approx(cap).epsilon(0.05));
  }
}

TEST_CASE(
    "a cap is believed after four refusals: a limiter of rate may take the same number twice") {
  inquiry asked;
  double at_s = 0;
  auto answer = [&](int requests, int accepted) {
    asked.learn({at_s, requests, accepted, {}});
    at_s += 0.05;
  };
  for (int all : {1, 2, 4}) answer(all, all);
  for (int i = 0; i < 4; ++i) {
    CAPTURE(i);
    CHECK_FALSE(asked.settled());
    auto next = asked.next(at_s, {1'000, 1'000});
    REQUIRE(next);
    if (i > 1) CHECK(next->pause_s == 0);
    answer(16, 6);
  }
  CHECK(asked.best().what == kind::concurrency);
  CHECK(asked.settled());
}

TEST_CASE("hints when to come back in whole seconds do not mislead") {
  fake_api api({.max_parallel = 0, .rates = {limit_of(limit_shape::bucket, 10, 1, 20)}});
  api.hints = true;
  auto r = probe(api);
  CHECK(r.limit.what == kind::bucket);
  CHECK(r.limit.rate.value == Approx(10).epsilon(0.1));
}

TEST_CASE("an account without a limit in reach is said to have none in reach") {
  fake_api api({.max_parallel = 0, .rates = {}});
  auto r = probe(api, {.max_requests = 100});
  CHECK(r.requests == 100);
  CHECK(r.refused == 0);
  CHECK(r.stopped_by == "--max-requests is spent");
  auto text = stanza({"api", "m", "2026-11-22"}, r);
  CHECK(contains(text, "were all taken"));
  CHECK_FALSE(contains(text, "qps"));
}

TEST_CASE("means are never exceeded: requests, cost and time") {
  fake_api api({.max_parallel = 0, .rates = {limit_of(limit_shape::bucket, 1, 1, 60)}});
  api.cost_usd = 0.001;
  auto cheap = probe(api, {.max_cost_usd = 0.0205, .request_cost_usd = 0.001});
  CHECK(cheap.requests == 20);
  CHECK(cheap.cost_usd <= 0.0205);
  CHECK(cheap.stopped_by == "--max-cost is spent");

  fake_api slow({.max_parallel = 0, .rates = {limit_of(limit_shape::fixed_window, 30, 60)}});
  auto hasty = probe(slow, {.max_time_s = 5});
  CHECK(hasty.took_s <= 5.1);

  fake_api few({.max_parallel = 0, .rates = {limit_of(limit_shape::bucket, 5, 1, 40)}});
  CHECK(probe(few, {.max_requests = 7}).requests == 7);
}

TEST_CASE("an API that cannot be used ends the probe at the first request") {
  for (auto kind : {error_class::auth, error_class::transport, error_class::quota_exhausted}) {
    fake_api api({.max_parallel = 0, .rates = {}});
    api.failing = kind;
    auto r = probe(api);
    CHECK(r.requests == 1);
    CHECK_FALSE(r.stopped_by.empty());
  }
}

TEST_CASE("the settings are on the cautious side, rounded where that is known well enough") {
  probe_report r;
  r.requests = 80;
  r.refused = 9;
  r.limit = {kind::bucket, 0.99, {19.7, 19.2, 20.4}, {10.4, 10, 11}, {}};
  const subject of{"api", "m", "2026-11-22"};
  auto bucket = stanza(of, r);
  CHECK(contains(bucket, "[providers.api]\nqps = 20\nburst = 10\n"));

  r.limit = {kind::sliding_log, 0.99, {1, 1, 1}, {60, 59, 61}, {60, 60, 60}};
  CHECK(contains(stanza(of, r), "rpm = 59\nlimit_shape = \"sliding_log\"\n"));

  r.limit = {kind::concurrency, 0.99, {}, {50, 48, 52}, {}};
  CHECK(contains(stanza(of, r), "max_parallel = 48\n"));
}

TEST_CASE("what headers state goes before what asking found, under the settings' names") {
  probe_report r;
  r.requests = 15;
  r.refused = 1;
  r.limit = {kind::concurrency, 0.5, {}, {8, 8, 8}, {}};
  known_rate requests{.rate = 10, .low = 9.9, .high = 10.1, .burst = 40};
  requests.source = knowledge::header;
  auto tokens = requests;
  tokens.counts = dimension::tokens;
  tokens.rate = tokens.low = tokens.high = 1'000;
  tokens.window = std::chrono::minutes(1);
  r.stated.rates = {requests, tokens};
  const subject of{"api", "m", "2026-11-22"};
  auto text = stanza(of, r);
  CHECK(contains(text, "rpm = 600\nburst = 40\ntpm = 60000\n"));
  CHECK_FALSE(contains(text, "max_parallel"));
  for (const auto& line : unknowns(r)) CHECK_FALSE(contains(line, "tokens"));

  r.stated.rates = {tokens};
  text = stanza(of, r);
  CHECK(contains(text, "tpm = 60000\n"));
  CHECK(contains(text, "max_parallel = 8\n"));
}
