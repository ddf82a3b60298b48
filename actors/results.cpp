#include "actors/results.hpp"

#include <algorithm>

namespace assay::actors {

results_actor::behavior_type results_state::make_behavior() {
  return {[this](const record_batch& batch) { publish(batch); },
          [this](const verdict_batch& batch) {
            for (const auto& subscriber : verdicts_) self_->send(subscriber, batch);
          },
          [this](join_atom, published what, const subscriber_actor& s) {
            (what == published::samples ? samples_ : steps_).push_back(s);
          },
          [this](join_atom, const verdict_subscriber_actor& s) { verdicts_.push_back(s); }};
}

void results_state::publish(const record_batch& batch) {
  auto is_step = [](const record& r) { return r.asked.is_step(); };
  auto steps = std::count_if(batch->begin(), batch->end(), is_step);
  auto tell = [&](const std::vector<subscriber_actor>& whom, const record_batch& what) {
    for (const auto& subscriber : whom) self_->send(subscriber, what);
  };
  if (steps == 0) return tell(samples_, batch);
  auto of_steps = std::make_shared<std::vector<record>>();
  auto of_samples = std::make_shared<std::vector<record>>();
  for (const auto& r : *batch) (is_step(r) ? of_steps : of_samples)->push_back(r);
  tell(steps_, of_steps);
  if (!of_samples->empty()) tell(samples_, of_samples);
}

results_actor::behavior_type results(results_actor::stateful_pointer<results_state> self) {
  return begin_actor(self);
}

}  // namespace assay::actors
