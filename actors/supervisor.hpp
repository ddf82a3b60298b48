#pragma once

#include <functional>
#include <optional>

#include "actors/batch_desk.hpp"
#include "actors/conductor.hpp"
#include "actors/judge.hpp"
#include "actors/provider.hpp"
#include "actors/result_watcher.hpp"
#include "actors/stopper.hpp"
#include "actors/worker.hpp"
#include "messages/node_protocols.hpp"
#include "storage/ledger.hpp"

namespace assay::actors {

struct supervisor_config {
  std::vector<account_access_ptr> providers;
  std::vector<judge_config> judges;          ///< without their recorder
  std::vector<conductor_config> conductors;  ///< without their peers
  std::function<transport_actor(caf::local_actor&)> spawn_transport;
  node_registry_actor nodes;                      ///< null: the run has none
  std::uint32_t places_here = places::unlimited;  ///< exchanges of this process, per account
  std::uint32_t programs_here = std::numeric_limits<std::uint32_t>::max();  ///< per judge
  std::function<expected<std::unique_ptr<storage::record_store>>()> open_ledger;
  /// What is to be done; asked at the start and again after a restart.
  std::function<expected<work_ptr>()> missing;
  storage::run_id run = 0;
  time_anchor anchor;
  /// What is known of the accounts from before, so that no window holds more than its limit after
  /// a restart; asked at every start of the tree. May be empty.
  std::function<expected<std::vector<account_memory>>()> recall;
  delivery_mode delivery = delivery_mode::single;
  /// The batches that the run has open, and which of their tasks are missing; asked at every start
  /// of the tree. May be empty.
  std::function<expected<std::vector<held_batch>>()> open_batches;
  /// What the stopper goes on from, if the run has one; asked at every start of the tree. May be
  /// empty.
  std::function<expected<std::optional<stopper_config>>()> stopping;
  /// What the watcher of the answers goes on from, if the run has one; asked at every start of the
  /// tree. May be empty.
  std::function<expected<std::optional<result_watcher_config>>()> watching;
  std::function<bool()> may_send;  ///< `provider_config::may_send`
  double hedge = 0;                ///< part of the tasks that may be sent twice at the end
  batching_settings batching;
  std::uint64_t seed = 1;
  milliseconds monitor_tick{50};
  bool own_threads = true;  ///< recorder on a thread of its own; false in virtual time
  int max_restarts = 3;     ///< within `restart_window`
  std::chrono::seconds restart_window{60};
};

/// The tree of one run. If any child fails, the whole tree is taken down and built again from the
/// ledger: a restart is a resume. After too many restarts the run ends, says why, and stays
/// resumable. On an exit message it takes the tree down and goes.
class supervisor_state {
 public:
  static inline const char* name = "supervisor";
  explicit supervisor_state(supervisor_actor::pointer self) : self_(self) {}
  void configure(supervisor_config config);
  supervisor_actor::behavior_type make_behavior();

 private:
  progress_snapshot status();
  void start_tree();
  account_actor spawn_provider(const account_access_ptr&, const recorder_actor&, const work_ptr&,
                               const std::vector<account_memory>&, const std::vector<held_batch>&,
                               std::uint64_t first_permit);
  void start_watcher(const results_actor&);
  std::optional<problem> recall_steps();
  void start_stopper(stopper_config, const results_actor&);
  std::vector<std::pair<conductor_actor, record_batch>> start_conductors(const recorder_actor&,
                                                                         const results_actor&);
  void take_down(bool at_once);
  void child_down(const caf::down_msg& down);
  void end_with(const std::string& reason);
  bool may_restart();
  template <class Handle>
  Handle adopt(Handle child, const char* role);

  supervisor_actor::pointer self_;
  supervisor_config config_;
  transport_actor transport_;
  scheduler_actor scheduler_;
  monitor_actor monitor_;
  stopper_actor stopper_;  ///< none without a stop rule
  std::string stop_judge_;
  struct child {
    caf::actor handle;
    const char* role;
  };
  std::vector<child> children_;  ///< in the order of their start
  std::vector<instant> restarts_;
  std::string failure_;  ///< why the tree is being taken down; empty: because we leave
  bool leaving_ = false;
  progress_snapshot latest_;  ///< the monitor's last word
  bool ended_ = false;        ///< gave up; `latest_` says why
};

supervisor_actor::behavior_type supervisor(supervisor_actor::stateful_pointer<supervisor_state>,
                                           supervisor_config);

}  // namespace assay::actors
