#pragma once

#include <caf/scheduler/test_coordinator.hpp>

#include "messages/caf.hpp"
#include "messages/node_protocols.hpp"
#include "messages/units.hpp"

namespace assay::actors {

/// Of an actor system in virtual time that knows every message.
struct virtual_config : caf::actor_system_config {
  virtual_config() {
    register_node_messages(*this);
    configure(*this, true, 1);
  }
};

/// The clock and the mailboxes of an actor system that was configured for virtual time: nothing
/// runs unless it is told to, and time passes only when it is told to.
class virtual_time {
 public:
  /// REQUIRES: the system is of a `virtual_config`.
  explicit virtual_time(caf::actor_system& system)
      : coordinator_(dynamic_cast<caf::scheduler::test_coordinator&>(system.scheduler())) {}

  instant now() const { return coordinator_.clock().now(); }

  /// Runs until every mailbox is empty.
  void run() { coordinator_.run(); }

  /// The same with the next actor chosen by `pick(n)` among the n that have mail.
  template <class Pick>
  void run(Pick pick) {
    while (coordinator_.has_job()) {
      auto& jobs = coordinator_.jobs;
      std::swap(jobs.front(), jobs[pick(jobs.size())]);
      coordinator_.run_once();
    }
  }

  /// Moves on to the next timer. False if there is none.
  bool next_timer() { return coordinator_.trigger_timeout(); }

  /// Lets so much time pass; what is due in it is in the mailboxes then.
  void pass(duration time) { coordinator_.advance_time(time); }

 private:
  caf::scheduler::test_coordinator& coordinator_;
};

}  // namespace assay::actors
