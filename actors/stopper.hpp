#pragma once

#include <map>
#include <string>
#include <unordered_map>

#include "analysis/stopping_watch.hpp"
#include "messages/protocols.hpp"

namespace assay::actors {

/// A task as the stopper sees it.
struct watched_task {
  std::string model;
  std::uint64_t number = 0;  ///< of its sample, `analysis::order_number`
};

struct stopper_config {
  std::int64_t run = 0;
  std::string judge;
  std::map<std::string, analysis::stopping_watch> models;  ///< those that have not answered enough
  std::unordered_map<task_key, watched_task> owed;         ///< stored answers without a verdict
  scheduler_actor scheduler;
};

/// Tells the scheduler of each model of a run that has answered enough samples: the interval of its
/// mean by one judge is narrow enough. Holds what waits for its verdict, which the scheduler
/// bounds. Cooperative.
class stopper_state {
 public:
  static inline const char* name = "stopper";
  explicit stopper_state(stopper_actor::pointer self) : self_(self) {}
  void configure(stopper_config config) { config_ = std::move(config); }
  stopper_actor::behavior_type make_behavior();

  void note(const record_batch&);
  void note(const verdict_batch&);
  void settle(const task_key&, std::optional<double> score);

 private:
  void settle(const watched_task&, std::optional<double> score);

  stopper_actor::pointer self_;
  stopper_config config_;
};

stopper_actor::behavior_type stopper(stopper_actor::stateful_pointer<stopper_state>,
                                     stopper_config);

}  // namespace assay::actors
