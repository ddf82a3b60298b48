#include "actors/recorder.hpp"

#include <iterator>
#include <utility>

namespace assay::actors {

void recorder_state::configure(recorder_config config) {
  config_ = std::move(config);
  auto opened = config_.open();
  if (opened)
    ledger_ = std::move(*opened);
  else
    fail(opened.error());
}

recorder_actor::behavior_type recorder_state::make_behavior() {
  return {[this](record& r) { keep(r); }, [this](std::vector<verdict>& v) { keep(v); },
          [this](internal_atom) {
            tick_pending_ = false;
            commit();
          }};
}

void recorder_state::keep(record& r) {
  records_.push_back(std::move(r));
  if (auto sender = self_->current_sender())
    ++senders_[caf::actor_cast<caf::strong_actor_ptr>(sender)];
  commit_soon();
}

void recorder_state::keep(std::vector<verdict>& v) {
  std::move(v.begin(), v.end(), std::back_inserter(verdicts_));
  commit_soon();
}

void recorder_state::commit_soon() {
  auto due = last_commit_ + config_.tick;
  auto now = self_->clock().now();
  if (now >= due || records_.size() + verdicts_.size() >= config_.batch_size) {
    commit();
  } else if (!tick_pending_) {
    tick_pending_ = true;
    self_->delayed_send(self_, due - now, internal_atom_v);
  }
}

void recorder_state::commit() {
  if (!ledger_ || (records_.empty() && verdicts_.empty())) return;
  storage::commit_batch batch{config_.run, std::exchange(records_, {}),
                              std::exchange(verdicts_, {})};
  if (auto done = ledger_->commit(batch, config_.anchor); !done) {
    fail(done.error());
    return;
  }
  last_commit_ = self_->clock().now();
  commit_note note;
  note.verdicts = batch.verdicts.size();
  for (const auto& r : batch.records) {
    note.positions.push_back(r.asked.position);
    note.answers += r.got.status != outcome_status::error;
    note.cost += r.got.cost;
  }
  self_->send(config_.scheduler, std::move(note));
  for (const auto& [sender, count] : std::exchange(senders_, {}))
    self_->send(caf::actor_cast<provider_actor>(sender), commit_atom_v, count);
  if (!batch.records.empty())
    self_->send(config_.results,
                record_batch{std::make_shared<std::vector<record>>(std::move(batch.records))});
}

void recorder_state::fail(const problem& p) {
  self_->quit(caf::make_error(caf::sec::runtime_error, render(p)));
}

recorder_actor::behavior_type recorder(recorder_actor::stateful_pointer<recorder_state> self,
                                       recorder_config config) {
  return begin_actor(self, std::move(config));
}

}  // namespace assay::actors
