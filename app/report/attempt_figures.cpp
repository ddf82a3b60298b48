#include "app/report/attempt_figures.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "analysis/shared_bound.hpp"

namespace assay::report {

namespace {

const std::vector<double> ranks = {50, 90, 95, 99};

double seconds_between(std::int64_t from_ns, std::int64_t to_ns) {
  return static_cast<double>(to_ns - from_ns) / 1e9;
}

}  // namespace

attempt_figures::attempt_figures(const setup& made_with) : setup_(made_with) {
  for (const auto& provider : setup_.providers) of(provider.name).limits = provider.limits;
}

attempt_figures::gathered& attempt_figures::of(const std::string& provider) {
  auto [at, added] = providers_.try_emplace(provider);
  if (added) {
    at->second.figures.name = provider;
    at->second.limits.max_parallel = 0;
  }
  return at->second;
}

/// What the account was charged (docs/limits.md): with `max_tokens` the cap that was asked for,
/// else what was used, since the difference is settled.
analysis::served_task attempt_figures::charge(const gathered& account,
                                              const storage::attempt_row& row) const {
  auto output = static_cast<double>(row.output_tokens);
  if (account.limits.reserve == reserve_policy::max_tokens)
    if (const auto* model = find_named(setup_.models, row.model); model && model->max_tokens)
      output = *model->max_tokens;
  const auto input = static_cast<double>(row.input_tokens);
  return {.service_s = seconds_between(row.sent_unix_ns, row.done_unix_ns),
          .tokens = input + output,
          .input_tokens = input,
          .output_tokens = output};
}

void attempt_figures::time(gathered& account, const storage::attempt_row& row) const {
  if (row.clock_error_ns > std::chrono::nanoseconds(setup_.bad_lag).count()) {
    ++account.figures.not_timed[row.node];
    return;
  }
  account.latency_s.push_back(seconds_between(row.sent_unix_ns, row.done_unix_ns));
  if (row.first_content_unix_ns >= row.sent_unix_ns)
    account.ttft_s.push_back(seconds_between(row.sent_unix_ns, row.first_content_unix_ns));
}

void attempt_figures::add(const storage::attempt_row& row) {
  auto& account = of(row.provider);
  auto& figures = account.figures;
  ++figures.attempts;
  ++figures.by_class[row.kind];
  figures.retries += row.number > 1;
  figures.cost += row.cost;
  figures.input_tokens += row.input_tokens;
  figures.output_tokens += row.output_tokens;
  account.keys.push_back(row.key);
  account.addresses.insert(row.egress);

  const auto begin = row.admitted_unix_ns ? row.admitted_unix_ns : row.sent_unix_ns;
  if (begin && row.done_unix_ns >= begin) spans_[row.provider].push_back({begin, row.done_unix_ns});
  const bool timed = row.sent_unix_ns && row.done_unix_ns >= row.sent_unix_ns;
  if (!brought_answer(row.kind)) {
    figures.wasted_cost += row.cost;
    if (timed) figures.wasted_s += seconds_between(row.sent_unix_ns, row.done_unix_ns);
    return;
  }
  if (!timed) return;
  time(account, row);
  if (row.batched) return;  // no limit of the account holds a batch
  account.served.push_back(charge(account, row));
  by_model_[row.model].push_back(account.served.back());
}

namespace {

/// First begin, last end, and the longest stretch between them that no span covers.
template <class Span>
void measure(std::vector<Span> spans, pace& into) {
  if (spans.empty()) return;
  std::sort(spans.begin(), spans.end(),
            [](const Span& a, const Span& b) { return a.from_ns < b.from_ns; });
  std::int64_t end = spans.front().to_ns;
  std::int64_t pause = 0;
  for (const auto& span : spans) {
    pause = std::max(pause, span.from_ns - end);
    end = std::max(end, span.to_ns);
  }
  into.makespan_s = seconds_between(spans.front().from_ns, end);
  into.longest_pause_s = seconds_between(0, pause);
}

}  // namespace

void attempt_figures::finish() {
  for (auto& [name, account] : providers_) {
    account.limits = analysis::over_addresses(account.limits, account.addresses.size());
    auto& keys = account.keys;
    std::sort(keys.begin(), keys.end());
    keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
    auto& figures = account.figures;
    figures.tasks = keys.size();
    figures.latency_s = analysis::percentiles(account.latency_s, ranks);
    figures.ttft_s = analysis::percentiles(account.ttft_s, ranks);
    figures.speed.tasks = account.served.size();
    figures.speed.least = analysis::lower_bound(account.limits, std::exchange(account.served, {}));
    if (auto at = spans_.find(name); at != spans_.end()) measure(at->second, figures.speed);
  }
}

std::vector<provider_summary> attempt_figures::providers() const {
  std::vector<provider_summary> all;
  for (const auto& [name, account] : providers_) all.push_back(account.figures);
  return all;
}

pace attempt_figures::overall() const {
  pace result;
  std::vector<span> all;
  for (const auto& [name, spans] : spans_) all.insert(all.end(), spans.begin(), spans.end());
  measure(std::move(all), result);
  for (const auto& [name, account] : providers_) result.tasks += account.figures.speed.tasks;
  result.least = overall_bound();
  return result;
}

analysis::bound attempt_figures::overall_bound() const {
  std::map<std::string, limit_settings> limits;
  std::set<std::string> everyone;
  for (const auto& [name, account] : providers_) {
    limits.emplace(name, account.limits);
    everyone.insert(name);
  }
  std::vector<analysis::task_group> groups;
  for (const auto& [name, tasks] : by_model_) {
    const auto* model = find_named(setup_.models, name);
    groups.push_back(
        {model ? std::set(model->providers.begin(), model->providers.end()) : everyone, tasks});
  }
  return analysis::shared_bound(limits, groups, setup_.concurrency);
}

}  // namespace assay::report
