#include "app/bench/findings.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "actors/outcome_of.hpp"
#include "analysis/median.hpp"
#include "app/bench/request_times.hpp"

namespace assay::bench {

namespace {

constexpr std::uint64_t seed = 1;

std::optional<double> median_of(std::vector<double> values) {
  if (values.empty()) return {};
  return analysis::median(values);
}

/// The places in the order of their names; this process first.
std::vector<std::string> places_of(const record& r) {
  std::vector<std::string> names;
  for (const auto& q : r.requests) names.push_back(q.place);
  std::sort(names.begin(), names.end(), [](const std::string& a, const std::string& b) {
    return std::pair(a != place_here, a) < std::pair(b != place_here, b);
  });
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

bool is_measured(const record& r, const attempt& tried) {
  return tried.from.clock_error <= r.bad_lag;
}

place_findings look_at(const record& r, const std::string& name) {
  place_findings place{.name = name};
  std::vector<double> first, whole, client, round_trip, connecting;
  for (const auto& q : r.requests) {
    if (q.place != name) continue;
    const auto& tried = q.tried;
    ++place.requests;
    place.new_connections += tried.new_connection;
    place.clock_error_ms = std::max(place.clock_error_ms, ms(tried.from.clock_error));
    if (!actors::is_answer(tried.error.kind)) {
      ++place.errors[tried.error.kind];
      place.messages[tried.error.kind] = tried.error.message;
      continue;
    }
    ++place.answers;
    place.left_out += !is_measured(r, tried);
    client.push_back(ms(send_lag(tried)));
    if (tried.at.first_content != instant{})
      first.push_back(ms(tried.at.first_content - tried.at.sent));
    whole.push_back(ms(tried.at.done - tried.at.sent));
    if (tried.round_trip.count() > 0) round_trip.push_back(ms(tried.round_trip));
    if (tried.new_connection) connecting.push_back(ms(tried.connecting.total()));
  }
  place.first_token_ms = median_of(first);
  place.whole_ms = median_of(whole);
  place.client_ms = median_of(client);
  place.round_trip_ms = median_of(round_trip);
  place.connecting_ms = median_of(connecting);
  return place;
}

/// When the answer had come so far; `instant{}`: never.
using milestone = instant timeline::*;

figure take_apart(const record& r, const std::vector<std::string>& names, const std::string& name,
                  milestone end) {
  std::vector<analysis::placed_time> times;
  for (const auto& q : r.requests) {
    const auto& tried = q.tried;
    auto reached = tried.at.*end != instant{} && tried.at.sent != instant{};
    if (!actors::is_answer(tried.error.kind) || !reached || !is_measured(r, tried)) continue;
    auto place = std::find(names.begin(), names.end(), q.place) - names.begin();
    auto client = ms(send_lag(tried));
    analysis::placed_time t{q.round - 1,
                            static_cast<std::size_t>(place),
                            client + ms(tried.at.*end - tried.at.sent),
                            client,
                            {}};
    if (tried.round_trip.count() > 0) t.network = ms(tried.round_trip);
    times.push_back(t);
  }
  figure f{name, analysis::separate(times, r.end.begun, names.size(), seed), {}};
  std::vector<double> provider;
  for (const auto& v : f.parts.provider)
    if (v) provider.push_back(*v);
  f.provider = analysis::percentiles(provider, {50, 95});
  return f;
}

std::size_t count_late(const record& r) {
  std::map<std::uint32_t, instant> began;
  for (const auto& q : r.requests) began.try_emplace(q.round, q.tried.at.admitted);
  std::size_t late = 0;
  for (auto b = began.begin(); b != began.end(); ++b) {
    auto before = b == began.begin() ? b : std::prev(b);
    auto tolerated = r.plan.interval + std::max<duration>(r.plan.interval / 20, milliseconds(20));
    late += b->first == before->first + 1 && b->second - before->second > tolerated;
  }
  return late;
}

void note_places(const record& r, const findings& found, std::vector<std::string>& notes) {
  for (const auto& why : r.absent) notes.push_back("not taking part: " + why);
  for (std::size_t p = 0; p < found.places.size(); ++p) {
    const auto& place = found.places[p];
    if (place.requests < r.end.begun)
      notes.push_back(
          fmt::format("{} was asked in {} of {} rounds", place.name, place.requests, r.end.begun));
    if (place.left_out > 0)
      notes.push_back(fmt::format(
          "left out of the comparison: {} of {} answers of {}, whose clock or timers are known no "
          "better than {} ms (bad_lag of [nodes])",
          place.left_out, place.answers, place.name, r.bad_lag.count()));
    if (place.answers > 0 && !place.round_trip_ms)
      notes.push_back(place.name + ": no round trip was measured; its network is part of the rest");
    const auto& parts = found.figures.front().parts;
    if (parts.places[p].values > 0 && !parts.places[p].compared)
      notes.push_back(place.name +
                      " is not compared: it has no round in common with the other places");
  }
}

void note_comparison(const record& r, const findings& found, std::vector<std::string>& notes) {
  const auto& parts = found.figures.front().parts;
  if (!parts.nearest) {
    notes.emplace_back("no answer was measured: nothing to take apart");
    return;
  }
  if (parts.places_compared() < 2) {
    notes.emplace_back(
        "one place alone: what the provider takes and what lies between cannot be told apart, but "
        "for one round trip; another place tells (--from-nodes)");
    return;
  }
  notes.emplace_back(
      "what all places have in common (a proxy, the provider's edge, a part of the way) counts as "
      "the provider's; a round is the provider's as far as places agree on it");
  if (parts.rounds < analysis::rounds_for_interval)
    notes.push_back(fmt::format("{} rounds are too few for intervals; {} would do at the least",
                                parts.rounds, analysis::rounds_for_interval));
  for (std::size_t p = 0; p < parts.places.size(); ++p) {
    const auto& place = parts.places[p];
    if (!place.interval || place.told_apart() || !place.rounds_needed) continue;
    notes.push_back(fmt::format("{} and {} are not told apart by the first token; {} rounds might",
                                found.places[p].name, found.places[*parts.nearest].name,
                                *place.rounds_needed));
  }
  if (found.late_rounds > 0)
    notes.push_back(fmt::format(
        "{} rounds began later than planned: the one before was not over, or a limit held them",
        found.late_rounds));
  if (!r.plan.new_connections) {
    std::size_t fresh = 0;
    for (const auto& place : found.places) fresh += place.new_connections;
    notes.push_back(
        fmt::format("{} of {} requests made a new connection; the time for it is not "
                    "part of what is compared",
                    fresh, r.requests.size()));
  }
}

}  // namespace

findings find_out(const record& r) {
  findings found;
  auto names = places_of(r);
  for (const auto& name : names) found.places.push_back(look_at(r, name));
  found.figures.push_back(take_apart(r, names, "first token", &timeline::first_content));
  found.figures.push_back(take_apart(r, names, "whole answer", &timeline::done));
  found.late_rounds = count_late(r);
  if (!r.end.stopped_by.empty())
    found.notes.push_back(fmt::format("ended after {} of {} rounds: {}", r.end.begun, r.plan.rounds,
                                      r.end.stopped_by));
  note_places(r, found, found.notes);
  note_comparison(r, found, found.notes);
  return found;
}

}  // namespace assay::bench
