#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "analysis/stopping_watch.hpp"
#include "messages/settings.hpp"
#include "storage/ledger.hpp"

/// Runs that ask a model no more samples once its mean is known precisely enough
/// (docs/stopping.md).
namespace assay::report {

/// What the stored rows of a run say to its stop rule. Keeps 24 bytes a task.
class stopping_rows {
 public:
  explicit stopping_rows(stop_rule rule) : rule_(std::move(rule)) {}

  /// REQUIRES: the row has the score of the rule's judge. `owed`: its verdict is still to come.
  void add(const storage::score_row&, bool owed = false);

  /// Each model's mean. Tasks in error have ended, unless they are `asked_again`.
  std::map<std::string, analysis::stopping_watch> watches(double confidence,
                                                          bool asked_again = false) const;
  std::map<std::string, analysis::stopping_watch> watches() const {
    return watches(rule_.confidence);
  }
  const stop_rule& rule() const { return rule_; }

 private:
  enum class state : std::uint8_t { open, failed, ended };
  struct task {
    std::uint64_t number = 0;
    double score = 0;
    state at = state::open;
    bool scored = false;
  };

  stop_rule rule_;
  std::map<std::string, std::vector<task>> tasks_;  ///< by model
};

std::uint64_t order_number(const storage::score_row&);

/// How precisely the mean of a model is known. The intervals hold at whatever moment one stops.
struct known_mean {
  std::string model;
  bool enough = false;      ///< by the rule
  bool stopped = false;     ///< enough, and samples were left unasked
  std::size_t samples = 0;  ///< that count, and have a score
  std::size_t planned = 0;  ///< samples there are
  double mean = 0;
  std::pair<double, double> interval{0, 1};     ///< at the rule's confidence
  std::pair<double, double> interval_95{0, 1};  ///< at 95 %

  bool operator==(const known_mean&) const = default;
};

/// How far a run is by its stop rule.
struct stopping_summary {
  stop_rule rule;
  std::vector<known_mean> models;  ///< by name

  /// No samples are to be asked any more, though some were not asked.
  bool stopped() const;
  /// That of a model that has stopped, by this judge; else null.
  const known_mean* stopped_by(const std::string& judge, const std::string& model) const;
};

/// Which rows count for a run with a stop rule, and how precise it is.
class stopping_point {
 public:
  explicit stopping_point(const stopping_rows&);

  /// The row's model has answered enough without it: it is no part of the run.
  bool spares(const storage::score_row&) const;
  stopping_summary summary() const;

 private:
  stop_rule rule_;
  std::map<std::string, analysis::stopping_watch> watches_, usual_;  ///< the latter at 95 %
};

/// `precise enough (exact: 0.812, 0.793 to 0.832, after 640 of 1,319 samples)`.
std::string describe(const known_mean&, const stop_rule&, bool name_model);

}  // namespace assay::report
