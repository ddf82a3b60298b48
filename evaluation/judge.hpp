#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "messages/problem.hpp"
#include "messages/settings.hpp"
#include "messages/task.hpp"

namespace assay::evaluation {

/// Scores answers by a rule. Immutable, may be shared between threads.
class rule_judge {
 public:
  virtual ~rule_judge() = default;

  /// Scores one answer. Deterministic and total: an unusable answer is score 0 with an explanation,
  /// an unusable target is unscored.
  virtual verdict score(const sample&, const answer&) const = 0;

  /// `score` waits for something else (a program), so it belongs on threads of its own: how many
  /// answers it takes at the same time. 0: it computes only.
  virtual unsigned blocks() const { return 0; }
};

/// Builds the judge that the settings describe. Problems: unknown type (nearest known) or one that
/// asks models (graders/model_judge.hpp), a pattern that does not compile (with its offset), an
/// option the type does not have.
expected<std::shared_ptr<const rule_judge>> make_judge(const judge_settings&);

/// Files that a judge's command names, and their contents.
using judge_files = std::vector<std::pair<std::string, std::string>>;

/// Those of this judge, for another machine that is to make the same one. Problems: one cannot be
/// read.
expected<judge_files> files_of(const judge_settings&);

/// As `make_judge`, with the files that were read elsewhere.
expected<std::shared_ptr<const rule_judge>> make_judge(const judge_settings&, const judge_files&);

/// Names of all judge types, sorted: rules (`exact`, `numeric` ...), `command`, and those that ask
/// models.
std::vector<std::string_view> judge_types();

/// The verdict that every judge gives without reading: a refused or filtered answer scores 0 (it is
/// an answer), an outcome in error is unscored. None if there is an answer to be read.
std::optional<verdict> verdict_by_status(const record&);

/// The verdict of a judge on a record: refused and filtered answers score 0 (they are answers),
/// outcomes in error get no verdict (empty optional is expressed by `scored == false`). Fills key,
/// judge and judge_version.
verdict judge_record(const rule_judge&, const judge_settings&, const record&);

/// The verdict with its key, judge and version: what was scored is this record's answer.
verdict signed_verdict(verdict, const judge_settings&, const record&);

/// The same for many records, in their order; a judge that blocks gets the threads it asks for.
std::vector<verdict> judge_records(const rule_judge&, const judge_settings&,
                                   const std::vector<record>&);

/// Hash of the judge's settings and the sample's targets: a changed judge or target judges again.
std::string judge_version(const judge_settings&, const sample&);

}  // namespace assay::evaluation
