#pragma once

#include <memory>
#include <string>
#include <vector>

#include "analysis/watched_run.hpp"
#include "messages/protocols.hpp"

namespace assay::actors {

struct result_watcher_config {
  analysis::watch_rule rule;
  std::vector<std::string> judges;  ///< of the run, in its order
  analysis::watched_cells before;   ///< the watches of what the run brought earlier
};

/// Conforms to `subscriber_actor` and `verdict_subscriber_actor`.
using result_watcher_actor =
    typed_actor<caf::result<void>(record_batch), caf::result<void>(verdict_batch)>;

/// Watches the answers of a run while it goes on, and logs each change: a warning when a figure
/// fires, a note when it is as usual again. What the summary says is computed from the ledger, not
/// from here. Cooperative; forgets an answer once it and its verdicts are committed.
class result_watcher_state {
 public:
  static inline const char* name = "result_watcher";
  explicit result_watcher_state(result_watcher_actor::pointer self) : self_(self) {}
  void configure(result_watcher_config config);
  result_watcher_actor::behavior_type make_behavior();

  void add(const std::vector<record>&);
  void add(const std::vector<verdict>&);

 private:
  void tell();

  result_watcher_actor::pointer self_;
  std::unique_ptr<analysis::watched_run> watched_;
};

result_watcher_actor::behavior_type result_watcher(
    result_watcher_actor::stateful_pointer<result_watcher_state>, result_watcher_config);

}  // namespace assay::actors
