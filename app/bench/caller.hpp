#pragma once

#include <vector>

#include "actors/round_caller.hpp"

namespace assay::bench {

/// A round caller, as a program that waits for it uses it. Not thread-safe.
class caller {
 public:
  /// `here`: this process is a place, too. REQUIRES: the system outlives it.
  caller(caf::actor_system&, actors::round_caller_config, bool here);
  /// Ends it; what is under way is no longer wanted.
  ~caller();
  caller(const caller&) = delete;
  caller& operator=(const caller&) = delete;

  rounds_status status();
  /// The requests that have ended since this was called last.
  std::vector<round_request> take();
  void begin(round_plan);
  /// The round under way is the last one, for this reason.
  void drain(const std::string& why);
  /// Calls off what is under way.
  void stop();

 private:
  caf::scoped_actor self_;
  transport_actor transport_;
  round_caller_actor caller_;
};

}  // namespace assay::bench
