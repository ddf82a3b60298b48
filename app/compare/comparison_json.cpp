#include <nlohmann/json.hpp>

#include "app/compare/comparison.hpp"

namespace assay::compare {

using nlohmann::ordered_json;

namespace {

ordered_json json_of(const left_out& left) {
  return {{"not_on_other", left.not_on_other},
          {"missing", left.missing},
          {"errors", left.errors},
          {"unscored", left.unscored}};
}

void put(ordered_json& object, const tested& t, const settings& how) {
  const auto& v = t.value;
  object["samples"] = v.samples;
  object["clusters"] = v.clusters;
  object["won"] = v.wins;
  object["tied"] = v.ties;
  object["lost"] = v.losses;
  if (v.samples == 0) return;
  object["mean_a"] = v.mean_a;
  object["mean_b"] = v.mean_b;
  object["difference"] = v.difference.mean;
  object["bootstrap_interval"] = {v.low, v.high};
  if (v.clusters > 1) {
    object["standard_error"] = v.difference.standard_error;
    object["t_interval"] = {v.difference.low, v.difference.high};
    object["detectable"] = v.detectable;
  }
  object["p"] = v.p.value;
  object["p_is_exact"] = v.p.exact;
  object["p_holm"] = t.adjusted_p;
  object["distinguishable"] = distinguishable(t, how);
  if (v.samples_needed) object["samples_needed"] = *v.samples_needed;
}

ordered_json json_of(const std::vector<flip>& flips, std::size_t most) {
  auto list = ordered_json::array();
  for (std::size_t i = 0; i < flips.size() && i < most; ++i) {
    const auto& f = flips[i];
    list.push_back({{"sample", f.sample_id},
                    {"epoch", f.epoch},
                    {"score_a", f.score_a},
                    {"score_b", f.score_b},
                    {"task_a", to_string(f.a)},
                    {"task_b", to_string(f.b)}});
  }
  return list;
}

ordered_json json_of(const judged_pair& pair, const comparison& of, std::size_t most_flips) {
  ordered_json object = {{"a", pair.a},
                         {"b", pair.b},
                         {"judge", of.read.judges[pair.judge]},
                         {"tasks", pair.tasks},
                         {"same_answer", pair.same_answer},
                         {"left_out_a", json_of(pair.left_a)},
                         {"left_out_b", json_of(pair.left_b)}};
  put(object, pair.overall, of.how);
  for (const auto& shape : pair.groupings) {
    auto rows = ordered_json::array();
    for (const auto& g : shape.groups) {
      ordered_json row;
      for (std::size_t i = 0; i < shape.columns.size(); ++i) row[shape.columns[i]] = g.names[i];
      put(row, g.result, of.how);
      rows.push_back(std::move(row));
    }
    object["by_" + shape.key] = std::move(rows);
  }
  object["flips_lost"] = pair.lost.size();
  object["flips_won"] = pair.won.size();
  object["lost_samples"] = json_of(pair.lost, most_flips);
  object["won_samples"] = json_of(pair.won, most_flips);
  return object;
}

ordered_json json_of(const ranking::leaderboard& board, const comparison& of) {
  auto rows = ordered_json::array();
  for (const auto& s : board.standings)
    rows.push_back({{"side", s.side},
                    {"name", s.name},
                    {"mean", s.score.mean},
                    {"interval_95", {s.score.low, s.score.high}},
                    {"samples", s.score.samples},
                    {"coverage", s.score.coverage()},
                    {"groups", s.groups}});
  return {{"judge", of.read.judges[board.judge]}, {"standings", std::move(rows)}};
}

ordered_json json_of(const repeated& r, const comparison& of) {
  const auto& v = r.value;
  return {{"judge", of.read.judges[r.judge]},
          {"side", r.side},
          {"samples", v.samples},
          {"consistency", v.consistency},
          {"always_right", v.always_right},
          {"always_wrong", v.always_wrong},
          {"mixed", v.mixed},
          {"pass_at_k", v.pass_at},
          {"pass_hat_k", v.pass_hat}};
}

}  // namespace

std::string to_json(const comparison& of, std::size_t most_flips) {
  auto sides = ordered_json::array();
  for (const auto& s : of.read.sides)
    sides.push_back({{"name", s.name}, {"run", s.run}, {"tasks", s.rows.size()}});
  ordered_json object = {
      {"sides", std::move(sides)},     {"paired_by", to_string(of.paired_by)},
      {"cluster", of.how.cluster},     {"samples_without_cluster", of.read.without_cluster},
      {"draws", of.how.numbers.draws}, {"seed", of.how.numbers.seed},
      {"alpha", of.how.numbers.alpha}};
  object["pairs"] = ordered_json::array();
  for (const auto& pair : of.pairs) object["pairs"].push_back(json_of(pair, of, most_flips));
  object["leaderboards"] = ordered_json::array();
  for (const auto& board : of.leaderboards) object["leaderboards"].push_back(json_of(board, of));
  object["reliability"] = ordered_json::array();
  for (const auto& r : of.reliability) object["reliability"].push_back(json_of(r, of));
  return object.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

}  // namespace assay::compare
