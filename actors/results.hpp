#pragma once

#include <vector>

#include "messages/protocols.hpp"

namespace assay::actors {

/// Publishes committed records. Owns the list of subscribers and nothing else. Cooperative.
class results_state {
 public:
  static inline const char* name = "results";
  explicit results_state(results_actor::pointer self) : self_(self) {}
  results_actor::behavior_type make_behavior();

 private:
  results_actor::pointer self_;
  std::vector<subscriber_actor> subscribers_;
};

results_actor::behavior_type results(results_actor::stateful_pointer<results_state>);

}  // namespace assay::actors
