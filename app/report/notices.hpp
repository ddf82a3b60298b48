#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "analysis/watch.hpp"
#include "messages/settings.hpp"
#include "storage/ledger.hpp"

namespace assay::report {

/// A change in the stream of a run's answers (docs/watching.md).
struct notice {
  std::string what;   ///< `score`, `refusals`, `answer tokens`, `judges disagree`, `provider`
  std::string where;  ///< model, and judge or provider
  std::string since;  ///< the sample with which it began
  analysis::watch_finding finding;
};

/// Looks at the answers of a run in the order in which they came. Answers that were copied, and
/// samples in error, are left out.
class notice_finder {
 public:
  void add(const storage::attempt_row&);
  /// REQUIRES: all attempts were added.
  void add(const storage::score_row&);

  /// What is not quiet, by what and where. A task whose mean depends on the data's order is a
  /// change too.
  std::vector<notice> find(const watch_settings&) const;

 private:
  struct seen {
    std::int64_t done_ns = 0;
    storage::score_row row;
  };

  std::unordered_map<task_key, std::int64_t> done_;
  std::vector<seen> answers_;
};

}  // namespace assay::report
