#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <utility>
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
  /// How long a ledger that cannot be reached is tried again before the recorder fails.
  milliseconds patience{std::chrono::minutes{10}};
};

/// The only writer of the ledger. Commits at once when it has been idle, else once a tick, so that
/// records of a busy run share a commit; tells the scheduler and the subscribers only after it.
/// Detached: a commit blocks its own thread.
///
/// While the ledger cannot be reached, what is to be committed is kept and tried again. It is not
/// acknowledged meanwhile, so that credits run dry and no more comes in than had been asked for. If
/// the ledger fails otherwise, or for longer than our patience, the recorder fails, and its
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
  /// Who waits for records to be durable, and for how many.
  using waiting_senders = std::map<caf::strong_actor_ptr, std::uint32_t>;
  /// Of one transaction, which may have to be tried again.
  struct transaction {
    storage::commit_batch batch;
    waiting_senders senders;
  };
  /// A time in which the ledger cannot be reached.
  struct outage {
    instant began, told, next_try;
    duration pause;
  };
  using batch_note = caf::typed_response_promise<std::int64_t>;

  void commit_soon();
  bool gather();
  void acknowledge(transaction&);
  void wait_for_ledger(const problem&);
  void end_outage();
  void write(const provider_batch&, batch_note);
  expected<std::int64_t> write(const provider_batch&);
  void fail(const problem&);

  recorder_actor::pointer self_;
  recorder_config config_;
  std::unique_ptr<storage::record_store> ledger_;
  std::vector<record> records_;
  std::vector<verdict> verdicts_;
  waiting_senders senders_;          ///< of these records
  std::optional<transaction> open_;  ///< under way
  std::optional<outage> outage_;
  std::vector<std::pair<provider_batch, batch_note>> notes_;  ///< for after the outage
  std::minstd_rand random_{1};
  bool tick_pending_ = false;
  instant last_commit_{};
};

recorder_actor::behavior_type recorder(recorder_actor::stateful_pointer<recorder_state>,
                                       recorder_config);

}  // namespace assay::actors
