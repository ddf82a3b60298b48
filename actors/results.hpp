#pragma once

#include <vector>

#include "messages/protocols.hpp"

namespace assay::actors {

/// Publishes committed records, those of samples and those of follow-ups apart, and verdicts. Owns
/// the list of subscribers and nothing else. Cooperative.
class results_state {
 public:
  static inline const char* name = "results";
  explicit results_state(results_actor::pointer self) : self_(self) {}
  results_actor::behavior_type make_behavior();

 private:
  void publish(const record_batch&);

  results_actor::pointer self_;
  std::vector<subscriber_actor> samples_;
  std::vector<subscriber_actor> steps_;
  std::vector<verdict_subscriber_actor> verdicts_;
};

results_actor::behavior_type results(results_actor::stateful_pointer<results_state>);

}  // namespace assay::actors
