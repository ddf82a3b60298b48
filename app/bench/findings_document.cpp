#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "app/bench/findings.hpp"
#include "app/report/clean_text.hpp"
#include "app/report/document_tables.hpp"
#include "app/report/figures.hpp"

namespace assay::bench {

namespace {

using report::table;
using report::table_cell;

constexpr std::size_t worst_shown = 3;
constexpr std::size_t message_columns = 50;

table_cell ms_entry(std::optional<double> value) {
  if (!value) return {"-"};
  return {fmt::format("{:.1f}", *value == 0 ? 0.0 : *value), report::tone::plain, {}, *value};
}

table places_table(const findings& found) {
  table t{"Places (medians, ms)",
          {{"place"},
           {"asked", true},
           {"errors", true},
           {"first token", true},
           {"client", true},
           {"round trip", true},
           {"connect", true},
           {"clock +-", true}}};
  for (const auto& place : found.places)
    t.rows.push_back({{place.name},
                      report::count_entry(place.requests),
                      report::count_entry(place.requests - place.answers),
                      ms_entry(place.first_token_ms),
                      ms_entry(place.client_ms),
                      ms_entry(place.round_trip_ms),
                      ms_entry(place.connecting_ms),
                      ms_entry(place.clock_error_ms)});
  return t;
}

std::string interval_of(const analysis::place_effect& place) {
  if (!place.interval) return "-";
  return fmt::format("{:.1f} to {:.1f}", place.interval->first, place.interval->second);
}

table separation_table(const findings& found, const figure& f) {
  const auto& parts = f.parts;
  if (!parts.nearest) return {};
  table t{fmt::format("Until the {} (ms), against {}", f.name, found.places[*parts.nearest].name),
          {{"place"},
           {"typical", true},
           {"further", true},
           {"95 %", true},
           {"client", true},
           {"network", true},
           {"rest", true}}};
  for (std::size_t p = 0; p < parts.places.size(); ++p) {
    const auto& place = parts.places[p];
    if (!place.compared) continue;
    t.rows.push_back({{found.places[p].name},
                      ms_entry(place.typical),
                      ms_entry(place.further),
                      {interval_of(place)},
                      ms_entry(place.by_client),
                      ms_entry(place.by_network),
                      ms_entry(place.by_rest)});
  }
  return t;
}

/// When the round began, by the calendar; empty if none of its requests has ended.
std::string begin_of(const record& r, std::size_t round) {
  for (const auto& q : r.requests)
    if (q.round == round + 1) return report::show_utc(r.anchor.unix_ns(q.tried.at.admitted));
  return "-";
}

table worst_rounds(const record& r, const figure& f) {
  table t{fmt::format("The provider's slowest rounds, until the {} (ms)", f.name),
          {{"round", true}, {"at"}, {"provider", true}, {"above the middle", true}}};
  if (f.provider.empty()) return t;
  std::vector<std::pair<double, std::size_t>> slowest;
  for (std::size_t i = 0; i < f.parts.provider.size(); ++i)
    if (f.parts.provider[i]) slowest.emplace_back(*f.parts.provider[i], i);
  std::sort(slowest.rbegin(), slowest.rend());
  slowest.resize(std::min(slowest.size(), worst_shown));
  for (const auto& [time, round] : slowest)
    t.rows.push_back({report::count_entry(round + 1),
                      {begin_of(r, round)},
                      ms_entry(time),
                      ms_entry(time - f.provider.front().value)});
  return t;
}

table errors_table(const findings& found) {
  table t{"Errors", {{"place"}, {"class"}, {"requests", true}, {"the last one"}}};
  for (const auto& place : found.places)
    for (const auto& [kind, count] : place.errors)
      t.rows.push_back(
          {{place.name},
           {std::string{to_string(kind)}},
           report::count_entry(count),
           {report::one_line(report::for_terminal(place.messages.at(kind)), message_columns)}});
  return t;
}

report::fact provider_fact(const figure& f) {
  const auto& middle = f.provider.front();
  const auto& tail = f.provider.back();
  auto text = fmt::format("P50 {:.1f} ms, P95 {:.1f} ms", middle.value, tail.value);
  if (!tail.claimed) text += fmt::format(" (wants {} rounds)", tail.needed);
  return {"provider, " + f.name, text};
}

report::fact variance_fact(const analysis::variance_parts& v) {
  auto share = [&](double part) { return report::show_percent(part / v.total()); };
  return {"variance", fmt::format("provider {}, places {}, rest {}", share(v.rows),
                                  share(v.columns), share(v.residual))};
}

}  // namespace

report::document describe(const record& r, const findings& found) {
  report::document d;
  d.title =
      fmt::format("{} at {}: the same request from {} place{} at the same moment", r.plan.model,
                  r.provider, found.places.size(), found.places.size() == 1 ? "" : "s");
  d.facts.push_back({"rounds", fmt::format("{} of {}, {:.1f} s apart", r.end.begun, r.plan.rounds,
                                           seconds(r.plan.interval))});
  d.facts.push_back({"requests", fmt::format("{}, of which {} failed; {}", r.end.ended,
                                             r.end.failed, report::show_usd(r.end.cost))});
  for (const auto& f : found.figures)
    if (!f.provider.empty()) d.facts.push_back(provider_fact(f));
  const auto& first = found.figures.front();
  if (first.parts.variance && first.parts.variance->total() > 0)
    d.facts.push_back(variance_fact(*first.parts.variance));
  d.remarks = found.notes;
  d.tables = {places_table(found)};
  for (const auto& f : found.figures) d.tables.push_back(separation_table(found, f));
  d.tables.push_back(worst_rounds(r, first));
  d.tables.push_back(errors_table(found));
  std::erase_if(d.tables, [](const table& t) { return t.rows.empty(); });
  return d;
}

}  // namespace assay::bench
