#include "config/limits.hpp"

#include <algorithm>
#include <cmath>

namespace assay::config {

namespace {

bool counts_requests(const limit_key& key) { return key.counts == dimension::requests; }

/// Tokens of a request of ordinary size: a bucket that cannot hold one would never let it in.
constexpr double ordinary_request_tokens = 8'192;

/// What may go at once: as stated, else one second's worth, but at least one request.
double burst_of(const limit_key& key, double amount, std::optional<double> stated) {
  if (stated) return *stated;
  if (key.window_s == 1) return 1;
  auto request = counts_requests(key) ? 1 : std::min(amount, ordinary_request_tokens);
  return std::max(request, amount / key.window_s);
}

/// A burst that exceeds what the limit lets through in its whole window cannot be meant.
void check_burst(reading& in, const node& table, place at, const limit_key& key, double amount,
                 std::optional<double> stated) {
  const auto* name = counts_requests(key) ? "burst" : "token_burst";
  if (!stated || *stated <= std::max(1.0, amount)) return;
  in.problems.add(item_place(table, at, name, 0),
                  std::string(name) + ": found " + show(*stated) + ", more than " + key.name +
                      " = " + show(amount) + " admits in its whole window",
                  "a burst is part of the limit, not on top of it");
}

limit_shape shape_of(const limit_key& key, const stated_limits& stated) {
  bool daily = key.window_s > 3600;
  return stated.shape.value_or(daily ? limit_shape::sliding_log : limit_shape::bucket);
}

rate_limit to_rate(const limit_key& key, double amount, const stated_limits& stated) {
  rate_limit rate;
  rate.counts = key.counts;
  rate.amount = amount;
  rate.window = std::chrono::seconds(key.window_s);
  rate.shape = shape_of(key, stated);
  rate.burst = burst_of(key, amount, counts_requests(key) ? stated.burst : stated.token_burst);
  rate.key = key.name;
  if (key.counts != dimension::money && amount < 1 && rate.shape != limit_shape::bucket) {
    rate.window = std::chrono::seconds(std::llround(std::ceil(key.window_s / amount)));
    rate.amount = 1;
  }
  if (stated.window_start && rate.shape == limit_shape::fixed_window)
    rate.window_start = milliseconds(std::llround(*stated.window_start * 1000)) % rate.window;
  return rate;
}

/// A burst without a bucket that it could apply to would be ignored; better say so.
void check_use(reading& in, const node& table, place at, const char* name,
               const stated_limits& stated, bool requests) {
  const auto& keys = limit_keys();
  bool used = std::any_of(keys.begin(), keys.end(), [&](const limit_key& key) {
    return key.counts != dimension::money && counts_requests(key) == requests &&
           find(table, key.name) && shape_of(key, stated) == limit_shape::bucket;
  });
  if (used) return;
  in.problems.add(item_place(table, at, name, 0),
                  std::string(name) + " has no limit of shape bucket to apply to",
                  requests ? "it goes with qps or rpm" : "it goes with tpm, itpm or otpm");
}

}  // namespace

const std::vector<limit_key>& limit_keys() {
  using limits = stated_limits;
  constexpr int day = 86'400;
  static const std::vector<limit_key> keys{
      {"qps", dimension::requests, 1, &limits::qps, 0.001, "requests per second"},
      {"rpm", dimension::requests, 60, &limits::rpm, 1, "requests per minute"},
      {"rpd", dimension::requests, day, &limits::rpd, 1, "requests per day"},
      {"tpm", dimension::tokens, 60, &limits::tpm, 1, "tokens per minute, input and output"},
      {"tpd", dimension::tokens, day, &limits::tpd, 1, "tokens per day, input and output"},
      {"itpm", dimension::input_tokens, 60, &limits::itpm, 1, "input tokens per minute"},
      {"otpm", dimension::output_tokens, 60, &limits::otpm, 1, "output tokens per minute"},
      {"usd_per_day", dimension::money, day, &limits::usd_per_day, 0.01, "US dollars per day"},
  };
  return keys;
}

std::vector<rate_limit> to_rates(reading& in, const node& table, place at,
                                 const stated_limits& stated) {
  std::vector<rate_limit> rates;
  for (const auto& key : limit_keys()) {
    auto amount = stated.*key.amount;
    if (!amount) continue;
    rates.push_back(to_rate(key, *amount, stated));
    if (rates.back().shape == limit_shape::bucket)
      check_burst(in, table, at, key, *amount,
                  counts_requests(key) ? stated.burst : stated.token_burst);
  }
  if (stated.window_start && stated.shape != limit_shape::fixed_window)
    in.problems.add(item_place(table, at, "window_start", 0),
                    "window_start has no limit of shape fixed_window to apply to",
                    "it goes with limit_shape = \"fixed_window\"");
  if (stated.burst) check_use(in, table, at, "burst", stated, true);
  if (stated.token_burst) check_use(in, table, at, "token_burst", stated, false);
  return rates;
}

void read_address_limits(reading& in, const node& n, const std::string& section, bool client,
                         address_limits& into) {
  auto known = rate_options<address_limits_draft>(client);
  known.push_back(field<address_limits_draft>(
      "max_parallel", [](auto& d) -> auto& { return d.max_parallel; },
      "requests in flight at the same time", {.min = 1, .max = 100'000}));
  address_limits_draft d;
  apply(in, n, n.at, section, known, d);
  if (n.kind != node_kind::table) return;
  into = {d.max_parallel, to_rates(in, n, n.at, d.stated)};
  for (auto& rate : into.rates) rate.key = "address." + rate.key;
}

const options<model_limits_draft>& model_limits_options() {
  static const auto all = rate_options<model_limits_draft>(true);
  return all;
}

}  // namespace assay::config
