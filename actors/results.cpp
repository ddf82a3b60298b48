#include "actors/results.hpp"

namespace assay::actors {

results_actor::behavior_type results_state::make_behavior() {
  return {[this](const record_batch& batch) {
            for (const auto& subscriber : subscribers_) self_->send(subscriber, batch);
          },
          [this](join_atom, const subscriber_actor& s) { subscribers_.push_back(s); }};
}

results_actor::behavior_type results(results_actor::stateful_pointer<results_state> self) {
  return begin_actor(self);
}

}  // namespace assay::actors
