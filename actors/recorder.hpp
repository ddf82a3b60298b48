#pragma once

#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "messages/protocols.hpp"
#include "storage/ledger.hpp"

namespace assay::actors {

struct recorder_config {
  /// Called once, on the recorder's own thread.
  std::function<expected<std::unique_ptr<storage::record_store>>()> open;
  storage::run_id run = 0;
  time_anchor anchor;
  scheduler_actor scheduler;
  results_actor results;
  /// Tasks with the very same request, which the answer to this one serves too; may be empty.
  std::function<std::vector<task>(const task&)> equals;
  milliseconds tick{5};          ///< least time between two commits
  std::size_t batch_size = 512;  ///< records that do not wait for the tick
};

/// The only writer of the ledger. Commits at once when it has been idle, else once a tick, so that
/// records of a busy run share a commit; tells the scheduler and the subscribers only after it.
/// Detached: a commit blocks its own thread. If the ledger fails, the recorder fails, and its
/// supervisor decides.
class recorder_state {
 public:
  static inline const char* name = "recorder";
  explicit recorder_state(recorder_actor::pointer self) : self_(self) {}
  void configure(recorder_config config);
  recorder_actor::behavior_type make_behavior();

  void keep(record&);
  void keep(std::vector<verdict>&);
  caf::result<std::int64_t> note(const provider_batch&);
  void commit();

 private:
  void commit_soon();
  void fail(const problem&);

  recorder_actor::pointer self_;
  recorder_config config_;
  std::unique_ptr<storage::record_store> ledger_;
  std::vector<record> records_;
  std::vector<verdict> verdicts_;
  std::map<caf::strong_actor_ptr, std::uint32_t> senders_;  ///< of the records that wait
  bool tick_pending_ = false;
  instant last_commit_{};
};

recorder_actor::behavior_type recorder(recorder_actor::stateful_pointer<recorder_state>,
                                       recorder_config);

}  // namespace assay::actors
