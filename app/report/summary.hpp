#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "analysis/lower_bound.hpp"
#include "analysis/percentile.hpp"
#include "analysis/scores.hpp"
#include "app/ranking/leaderboard.hpp"
#include "app/report/notices.hpp"
#include "app/report/panels.hpp"
#include "app/report/setup.hpp"
#include "app/report/stopping.hpp"
#include "storage/ledger.hpp"

/// What a run came to. Every figure is a query over the records of the ledger (definitions:
/// docs/measurement.md); nothing is counted while the run goes on.
namespace assay::report {

/// How many tasks came to what.
struct outcome_counts {
  std::size_t tasks = 0;
  std::size_t answered = 0;
  std::size_t refused = 0;
  std::size_t filtered = 0;
  std::size_t errors = 0;
  std::size_t missing = 0;  ///< no outcome yet
  std::size_t spared = 0;   ///< no part of the run, since enough is known without them
};

/// The score of one group of tasks by one judge.
struct score_group {
  std::vector<std::string> names;  ///< one for each column of the grouping; empty for all tasks
  analysis::estimate value;
  /// Wilson interval; only where every score is 0 or 1 and no sample has several.
  std::optional<std::pair<double, double>> wilson;
};

/// The same scores cut in one way, e.g. by model and prompt.
struct grouping {
  std::string key;  ///< `model_prompt`, `cell`, `task_type`, `tag`
  std::vector<std::string> columns;
  std::vector<score_group> groups;  ///< sorted by name
};

struct judge_scores {
  judge_setup judge;
  score_group overall;
  std::vector<grouping> groupings;
};

/// How fast tasks were served, against the least time that the limits allow.
struct pace {
  std::size_t tasks = 0;       ///< with an answer
  double makespan_s = 0;       ///< first admitted to last done, pauses included
  double longest_pause_s = 0;  ///< with nothing in flight
  analysis::bound least;
  /// makespan / least; absent if nothing was served
  std::optional<double> ratio() const {
    if (least.seconds <= 0) return std::nullopt;
    return makespan_s / least.seconds;
  }
};

struct provider_summary {
  std::string name;
  std::size_t tasks = 0;     ///< distinct ones that it was asked
  std::size_t attempts = 0;  ///< exchanges, failed or not
  std::size_t retries = 0;   ///< attempts after the first of a task
  std::map<error_class, std::size_t> by_class;
  usd cost;
  usd wasted_cost;      ///< of attempts that brought no answer
  double wasted_s = 0;  ///< time spent in such attempts
  std::int64_t input_tokens = 0;
  std::int64_t output_tokens = 0;
  std::vector<analysis::percentile> latency_s;  ///< sent -> done of attempts with an answer
  std::vector<analysis::percentile> ttft_s;     ///< sent -> first answer text
  /// Answers that both leave out, by the node whose moments are not worth it (`bad_lag`).
  std::map<std::string, std::size_t> not_timed;
  pace speed;

  std::size_t count(error_class kind) const {
    auto at = by_class.find(kind);
    return at == by_class.end() ? 0 : at->second;
  }
  /// Attempts that brought neither an answer nor a 429.
  std::size_t failures() const;
};

/// How many calls a group of tasks took and did not need. A call that several tasks share counts in
/// parts, each task's part where the task belongs.
struct call_usage {
  double calls = 0;
  std::size_t asked = 0;       ///< tasks in these calls, a task once for each attempt
  std::size_t cache_hits = 0;  ///< answers copied from other runs
  std::size_t coalesced = 0;   ///< answers copied from an equal task of the same run
  double shared = 0;           ///< calls saved since answered tasks shared theirs
  double hedges = 0;
  double wasted = 0;  ///< calls that brought nothing
  usd cost;
  usd wasted_cost;

  double items_per_call() const { return calls > 0 ? static_cast<double>(asked) / calls : 0; }
  /// Calls that one for each answer would have taken beyond those that were made for answers.
  double saved() const { return static_cast<double>(cache_hits + coalesced) + shared; }
};

struct threshold_check {
  std::string judge;
  double least = 0;
  std::optional<double> mean;  ///< absent if nothing was scored
  bool missed() const { return !mean || *mean < least; }
};

struct run_summary {
  storage::run_info run;
  setup made_with;
  outcome_counts counts;
  std::map<error_class, std::size_t> errors;  ///< of tasks in error, by class of the last attempt
  std::size_t reused = 0;                     ///< outcomes that an earlier run had brought
  usd cost;                                   ///< of this run's attempts
  std::int64_t input_tokens = 0;              ///< of this run's attempts, as reported
  std::int64_t output_tokens = 0;
  std::vector<judge_scores> scores;
  std::vector<ranking::leaderboard> leaderboards;  ///< of the models, by judge as in `scores`
  std::vector<panel_summary> panels;               ///< judges that ask models, by name
  std::vector<provider_summary> providers;
  call_usage calls;
  std::map<std::string, call_usage> calls_by_provider;
  pace speed;  ///< over all providers
  std::vector<threshold_check> thresholds;
  std::optional<stopping_summary> stopping;           ///< of a run with a stop rule
  std::vector<storage::account_limits> found_limits;  ///< that nobody configured
  std::vector<notice> noticed;                        ///< what changed

  bool threshold_missed() const;
  /// What is known of the mean of this group, if it is that of a model that has stopped: the usual
  /// interval does not hold for it. Else null. `names` as in a grouping by `key`; "" for all tasks.
  const known_mean* stopped_mean(const std::string& judge, const std::string& key,
                                 const std::vector<std::string>& names) const;
  /// The part of `cost` that is of calls of judges.
  usd judges_cost() const;
};

/// True for attempts that brought an answer, refusals and filtered ones included.
bool brought_answer(error_class);

/// Reads the ledger and computes everything.
expected<run_summary> summarise(storage::ledger&, const storage::run_info&);

/// The machine form: times in s and UTC, money in USD, names as in this file.
std::string to_json(const run_summary&);
std::string to_json(const call_usage&);

}  // namespace assay::report
