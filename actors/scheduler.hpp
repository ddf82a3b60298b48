#pragma once

#include <deque>
#include <map>
#include <unordered_map>

#include "messages/protocols.hpp"

namespace assay::actors {

struct scheduler_config {
  /// Most tasks handed out but not committed: a slow database slows the run, not grows memory.
  std::uint32_t max_uncommitted = 20'000;
};

/// Owns the pending tasks of a run. Hands them to whoever asks (late binding), first those that
/// only the asker can serve. Cooperative; lives as long as its run.
///
/// Invariant: every submitted position is in exactly one of: a queue, in hand, committed, left
/// over.
class scheduler_state {
 public:
  static inline const char* name = "scheduler";
  explicit scheduler_state(scheduler_actor::pointer self) : self_(self) {}
  void configure(scheduler_config config) { config_ = config; }
  scheduler_actor::behavior_type make_behavior();

  void join(const std::string& provider, const provider_actor& handle);
  void submit(const work_ptr& w);
  void grant(const credit& c);
  void take_back(const std::string& provider, const std::vector<std::uint32_t>& positions);
  void suspend(const std::string& provider, const std::string& reason);
  void committed(const commit_note& note);
  void drain(const std::string& reason);
  run_progress progress() const;

 private:
  /// Tasks that the same providers can serve, in plan order.
  struct queue {
    std::vector<std::string> providers;
    std::deque<std::uint32_t> positions;
  };
  struct member {
    provider_actor handle;
    std::uint32_t wanted = 0;  ///< credit not answered yet
    std::string suspended;
    std::vector<queue*> queues;  ///< fewest alternatives first
  };

  void serve_all();
  void serve(member&);
  bool may_hand_out() const;
  bool within_budget(const task&);
  void stop_if_stuck();
  std::uint64_t pending() const;

  scheduler_actor::pointer self_;
  scheduler_config config_;
  work_ptr work_;
  std::map<std::string, member> members_;
  std::map<std::vector<std::string>, queue> queues_;
  std::unordered_map<std::uint32_t, usd> in_hand_;  ///< position -> the most it can cost
  std::uint64_t unfinished_ = 0;                    ///< handed out, no outcome yet
  std::uint64_t committed_ = 0;
  std::uint64_t verdicts_due_ = 0;
  usd spent_;
  usd reserved_;
  std::string stopped_by_;
};

scheduler_actor::behavior_type scheduler(scheduler_actor::stateful_pointer<scheduler_state>,
                                         scheduler_config);

}  // namespace assay::actors
