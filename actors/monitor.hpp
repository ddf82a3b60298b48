#pragma once

#include "messages/protocols.hpp"

namespace assay::actors {

struct monitor_config {
  scheduler_actor scheduler;
  std::vector<account_actor> providers;
  milliseconds tick{50};
};

/// Counters over committed records, and the latest word of the scheduler and the providers. What
/// displays read; never on the data path. Cooperative.
class monitor_state {
 public:
  static inline const char* name = "monitor";
  explicit monitor_state(monitor_actor::pointer self) : self_(self) {}
  void configure(monitor_config config);
  monitor_actor::behavior_type make_behavior();

  void count(const std::vector<record>&);
  void ask_around();

 private:
  monitor_actor::pointer self_;
  monitor_config config_;
  progress_snapshot latest_;
};

monitor_actor::behavior_type monitor(monitor_actor::stateful_pointer<monitor_state>,
                                     monitor_config);

}  // namespace assay::actors
