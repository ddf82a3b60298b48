#include "app/probe/stanza.hpp"

#include <algorithm>
#include <cmath>
#include <cstdarg>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "config/limits.hpp"

namespace assay::probing {

namespace {

using nlohmann::json;

[[gnu::format(printf, 1, 2)]] std::string text(const char* format, ...) {
  char line[256];
  va_list values;
  va_start(values, format);
  std::vsnprintf(line, sizeof line, format, values);
  va_end(values);
  return line;
}

/// The roundest number between `low` and `high`, close to `value`.
double round_within(const estimate& e) {
  if (e.value <= 0) return e.value;
  for (int digits = 1; digits <= 4; ++digits) {
    auto unit = std::pow(10, std::floor(std::log10(e.value)) + 1 - digits);
    auto rounded = std::round(e.value / unit) * unit;
    if (rounded >= e.low && rounded <= e.high) return rounded;
  }
  return e.value;
}

std::string bucket_lines(const belief& b) {
  auto rate = round_within(b.rate);
  auto burst = std::max(1.0, std::floor(b.amount.low + 0.05));
  if (rate < 1) return text("rpm = %.4g\nburst = %.0f\n", rate * 60, std::min(burst, rate * 60));
  // A qps limit may not hold more than its second; what is larger is told by the minute.
  if (burst > rate)
    return text("rpm = %.6g\nburst = %.0f\n", rate * 60, std::min(burst, rate * 60));
  return text("qps = %.4g\nburst = %.0f\n", rate, burst);
}

std::string window_lines(const belief& b) {
  auto amount = std::max(1.0, std::floor(b.amount.low));
  auto shape = std::string{to_string(b.what)};
  if (b.window_s.value == 1)
    return text("qps = %.0f\nlimit_shape = \"%s\"\n", amount, shape.c_str());
  if (b.window_s.value == 60)
    return text("rpm = %.0f\nlimit_shape = \"%s\"\n", amount, shape.c_str());
  return text("# %.0f in each %.0f s; this bucket never passes it\nqps = %.4g\nburst = 1\n", amount,
              b.window_s.value, std::max(0.001, (amount - 1) / b.window_s.value));
}

std::string asked_lines(const belief& b) {
  switch (b.what) {
    case kind::bucket:
      return bucket_lines(b);
    case kind::fixed_window:
    case kind::sliding_log:
      return window_lines(b);
    case kind::concurrency:
      return text("max_parallel = %.0f\n", std::max(1.0, std::floor(b.amount.low)));
    case kind::none:
      break;
  }
  return "# no limit was met\n";
}

/// The setting that a limit in the headers is told by: that of its window, else of a minute.
const config::limit_key* key_of(const known_rate& f) {
  const config::limit_key* chosen = nullptr;
  for (const auto& key : config::limit_keys()) {
    if (key.counts != f.counts) continue;
    if (f.window && seconds(*f.window) == key.window_s) return &key;
    if (key.window_s == 60) chosen = &key;
  }
  return chosen;
}

bool is_stated(const known_rate& f) {
  return f.source == knowledge::header && f.rate > 0 && key_of(f);
}

/// The headers' limits as settings.
std::string stated_lines(const known_limits& stated) {
  std::string lines;
  for (const auto& f : stated.rates) {
    if (!is_stated(f)) continue;
    const auto& key = *key_of(f);
    lines += text("%s = %.0f\n", key.name, std::max(1.0, std::round(f.rate * key.window_s)));
    if (f.counts != dimension::requests) continue;
    if (f.shape != limit_shape::bucket)
      lines += text("limit_shape = \"%s\"\n",
                    f.shape == limit_shape::fixed_window ? "fixed_window" : "sliding_log");
    else if (f.burst >= 1)
      lines += text("burst = %.0f\n", std::floor(std::min(f.burst, f.rate * key.window_s)));
  }
  return lines;
}

bool states(const probe_report& r, bool requests) {
  return std::any_of(r.stated.rates.begin(), r.stated.rates.end(), [&](const known_rate& f) {
    return is_stated(f) && (f.counts == dimension::requests) == requests;
  });
}

bool met_a_limit(const probe_report& r) { return r.refused > 0; }

void print_estimate(const char* name, const estimate& e, const char* unit) {
  std::printf("  %-10s %.4g%s (%.4g to %.4g)\n", name, e.value, unit, e.low, e.high);
}

void print_asked(const belief& b) {
  std::printf("found by asking: %s (%.0f %% sure)\n", std::string{to_string(b.what)}.c_str(),
              100 * b.probability);
  if (b.what == kind::concurrency) {
    print_estimate("in flight", b.amount, "");
    return;
  }
  print_estimate("rate", b.rate, " a second");
  print_estimate(b.what == kind::bucket ? "burst" : "amount", b.amount, "");
  if (b.what != kind::bucket) print_estimate("window", b.window_s, " s");
}

void print_stated(const known_limits& stated) {
  std::printf("stated by headers\n");
  for (const auto& f : stated.rates) {
    if (is_stated(f))
      std::printf("  %-10s %.4g a second (%.4g to %.4g), burst %.4g\n", key_of(f)->name, f.rate,
                  f.low, f.high, f.burst);
  }
}

json to_json(const estimate& e) { return {{"value", e.value}, {"low", e.low}, {"high", e.high}}; }

}  // namespace

std::string stanza(const subject& of, const probe_report& r) {
  auto lines = text("# Limits of %s found with %d requests on %s.\n[providers.%s]\n",
                    of.provider.c_str(), r.requests, of.date.c_str(), of.provider.c_str());
  lines += stated_lines(r.stated);
  if (states(r, true)) return lines;
  if (met_a_limit(r)) return lines + asked_lines(r.limit);
  return lines +
         text("# %d requests at once were all taken; the limit is above that.\n", r.most_at_once);
}

std::vector<std::string> unknowns(const probe_report& r) {
  std::vector<std::string> all;
  auto asked = !states(r, true);
  if (!r.stopped_by.empty()) all.push_back("ended early: " + r.stopped_by);
  if (r.failed > 0)
    all.push_back(std::to_string(r.failed) + " requests failed for reasons of their own");
  if (asked && !met_a_limit(r))
    all.push_back("no limit was met: " + std::to_string(r.most_at_once) +
                  " requests at once were all taken; a larger --max-requests looks further");
  else if (asked && r.limit.probability < 0.9)
    all.push_back("the kind of limit is not sure; asking again at another time may tell");
  if (!asked || r.limit.what != kind::concurrency)
    all.push_back("a limit on requests in flight: " + std::to_string(r.most_at_once) +
                  " at once were taken, more was not seen");
  if (asked) all.push_back("limits per hour or day: a few requests do not meet them");
  if (!states(r, false)) all.push_back("limits on tokens: small requests do not meet them");
  return all;
}

void print(const subject& of, const probe_report& r) {
  std::printf("%s, model %s: %d requests, %d refused, USD %.6f, %.1f s\n", of.provider.c_str(),
              of.model.c_str(), r.requests, r.refused, r.cost_usd, r.took_s);
  if (states(r, true) || states(r, false)) print_stated(r.stated);
  if (met_a_limit(r) && !states(r, true)) print_asked(r.limit);
  std::printf("not found out\n");
  for (const auto& line : unknowns(r)) std::printf("  %s\n", line.c_str());
}

json to_json(const subject& of, const probe_report& r) {
  json rates = json::array();
  for (const auto& f : r.stated.rates)
    if (is_stated(f))
      rates.push_back({{"key", key_of(f)->name},
                       {"rate", f.rate},
                       {"low", f.low},
                       {"high", f.high},
                       {"burst", f.burst}});
  json out{{"provider", of.provider}, {"model", of.model},         {"requests", r.requests},
           {"refused", r.refused},    {"failed", r.failed},        {"cost_usd", r.cost_usd},
           {"took_s", r.took_s},      {"at_once", r.most_at_once}, {"stated", rates},
           {"unknown", unknowns(r)},  {"stanza", stanza(of, r)}};
  if (!met_a_limit(r)) return out;
  out["found"] = {{"shape", to_string(r.limit.what)},
                  {"probability", r.limit.probability},
                  {"rate_per_s", to_json(r.limit.rate)},
                  {"amount", to_json(r.limit.amount)},
                  {"window_s", to_json(r.limit.window_s)}};
  return out;
}

}  // namespace assay::probing
