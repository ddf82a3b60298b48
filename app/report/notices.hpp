#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "analysis/watched_run.hpp"
#include "messages/problem.hpp"
#include "messages/settings.hpp"
#include "storage/ledger.hpp"

namespace assay::report {

/// A change in the stream of a run's answers, or against an earlier run (docs/watching.md).
struct notice {
  std::string what;   ///< the figure
  std::string where;  ///< model, dataset and prompt if there are several, judge, provider or node
  std::optional<storage::run_id> against;  ///< the earlier run
  /// `since`: the sample with which it began; empty against an earlier run.
  analysis::watch_finding finding;
};

analysis::watch_rule rule_of(const watch_settings&);

/// The answers that a run brought itself. Answers that were copied or come from another run, and
/// samples in error, are left out, and so are those of samples that take several calls.
class own_answers {
 public:
  void add(const storage::attempt_row&);
  /// REQUIRES: all attempts were added.
  void add(const storage::score_row&);

  bool empty() const { return sent_.empty(); }
  /// Feeds them to watches in the order in which they were asked.
  analysis::watched_cells watch(const analysis::watch_rule&) const;

 private:
  struct asked_answer {
    std::int64_t sent_ns = 0;
    analysis::watched_cell where;
    analysis::watched_answer what;
    analysis::answer_scores scores;
  };

  std::unordered_map<task_key, std::int64_t> sent_;
  std::vector<asked_answer> answers_;  ///< in plan order
};

/// What is not quiet in the run, by cell; then what differs from earlier runs of the experiment.
expected<std::vector<notice>> find_notices(storage::ledger&, const storage::run_info&,
                                           const own_answers&, const watch_settings&);

}  // namespace assay::report
