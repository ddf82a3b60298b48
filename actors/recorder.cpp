#include "actors/recorder.hpp"

#include <iterator>
#include <utility>

namespace assay::actors {

namespace {

committed_task note_of(const record& r) {
  committed_task note{.run = r.asked.run,
                      .position = r.asked.position,
                      .status = r.got.status,
                      .cached = r.got.cached,
                      .provider = r.got.provider};
  for (const auto& tried : r.got.attempts) {
    note.cost += tried.cost;
    note.tokens += tried.usage.input.value_or(0) + tried.usage.output.value_or(0);
  }
  if (!r.got.attempts.empty()) {
    const auto& at = r.got.attempts.back().at;
    note.service_s = seconds(at.done - at.sent);
  }
  return note;
}

}  // namespace

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
          [this](const provider_batch& b) { return note(b); },
          [this](internal_atom) {
            tick_pending_ = false;
            commit();
          }};
}

void recorder_state::keep(record& r) {
  if (auto sender = self_->current_sender())
    ++senders_[caf::actor_cast<caf::strong_actor_ptr>(sender)];
  if (config_.equals && !r.asked.is_step() && r.got.status != outcome_status::error)
    for (auto& equal : config_.equals(r.asked))
      records_.push_back({equal, copy_of(r.got, equal.key)});
  records_.push_back(std::move(r));
  commit_soon();
}

void recorder_state::keep(std::vector<verdict>& v) {
  std::move(v.begin(), v.end(), std::back_inserter(verdicts_));
  commit_soon();
}

/// What waits is committed first, so that a batch is never collected before its results are.
caf::result<std::int64_t> recorder_state::note(const provider_batch& b) {
  commit();
  auto gone = caf::make_error(caf::sec::runtime_error, std::string{"the ledger failed"});
  if (!ledger_) return gone;
  if (b.id == 0) {
    auto id = ledger_->announce_batch(b);
    if (id) return *id;
    fail(id.error());
    return gone;
  }
  if (auto done = ledger_->change_batch(b.id, b.state, b.batch_id, b.changed_unix_ns); !done) {
    fail(done.error());
    return gone;
  }
  return b.id;
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
  if (!batch.verdicts.empty()) note.verdicts[config_.run] = batch.verdicts.size();
  for (const auto& r : batch.records) note.tasks.push_back(note_of(r));
  self_->send(config_.scheduler, std::move(note));
  for (const auto& [sender, count] : std::exchange(senders_, {}))
    self_->send(caf::actor_cast<account_actor>(sender), commit_atom_v, count);
  if (!batch.records.empty())
    self_->send(config_.results,
                record_batch{std::make_shared<std::vector<record>>(std::move(batch.records))});
  if (!batch.verdicts.empty())
    self_->send(config_.results,
                verdict_batch{std::make_shared<std::vector<verdict>>(std::move(batch.verdicts))});
}

void recorder_state::fail(const problem& p) {
  ledger_.reset();
  self_->quit(caf::make_error(caf::sec::runtime_error, render(p)));
}

recorder_actor::behavior_type recorder(recorder_actor::stateful_pointer<recorder_state> self,
                                       recorder_config config) {
  return begin_actor(self, std::move(config));
}

}  // namespace assay::actors
