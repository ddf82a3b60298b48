#include "bench/limits/bound.hpp"

#include <algorithm>

#include "analysis/lower_bound.hpp"
#include "providers/simulated/admission.hpp"

namespace assay::bench {

namespace {

/// The k-th moment is the earliest at which the limiter can have admitted k + 1 requests.
std::vector<instant> admissions(const scenario& s, std::size_t count, instant start) {
  auto habits = s.habits;
  habits.rejected_count = false;
  auto rates = s.server;
  rates.max_parallel = 0;
  simulated::admission limiter(rates, start, habits);
  std::vector<instant> granted;
  for (auto now = start; granted.size() < count;) {
    const auto no = limiter.ask({}, now);
    if (!no)
      granted.push_back(now);
    else
      now += *no->retry_after;
  }
  return granted;
}

double by_rate(const scenario& s, const load& l) {
  const instant start{std::chrono::hours(1)};
  auto longest = l.service;
  std::sort(longest.begin(), longest.end(), std::greater<>());
  const auto granted = admissions(s, longest.size(), start);
  duration most{};
  for (std::size_t k = 0; k < longest.size(); ++k)
    most = std::max(most, granted[k] - start + longest[k]);
  return seconds(most);
}

}  // namespace

double lower_bound_s(const scenario& s, const load& l) {
  double most = s.server.rates.empty() ? 0 : by_rate(s, l);
  if (s.server.max_parallel <= 0) return most;
  std::vector<analysis::served_task> served;
  for (const auto d : l.service) served.push_back({.service_s = seconds(d)});
  return std::max(most, analysis::lower_bound(s.server, std::move(served)).seconds);
}

}  // namespace assay::bench
