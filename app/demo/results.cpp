#include "app/demo/results.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "app/report/document_tables.hpp"
#include "app/report/figures.hpp"
#include "app/report/text.hpp"

namespace assay::demo {

namespace {

using nlohmann::ordered_json;
using report::table;

expected<void> read_answers(storage::ledger& ledger, const report::run_summary& run,
                            results& into) {
  std::vector<std::string> judges;
  for (const auto& scores : run.scores) judges.push_back(scores.judge.name);
  return ledger.score_rows(run.run.id, judges, [&](const storage::score_row& row) {
    into.answers.push_back({run.run.experiment, row.where, row.sample_id,
                            row.has_outcome ? std::string(to_string(row.status)) : "missing",
                            row.scores});
  });
}

std::string heading(const results& r) {
  std::string apis;
  for (const auto& name : r.made_from.apis) apis += (apis.empty() ? "" : ", ") + name;
  return fmt::format("assay demo: suite {}, seed {}, simulated {}\n", r.made_from.suite,
                     r.made_from.seed, apis);
}

std::vector<table> rankings(const results& r) {
  std::vector<table> all;
  for (const auto& run : r.runs)
    for (auto& board : report::leaderboard_tables_of(run)) {
      constexpr std::string_view usual = "Leaderboard: ";
      board.title = run.run.experiment + " by " + board.title.substr(usual.size());
      if (!all.empty()) all.back().notes.clear();
      all.push_back(std::move(board));
    }
  return all;
}

table summary_of(const results& r) {
  table t{"Summary",
          {{"experiment"},
           {"tasks", true},
           {"answered", true},
           {"errors", true},
           {"judge"},
           {"mean", true},
           {"best model"}},
          {},
          {}};
  for (const auto& run : r.runs)
    for (std::size_t j = 0; j < run.scores.size(); ++j) {
      const auto& scores = run.scores[j];
      const auto& mean = scores.overall.value;
      auto board = std::find_if(run.leaderboards.begin(), run.leaderboards.end(),
                                [&](const auto& b) { return b.judge == j; });
      const bool ranked = board != run.leaderboards.end() && board->standings.front().rank > 0;
      t.rows.push_back({{run.run.experiment},
                        report::count_entry(run.counts.tasks),
                        report::count_entry(run.counts.answered),
                        report::count_entry(run.counts.errors),
                        {scores.judge.name},
                        report::score_entry(mean.samples ? std::optional(mean.mean) : std::nullopt),
                        {ranked ? board->standings.front().name : "-"}});
    }
  return t;
}

table times_of(const results& r) {
  table t{fmt::format("This time: {}, {} node{}", r.mode, r.workers, r.workers == 1 ? "" : "s"),
          {{"experiment"},
           {"time", true},
           {"least time", true},
           {"ratio", true},
           {"calls", true},
           {"429s", true},
           {"failed", true},
           {"cost", true}},
          {},
          {}};
  for (const auto& run : r.runs) {
    std::size_t calls = 0, limited = 0, failed = 0;
    for (const auto& p : run.providers) {
      calls += p.attempts;
      limited += p.count(error_class::rate_limited);
      failed += p.failures();
    }
    auto ratio = run.speed.ratio();
    t.rows.push_back({{run.run.experiment},
                      report::seconds_entry(run.speed.makespan_s),
                      report::seconds_entry(run.speed.least.seconds),
                      {ratio ? report::show_ratio(*ratio) : "-"},
                      report::count_entry(calls),
                      report::count_entry(limited),
                      report::count_entry(failed),
                      report::usd_entry(run.cost)});
  }
  if (r.mode == "simulation") t.notes.push_back("times are virtual");
  return t;
}

table nodes_of(const results& r) {
  table t{"", {{"node"}, {"calls", true}}, {}, {}};
  for (const auto& [name, calls] : r.calls_of_nodes)
    t.rows.push_back({{name.empty() ? "-" : name}, report::count_entry(calls)});
  return t;
}

ordered_json json_of(const answer_row& row) {
  ordered_json scores = ordered_json::object();
  for (const auto& [judge, score] : row.scores)
    scores[judge] = score ? ordered_json(*score) : ordered_json();
  return {{"experiment", row.experiment}, {"model", row.where.model},
          {"dataset", row.where.dataset}, {"prompt", row.where.prompt},
          {"sample", row.sample},         {"status", row.status},
          {"scores", std::move(scores)}};
}

/// Rank, name, mean and groups of every model, by experiment and judge.
ordered_json rankings_json(const results& r) {
  auto all = ordered_json::array();
  for (const auto& run : r.runs)
    for (const auto& board : run.leaderboards) {
      auto models = ordered_json::array();
      for (const auto& s : board.standings)
        models.push_back({{"rank", s.rank},
                          {"model", s.name},
                          {"mean", s.score.samples ? ordered_json(s.score.mean) : ordered_json()},
                          {"samples", s.score.samples},
                          {"groups", s.groups}});
      all.push_back({{"experiment", run.run.experiment},
                     {"judge", run.scores[board.judge].judge.name},
                     {"models", std::move(models)}});
    }
  return all;
}

}  // namespace

expected<results> read_results(storage::ledger& ledger, const wishes& w, const std::string& mode,
                               std::size_t workers) {
  results r{.mode = mode, .workers = workers, .made_from = w};
  auto runs = ledger.runs();
  if (!runs) return tl::make_unexpected(runs.error());
  std::sort(runs->begin(), runs->end(), [](const auto& a, const auto& b) { return a.id < b.id; });
  for (const auto& info : *runs) {
    auto summary = report::summarise(ledger, info);
    if (!summary) return tl::make_unexpected(summary.error());
    auto read = read_answers(ledger, *summary, r);
    if (read)
      read = ledger.attempt_rows(
          info.id, [&](const storage::attempt_row& row) { ++r.calls_of_nodes[row.node]; });
    if (!read) return tl::make_unexpected(read.error());
    r.runs.push_back(std::move(*summary));
  }
  return r;
}

std::string to_text(const results& r) {
  auto text = heading(r);
  for (const auto& ranking : rankings(r)) text += "\n" + report::to_text(ranking);
  text += "\n" + report::to_text(summary_of(r));
  text += "\n" + report::to_text(times_of(r));
  return text + "\n" + report::to_text(nodes_of(r));
}

std::string to_json(const results& r) {
  ordered_json object{{"demo",
                       {{"mode", r.mode},
                        {"suite", r.made_from.suite},
                        {"apis", r.made_from.apis},
                        {"seed", r.made_from.seed},
                        {"workers", r.workers}}}};
  object["rankings"] = rankings_json(r);
  object["answers"] = ordered_json::array();
  for (const auto& row : r.answers) object["answers"].push_back(json_of(row));
  object["calls_by_node"] = r.calls_of_nodes;
  object["experiments"] = ordered_json::array();
  for (const auto& run : r.runs)
    object["experiments"].push_back(ordered_json::parse(report::to_json(run)));
  return object.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace assay::demo
