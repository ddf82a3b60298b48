#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <map>

#include "app/report/document_tables.hpp"
#include "app/report/figures.hpp"
#include "app/report/usage.hpp"

namespace assay::report {

table_cell count_entry(std::size_t n, tone how) {
  return {show_count(n), how, {}, static_cast<double>(n)};
}

table_cell seconds_entry(double s) { return {show_seconds(s), tone::plain, {}, s}; }

table_cell usd_entry(usd amount) { return {show_usd(amount), tone::plain, {}, amount.value}; }

table_cell score_entry(std::optional<double> score) {
  return {score ? show_score(*score) : "-", tone::plain, {}, score.value_or(-1)};
}

namespace {

/// Longer stretches with nothing in flight are named: a run that was stopped and resumed, or a
/// limit over hours.
constexpr double pause_worth_a_note_s = 120;

table_cell percentile_cell(const analysis::percentile& p) {
  if (p.claimed) return seconds_entry(p.value);
  return {"(" + show_seconds(p.value) + ")", tone::faint, {}, p.value};
}

void add_latency_row(table& into, const std::string& provider, const char* figure,
                     const std::vector<analysis::percentile>& series) {
  if (series.empty()) return;
  std::vector<table_cell> row{{provider}, {figure}};
  for (const auto& p : series) row.push_back(percentile_cell(p));
  into.rows.push_back(std::move(row));
}

/// Which percentiles are shown in brackets, and how many samples would change that.
std::string unclaimed_note(const run_summary& summary) {
  std::map<double, std::size_t> needed;
  for (const auto& provider : summary.providers)
    for (const auto* series : {&provider.latency_s, &provider.ttft_s})
      for (const auto& p : *series)
        if (!p.claimed) needed[p.rank] = p.needed;
  std::string list;
  for (const auto& [rank, samples] : needed)
    list += fmt::format("{}p{:.0f} {}", list.empty() ? "" : ", ", rank, show_count(samples));
  return list.empty() ? "" : "(in brackets): too few samples for a claim, which needs " + list;
}

std::vector<table_cell> speed_row(const std::string& name, const pace& speed) {
  const auto ratio = speed.ratio();
  return {{name},
          count_entry(speed.tasks),
          seconds_entry(speed.makespan_s),
          seconds_entry(speed.least.seconds),
          {ratio ? show_ratio(*ratio) : "-", tone::plain, {}, ratio},
          {speed.least.binds.empty() ? "-" : speed.least.binds}};
}

/// Beyond this ratio the limit that binds is not what made the run take so long.
constexpr double explained_up_to = 1.5;

std::string advice(const pace& speed) {
  if (speed.least.binds.empty()) return {};
  if (speed.least.binds == "longest answer")
    return "no limit binds: the longest single answer takes that long";
  if (const auto ratio = speed.ratio(); ratio && *ratio > explained_up_to)
    return fmt::format(
        "the configured limits would allow {}: something else took the time, such as a limit of "
        "the "
        "API that is not configured, failures, or a pause",
        show_seconds(speed.least.seconds));
  return "what binds: " + speed.least.binds + "; raising it is what would allow a faster run";
}

}  // namespace

table error_table(const run_summary& summary) {
  table result{"Errors", {{"class"}, {"tasks in error", true}, {"failed attempts", true}}, {}, {}};
  std::map<error_class, std::pair<std::size_t, std::size_t>> classes;
  for (const auto& [kind, tasks] : summary.errors) classes[kind].first += tasks;
  for (const auto& provider : summary.providers)
    for (const auto& [kind, attempts] : provider.by_class)
      if (!brought_answer(kind)) classes[kind].second += attempts;
  for (const auto& [kind, counts] : classes)
    result.rows.push_back({{std::string(to_string(kind))},
                           count_entry(counts.first, counts.first ? tone::bad : tone::plain),
                           count_entry(counts.second)});
  return result;
}

table speed_table(const run_summary& summary) {
  table result{"Speed against the limits",
               {{"provider"},
                {"served", true},
                {"time", true},
                {"least time", true},
                {"ratio", true},
                {"what binds"}},
               {},
               {}};
  if (summary.speed.tasks == 0) return result;
  for (const auto& provider : summary.providers)
    if (provider.speed.tasks > 0) result.rows.push_back(speed_row(provider.name, provider.speed));
  if (result.rows.size() > 1) result.rows.push_back(speed_row("all together", summary.speed));
  if (auto text = advice(summary.speed); !text.empty()) result.notes.push_back(std::move(text));
  if (summary.speed.longest_pause_s >= pause_worth_a_note_s)
    result.notes.push_back(fmt::format("the time includes a pause of {} with nothing in flight",
                                       show_seconds(summary.speed.longest_pause_s)));
  return result;
}

namespace {

std::string show_rate(const known_rate& r) {
  auto exact = r.high - r.low < 0.002 * r.rate;
  return exact ? fmt::format("{:.4g}/s", r.rate)
               : fmt::format("{:.4g}/s ({:.4g} to {:.4g})", r.rate, r.low, r.high);
}

std::string show_room(const known_rate& r) {
  if (r.shape == limit_shape::bucket) return fmt::format("{:.4g} at once", r.burst);
  return fmt::format("{:.4g} in {}", r.burst, show_seconds(seconds(r.window.value_or(duration{}))));
}

}  // namespace

table found_limits_table(const run_summary& summary) {
  table result{
      "Limits found out", {{"provider"}, {"model"}, {"limit"}, {"rate", true}, {"allows"}}, {}, {}};
  auto of = [](const auto& limit) {
    if (!limit.address.empty()) return "from " + limit.address;
    return limit.model.empty() ? "all" : limit.model;
  };
  for (const auto& [provider, account, limits, saved] : summary.found_limits) {
    for (const auto& r : limits.rates)
      result.rows.push_back({{provider},
                             {of(r)},
                             {limit_name(r.counts, r.source)},
                             {show_rate(r), tone::plain, {}, r.rate},
                             {show_room(r)}});
    for (const auto& p : limits.places)
      result.rows.push_back({{provider},
                             {of(p)},
                             {limit_name(dimension::concurrency, p.source)},
                             {"-"},
                             {fmt::format("{} at once", p.most)}});
  }
  if (!result.rows.empty())
    result.notes.push_back(
        "nobody configured these; the next run on the account goes on from what "
        "was learned");
  return result;
}

table latency_table(const run_summary& summary) {
  table result{
      "Latency",
      {{"provider"}, {"figure"}, {"p50", true}, {"p90", true}, {"p95", true}, {"p99", true}},
      {},
      {}};
  for (const auto& provider : summary.providers) {
    add_latency_row(result, provider.name, "first token", provider.ttft_s);
    add_latency_row(result, provider.name, "whole answer", provider.latency_s);
  }
  if (auto note = unclaimed_note(summary); !note.empty()) result.notes.push_back(std::move(note));
  std::map<std::string, std::size_t> not_timed;
  for (const auto& provider : summary.providers)
    for (const auto& [node, answers] : provider.not_timed) not_timed[node] += answers;
  for (const auto& [node, answers] : not_timed)
    result.notes.push_back(fmt::format(
        "left out: {} answers by node {}, whose moments may be wrong by more than bad_lag",
        show_count(answers), node));
  return result;
}

table call_table(const run_summary& summary) {
  if (summary.calls.saved() == 0 && summary.calls.hedges == 0) return {};
  return usage_table("provider", summary.calls_by_provider, summary.calls);
}

table provider_table(const run_summary& summary) {
  table result{"Providers",
               {{"provider"},
                {"tasks", true},
                {"attempts", true},
                {"retries", true},
                {"429s", true},
                {"failed", true},
                {"lost time", true},
                {"cost", true},
                {"lost", true}},
               {},
               {}};
  for (const auto& p : summary.providers) {
    const auto limited = p.count(error_class::rate_limited);
    result.rows.push_back({{p.name},
                           count_entry(p.tasks),
                           count_entry(p.attempts),
                           count_entry(p.retries),
                           count_entry(limited, limited ? tone::bad : tone::plain),
                           count_entry(p.failures(), p.failures() ? tone::bad : tone::plain),
                           seconds_entry(p.wasted_s),
                           usd_entry(p.cost),
                           usd_entry(p.wasted_cost)});
  }
  if (!result.rows.empty())
    result.notes.push_back("lost: spent in attempts that brought no answer");
  return result;
}

}  // namespace assay::report
