#include "actors/stopper.hpp"

namespace assay::actors {

stopper_actor::behavior_type stopper_state::make_behavior() {
  return {[this](const record_batch& batch) { note(batch); },
          [this](const verdict_batch& batch) { note(batch); },
          [this](waive_atom, const task_key& key) { settle(key, std::nullopt); }};
}

void stopper_state::note(const record_batch& batch) {
  for (const auto& r : *batch) {
    const auto& asked = r.asked;
    if (config_.models.count(asked.where.model) == 0) continue;
    watched_task task{asked.where.model,
                      analysis::order_number(asked.where.dataset, asked.item.id)};
    if (r.got.status == outcome_status::error)
      settle(task, std::nullopt);
    else
      config_.owed.emplace(asked.key, std::move(task));
  }
}

void stopper_state::note(const verdict_batch& batch) {
  for (const auto& v : *batch)
    if (v.judge == config_.judge) settle(v.key, v.scored ? std::optional(v.score) : std::nullopt);
}

void stopper_state::settle(const task_key& key, std::optional<double> score) {
  if (auto owed = config_.owed.extract(key)) settle(owed.mapped(), score);
}

void stopper_state::settle(const watched_task& task, std::optional<double> score) {
  auto found = config_.models.find(task.model);
  if (found == config_.models.end()) return;
  found->second.settle(task.number, score);
  if (!found->second.enough()) return;
  self_->send(config_.scheduler, enough_atom_v, config_.run, task.model);
  config_.models.erase(found);
}

stopper_actor::behavior_type stopper(stopper_actor::stateful_pointer<stopper_state> self,
                                     stopper_config config) {
  return begin_actor(self, std::move(config));
}

}  // namespace assay::actors
