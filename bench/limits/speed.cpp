#include "bench/limits/speed.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <nlohmann/json.hpp>
#include <random>
#include <vector>

#include "messages/protocols.hpp"
#include "providers/limits/account.hpp"

namespace assay::bench {

namespace {

constexpr double wanted_admissions = 200'000;
constexpr double wanted_wake_ms = 2;
constexpr double wanted_share_error = 0.02;

limit_settings four_limits() {
  using std::chrono::seconds;
  const auto bucket = [](dimension counts, double amount, const char* key) {
    return rate_limit{counts, amount, seconds(60), amount / 60, limit_shape::bucket, key};
  };
  return {100'000,
          {bucket(dimension::requests, 6e6, "rpm"), bucket(dimension::tokens, 6e9, "tpm"),
           bucket(dimension::input_tokens, 3e9, "itpm"),
           bucket(dimension::output_tokens, 3e9, "otpm")}};
}

/// Requests come as fast as the limits allow, 200 in flight: each is asked for, charged to every
/// limit, taken by the API and settled.
double admissions_per_second() {
  instant now{std::chrono::hours(1)};
  limits::account account(four_limits(), now);
  const limits::charge asked{400, 600};
  const limits::charge used{400, 300};
  constexpr int count = 1'000'000;
  constexpr int in_flight = 200;
  std::vector<instant> admitted(in_flight, now);
  const auto began = std::chrono::steady_clock::now();
  for (int i = 0; i < count; ++i) {
    now = std::max(now, account.earliest(asked, now));
    if (!account.fits(asked, now)) std::abort();
    account.admit(asked, now);
    auto& oldest = admitted[static_cast<std::size_t>(i % in_flight)];
    if (i >= in_flight) {
      account.accepted(asked, oldest, now);
      account.release(asked, used, oldest, now);
    }
    oldest = now;
    now += std::chrono::microseconds(10);
  }
  return count / seconds(std::chrono::steady_clock::now() - began);
}

/// Sleeps again and again and notes how late it is woken.
caf::behavior sleeper(caf::event_based_actor* self, int times, std::uint64_t seed,
                      std::vector<double>* late_ms, std::mutex* mutex) {
  struct memory {
    std::mt19937_64 random;
    instant due;
    int left;
  };
  auto m = std::make_shared<memory>(memory{std::mt19937_64(seed), {}, times});
  auto sleep = [self, m] {
    const std::chrono::microseconds wait(5'000 + m->random() % 45'000);
    m->due = self->clock().now() + wait;
    self->delayed_send(self, wait, internal_atom_v);
  };
  sleep();
  return {[=](internal_atom) {
    {
      const std::lock_guard lock(*mutex);
      late_ms->push_back(1000 * seconds(self->clock().now() - m->due));
    }
    if (--m->left > 0)
      sleep();
    else
      self->quit();
  }};
}

std::vector<double> wake_errors_ms() {
  std::vector<double> late_ms;
  std::mutex mutex;
  caf::actor_system_config config;
  register_messages(config);
  configure(config, false, 2);
  caf::actor_system system{config};
  for (std::uint64_t i = 1; i <= 20; ++i) system.spawn(sleeper, 100, i, &late_ms, &mutex);
  system.await_all_actors_done();
  return late_ms;
}

}  // namespace

speed measure_speed() {
  speed s;
  s.admissions_per_s = admissions_per_second();
  s.sharing = measure_fairness();
  auto late_ms = wake_errors_ms();
  std::sort(late_ms.begin(), late_ms.end());
  s.wakes = late_ms.size();
  s.wake_error_p50_ms = late_ms[late_ms.size() / 2];
  if (getloadavg(&s.load_average, 1) != 1) s.load_average = 0;
  s.wake_error_p99_ms = late_ms[late_ms.size() * 99 / 100];
  return s;
}

nlohmann::json to_json(const speed& s) {
  return {{"admissions_per_s", s.admissions_per_s},
          {"admissions_per_s_wanted", wanted_admissions},
          {"wake_error_p50_ms", s.wake_error_p50_ms},
          {"wake_error_p99_ms", s.wake_error_p99_ms},
          {"wake_error_p99_ms_wanted", wanted_wake_ms},
          {"wakes", s.wakes},
          {"runs_sharing", s.sharing.runs},
          {"share_error_worst", s.sharing.worst_error},
          {"share_error_worst_wanted", wanted_share_error},
          {"fair_turns_per_s", s.sharing.turns_per_s},
          {"load_average", s.load_average}};
}

void print(const speed& s) {
  const auto verdict = [](bool reached) { return reached ? "reaches" : "MISSES"; };
  std::printf("\nspeed of the limiter\n");
  std::printf("  admissions/s, 4 limits, one core %12.0f  %s %.0f\n", s.admissions_per_s,
              verdict(s.admissions_per_s >= wanted_admissions), wanted_admissions);
  std::printf(
      "  wake-up error of the actor clock P50 %.3f ms, P99 %.3f ms (%zu wakes, load average "
      "%.1f)  %s %.0f ms\n",
      s.wake_error_p50_ms, s.wake_error_p99_ms, s.wakes, s.load_average,
      verdict(s.wake_error_p99_ms < wanted_wake_ms), wanted_wake_ms);
  std::printf("  %zu runs on one account, worst share off by %.3f %% (%.0f turns/s)  %s %.0f %%\n",
              s.sharing.runs, 100 * s.sharing.worst_error, s.sharing.turns_per_s,
              verdict(s.sharing.worst_error <= wanted_share_error), 100 * wanted_share_error);
}

}  // namespace assay::bench
