#include <nlohmann/json.hpp>

#include "app/report/figures.hpp"
#include "app/report/summary.hpp"

namespace assay::report {

using nlohmann::ordered_json;

namespace {

template <class Map>
ordered_json by_class(const Map& counts) {
  ordered_json object = ordered_json::object();
  for (const auto& [kind, n] : counts) object[std::string(to_string(kind))] = n;
  return object;
}

void put_score(ordered_json& object, const analysis::estimate& value,
               const std::optional<std::pair<double, double>>& wilson, const known_mean* stopped) {
  const bool any = value.samples > 0;
  const bool spread = value.samples > 1;
  object["mean"] = any ? ordered_json(value.mean) : ordered_json();
  object["standard_error"] = spread ? ordered_json(value.standard_error) : ordered_json();
  object["interval_95"] = spread ? ordered_json{value.low, value.high} : ordered_json();
  if (stopped) {
    object["interval_95"] = {stopped->interval_95.first, stopped->interval_95.second};
    object["stopped"] = true;
  }
  if (wilson) object["wilson_95"] = {wilson->first, wilson->second};
  object["samples"] = value.samples;
  object["scored"] = value.scored;
  object["planned"] = value.planned;
  object["coverage"] = value.coverage();
}

void put_score(ordered_json& object, const score_group& group, const known_mean* stopped) {
  put_score(object, group.value, group.wilson, stopped);
}

ordered_json json_of(const ranking::leaderboard& board, const run_summary& of) {
  auto models = ordered_json::array();
  for (const auto& s : board.standings) {
    ordered_json row = {{"rank", s.rank > 0 ? ordered_json(s.rank) : ordered_json()},
                        {"model", s.name}};
    put_score(row, s.score, s.wilson,
              of.stopped_mean(of.scores[board.judge].judge.name, "model", {s.name}));
    row["groups"] = s.groups;
    models.push_back(std::move(row));
  }
  return {{"judge", of.scores[board.judge].judge.name}, {"models", std::move(models)}};
}

ordered_json json_of(const notice& n) {
  return {{"what", n.what},
          {"where", n.where},
          {"state", std::string(to_string(n.finding.state))},
          {"since", n.finding.since},
          {"against_run", n.against ? ordered_json(*n.against) : ordered_json()},
          {"before", n.finding.before},
          {"before_n", n.finding.before_n},
          {"then", n.finding.now},
          {"then_n", n.finding.now_n},
          {"p", n.finding.p}};
}

ordered_json json_of(const known_mean& known) {
  const bool any = known.samples > 0;
  return {{"model", known.model},
          {"enough", known.enough},
          {"stopped", known.stopped},
          {"samples", known.samples},
          {"planned", known.planned},
          {"mean", any ? ordered_json(known.mean) : ordered_json()},
          {"interval", {known.interval.first, known.interval.second}}};
}

ordered_json json_of(const stopping_summary& stopping) {
  auto models = ordered_json::array();
  for (const auto& known : stopping.models) models.push_back(json_of(known));
  return {{"judge", stopping.rule.judge},           {"half_width", stopping.rule.half_width},
          {"confidence", stopping.rule.confidence}, {"min_samples", stopping.rule.min_samples},
          {"stopped", stopping.stopped()},          {"models", std::move(models)}};
}

ordered_json json_of(const judge_scores& scores, const run_summary& of) {
  ordered_json object = {{"judge", scores.judge.name}, {"type", scores.judge.type}};
  if (scores.judge.counts_chances()) object["k"] = scores.judge.k;
  put_score(object["overall"], scores.overall, of.stopped_mean(scores.judge.name, "", {}));
  for (const auto& grouping : scores.groupings) {
    auto rows = ordered_json::array();
    for (const auto& group : grouping.groups) {
      ordered_json row;
      for (std::size_t i = 0; i < grouping.columns.size(); ++i)
        row[grouping.columns[i]] = group.names[i];
      put_score(row, group, of.stopped_mean(scores.judge.name, grouping.key, group.names));
      rows.push_back(std::move(row));
    }
    object["by_" + grouping.key] = std::move(rows);
  }
  return object;
}

ordered_json json_of(const pace& speed) {
  ordered_json object = {{"tasks", speed.tasks},
                         {"makespan_s", speed.makespan_s},
                         {"longest_pause_s", speed.longest_pause_s},
                         {"lower_bound_s", speed.least.seconds},
                         {"binds", speed.least.binds}};
  object["ratio"] = speed.ratio() ? ordered_json(*speed.ratio()) : ordered_json();
  return object;
}

ordered_json json_of(const std::vector<analysis::percentile>& series) {
  ordered_json object = ordered_json::object();
  for (const auto& p : series) {
    auto& entry = object["p" + std::to_string(static_cast<int>(p.rank))];
    entry["value"] = p.value;
    entry["claimed"] = p.claimed;
    if (!p.claimed) entry["samples_needed"] = p.needed;
  }
  return object;
}

ordered_json json_of(const provider_summary& provider) {
  return {{"name", provider.name},
          {"tasks", provider.tasks},
          {"attempts", provider.attempts},
          {"retries", provider.retries},
          {"attempts_by_class", by_class(provider.by_class)},
          {"rate_limited", provider.count(error_class::rate_limited)},
          {"cost_usd", provider.cost.value},
          {"wasted_usd", provider.wasted_cost.value},
          {"wasted_s", provider.wasted_s},
          {"input_tokens", provider.input_tokens},
          {"output_tokens", provider.output_tokens},
          {"latency_s", json_of(provider.latency_s)},
          {"ttft_s", json_of(provider.ttft_s)},
          {"not_timed", provider.not_timed},
          {"speed", json_of(provider.speed)}};
}

ordered_json json_of(const storage::account_limits& found) {
  auto rates = ordered_json::array();
  for (const auto& r : found.limits.rates) {
    rates.push_back({{"model", r.model},
                     {"limit", limit_name(r.counts, r.source)},
                     {"rate_per_s", r.rate},
                     {"low_per_s", r.low},
                     {"high_per_s", r.high},
                     {"burst", r.burst}});
    if (r.window) rates.back()["window_s"] = seconds(*r.window);
    if (!r.address.empty()) rates.back()["address"] = r.address;
  }
  auto places = ordered_json::array();
  for (const auto& p : found.limits.places) {
    places.push_back({{"model", p.model},
                      {"limit", limit_name(dimension::concurrency, p.source)},
                      {"most", p.most}});
    if (!p.address.empty()) places.back()["address"] = p.address;
  }
  return {{"provider", found.provider}, {"rates", rates}, {"in_flight", places}};
}

ordered_json json_of(const std::optional<double>& value) {
  return value ? ordered_json(*value) : ordered_json();
}

ordered_json json_of(const grader_summary& grader) {
  return {{"model", grader.model},
          {"grades", grader.grades},
          {"no_grade", grader.unread},
          {"failed", grader.failed},
          {"calls", grader.calls},
          {"input_tokens", grader.input_tokens},
          {"output_tokens", grader.output_tokens},
          {"cost_usd", grader.cost.value}};
}

ordered_json json_of(const pair_agreement& pair) {
  return {{"models", {pair.one, pair.other}}, {"kappa", json_of(pair.kappa)}};
}

template <class T>
ordered_json array_of(const std::vector<T>& entries);

ordered_json json_of(const panel_summary& panel) {
  ordered_json object = {{"judge", panel.judge},         {"type", panel.type},
                         {"verdicts", panel.verdicts},   {"unscored", panel.unscored},
                         {"calls", panel.calls()},       {"cost_usd", panel.cost().value},
                         {"alpha", json_of(panel.alpha)}};
  if (panel.compared > 0) {
    object["compared"] = panel.compared;
    object["inconsistent"] = panel.inconsistent;
  }
  object["kappa"] = array_of(panel.pairs);
  object["models"] = array_of(panel.graders);
  return object;
}

ordered_json json_of(const threshold_check& check) {
  ordered_json object = {
      {"judge", check.judge}, {"least", check.least}, {"missed", check.missed()}};
  object["mean"] = check.mean ? ordered_json(*check.mean) : ordered_json();
  return object;
}

ordered_json json_of(const call_usage& usage) { return ordered_json::parse(to_json(usage)); }

template <class T>
ordered_json array_of(const std::vector<T>& entries) {
  auto array = ordered_json::array();
  for (const auto& entry : entries) array.push_back(json_of(entry));
  return array;
}

}  // namespace

std::string to_json(const call_usage& u) {
  return ordered_json{{"calls", u.calls},
                      {"items_per_call", u.items_per_call()},
                      {"cache_hits", u.cache_hits},
                      {"coalesced", u.coalesced},
                      {"calls_saved", u.saved()},
                      {"hedges", u.hedges},
                      {"calls_wasted", u.wasted},
                      {"cost_usd", u.cost.value},
                      {"wasted_usd", u.wasted_cost.value}}
      .dump();
}

std::string to_json(const run_summary& summary) {
  const auto& run = summary.run;
  ordered_json object;
  object["run"] = {{"id", run.id},
                   {"experiment", run.experiment},
                   {"state", std::string(storage::to_string(run.state))},
                   {"file", run.file},
                   {"started", iso_utc(run.started_unix_ns)},
                   {"ended", iso_utc(run.ended_unix_ns)}};
  const auto& counts = summary.counts;
  object["tasks"] = {{"total", counts.tasks},     {"answered", counts.answered},
                     {"refused", counts.refused}, {"filtered", counts.filtered},
                     {"errors", counts.errors},   {"missing", counts.missing},
                     {"spared", counts.spared},   {"reused", summary.reused}};
  object["errors_by_class"] = by_class(summary.errors);
  object["cost_usd"] = summary.cost.value;
  object["input_tokens"] = summary.input_tokens;
  object["output_tokens"] = summary.output_tokens;
  object["calls"] = json_of(summary.calls);
  object["judges_cost_usd"] = summary.judges_cost().value;
  object["scores"] = ordered_json::array();
  for (const auto& scores : summary.scores) object["scores"].push_back(json_of(scores, summary));
  object["leaderboards"] = ordered_json::array();
  for (const auto& board : summary.leaderboards)
    object["leaderboards"].push_back(json_of(board, summary));
  object["model_judges"] = array_of(summary.panels);
  object["stopping"] = summary.stopping ? json_of(*summary.stopping) : ordered_json();
  object["thresholds"] = array_of(summary.thresholds);
  object["speed"] = json_of(summary.speed);
  object["providers"] = array_of(summary.providers);
  object["noticed"] = array_of(summary.noticed);
  object["limits_found"] = array_of(summary.found_limits);
  return object.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

}  // namespace assay::report
