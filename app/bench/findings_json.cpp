#include <nlohmann/json.hpp>

#include "app/bench/findings.hpp"
#include "app/bench/request_times.hpp"
#include "app/report/figures.hpp"

namespace assay::bench {

namespace {

using json = nlohmann::ordered_json;

template <class T>
json or_null(const std::optional<T>& value) {
  return value ? json(*value) : json();
}

json since_sent(const attempt& tried, instant then) {
  if (then == instant{} || tried.at.sent == instant{}) return {};
  return ms(then - tried.at.sent);
}

json json_of(const record& r, const round_request& q) {
  const auto& tried = q.tried;
  const auto& at = tried.at;
  auto was_sent = at.sent != instant{};
  json made{{"round", q.round},
            {"place", q.place},
            {"at", report::iso_utc(r.anchor.unix_ns(at.admitted))},
            {"waited_ms", ms(at.admitted - at.intended)},
            {"client_ms", was_sent ? json(ms(send_lag(tried))) : json()},
            {"first_byte_ms", since_sent(tried, at.first_byte)},
            {"first_token_ms", since_sent(tried, at.first_content)},
            {"total_ms", since_sent(tried, at.done)},
            {"round_trip_ms", tried.round_trip.count() > 0 ? json(ms(tried.round_trip)) : json()},
            {"new_connection", tried.new_connection}};
  if (tried.new_connection)
    made["connecting_ms"] = {{"name", ms(tried.connecting.name)},
                             {"tcp", ms(tried.connecting.tcp)},
                             {"tls", ms(tried.connecting.tls)}};
  made["clock_offset_ms"] = ms(tried.from.clock_offset);
  made["clock_error_ms"] = ms(tried.from.clock_error);
  made["measured"] = tried.from.clock_error <= r.bad_lag;
  made["status"] = tried.http_status;
  made["request_id"] = tried.request_id;
  if (tried.error.kind != error_class::none)
    made["error"] = {{"class", to_string(tried.error.kind)}, {"message", tried.error.message}};
  made["input_tokens"] = or_null(tried.usage.input);
  made["output_tokens"] = or_null(tried.usage.output);
  made["cost_usd"] = tried.cost.value;
  return made;
}

json json_of(const place_findings& place) {
  auto errors = json::object();
  for (const auto& [kind, count] : place.errors) errors[std::string{to_string(kind)}] = count;
  return {{"place", place.name},
          {"requests", place.requests},
          {"answers", place.answers},
          {"left_out", place.left_out},
          {"errors", std::move(errors)},
          {"new_connections", place.new_connections},
          {"first_token_ms", or_null(place.first_token_ms)},
          {"total_ms", or_null(place.whole_ms)},
          {"client_ms", or_null(place.client_ms)},
          {"round_trip_ms", or_null(place.round_trip_ms)},
          {"connecting_ms", or_null(place.connecting_ms)},
          {"clock_error_ms", place.clock_error_ms}};
}

json json_of(const findings& found, const figure& f) {
  const auto& parts = f.parts;
  auto places = json::array();
  for (std::size_t p = 0; p < parts.places.size(); ++p) {
    const auto& place = parts.places[p];
    if (!place.compared) continue;
    places.push_back(
        {{"place", found.places[p].name},
         {"values", place.values},
         {"typical_ms", place.typical},
         {"further_ms", place.further},
         {"interval_ms",
          place.interval ? json{place.interval->first, place.interval->second} : json()},
         {"by_client_ms", place.by_client},
         {"by_network_ms", or_null(place.by_network)},
         {"by_rest_ms", place.by_rest},
         {"rounds_needed", or_null(place.rounds_needed)}});
  }
  auto rounds = json::array();
  for (const auto& v : parts.provider) rounds.push_back(or_null(v));
  json made{{"rounds", parts.rounds},
            {"nearest", parts.nearest ? json(found.places[*parts.nearest].name) : json()},
            {"places", std::move(places)}};
  auto& provider = made["provider"];
  for (const auto& p : f.provider)
    provider["p" + std::to_string(static_cast<int>(p.rank)) + "_ms"] = {
        {"value", p.value}, {"claimed", p.claimed}, {"rounds_needed", p.needed}};
  provider["by_round_ms"] = std::move(rounds);
  if (parts.variance)
    made["variance_ms2"] = {{"provider", parts.variance->rows},
                            {"places", parts.variance->columns},
                            {"rest", parts.variance->residual},
                            {"rounds", parts.variance->rows_used}};
  return made;
}

}  // namespace

json to_json(const record& r, const findings& found) {
  json made{{"model", r.plan.model},
            {"provider", r.provider},
            {"rounds",
             {{"planned", r.plan.rounds},
              {"begun", r.end.begun},
              {"late", found.late_rounds},
              {"interval_s", seconds(r.plan.interval)}}},
            {"requests_made", r.end.ended},
            {"failed", r.end.failed},
            {"cost_usd", r.end.cost.value},
            {"stopped_by", r.end.stopped_by},
            {"notes", found.notes}};
  for (const auto& place : found.places) made["places"].push_back(json_of(place));
  made["first_token"] = json_of(found, found.figures[0]);
  made["whole_answer"] = json_of(found, found.figures[1]);
  for (const auto& q : r.requests) made["requests"].push_back(json_of(r, q));
  return made;
}

}  // namespace assay::bench
