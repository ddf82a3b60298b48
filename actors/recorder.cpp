#include "actors/recorder.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace assay::actors {

namespace {

constexpr duration first_pause = std::chrono::milliseconds{100};
constexpr duration longest_pause = std::chrono::seconds{5};
constexpr duration between_warnings = std::chrono::minutes{1};

caf::error gone() {
  return caf::make_error(caf::sec::runtime_error, std::string{"the ledger failed"});
}

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
  auto answer = self_->make_response_promise<std::int64_t>();
  commit();
  if (outage_)
    notes_.emplace_back(b, answer);
  else
    write(b, answer);
  return answer;
}

void recorder_state::write(const provider_batch& b, batch_note answer) {
  auto written = write(b);
  if (written) {
    answer.deliver(*written);
  } else if (ledger_ && ledger_->unreachable()) {
    notes_.emplace_back(b, answer);
    wait_for_ledger(written.error());
  } else {
    answer.deliver(gone());
    if (ledger_) fail(written.error());
  }
}

expected<std::int64_t> recorder_state::write(const provider_batch& b) {
  if (!ledger_) return assay::fail("ledger", "it has failed");
  if (b.id == 0) return ledger_->announce_batch(b);
  return ledger_->change_batch(b.id, b.state, b.batch_id, b.changed_unix_ns).map([&] {
    return b.id;
  });
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

/// Makes a transaction of what waits; false if nothing does.
bool recorder_state::gather() {
  if (!open_ && !(records_.empty() && verdicts_.empty()))
    open_ = {{config_.run, std::exchange(records_, {}), std::exchange(verdicts_, {})},
             std::exchange(senders_, {})};
  return open_.has_value();
}

void recorder_state::commit() {
  auto now = self_->clock().now();
  if (!ledger_ || (outage_ && now < outage_->next_try)) return;
  while (gather()) {
    if (auto done = ledger_->commit(open_->batch, config_.anchor); !done)
      return ledger_->unreachable() ? wait_for_ledger(done.error()) : fail(done.error());
    last_commit_ = self_->clock().now();
    acknowledge(*open_);
    open_.reset();
  }
  if (outage_) end_outage();
}

void recorder_state::acknowledge(transaction& done) {
  commit_note note;
  if (!done.batch.verdicts.empty()) note.verdicts[config_.run] = done.batch.verdicts.size();
  for (const auto& r : done.batch.records) note.tasks.push_back(note_of(r));
  self_->send(config_.scheduler, std::move(note));
  for (const auto& [sender, count] : done.senders)
    self_->send(caf::actor_cast<account_actor>(sender), commit_atom_v, count);
  if (!done.batch.records.empty())
    self_->send(config_.results,
                record_batch{std::make_shared<std::vector<record>>(std::move(done.batch.records))});
  if (!done.batch.verdicts.empty())
    self_->send(
        config_.results,
        verdict_batch{std::make_shared<std::vector<verdict>>(std::move(done.batch.verdicts))});
}

// -- outages --------------------------------------------------------------------------------------

void recorder_state::wait_for_ledger(const problem& p) {
  auto now = self_->clock().now();
  if (!outage_) outage_ = {now, {}, now, first_pause};
  auto& o = *outage_;
  if (now - o.began > config_.patience) return fail(p);
  if (o.told == instant{} || now - o.told >= between_warnings) {
    spdlog::warn("ledger-unreachable for_s={:.0f} uncommitted={} reason=\"{}\"",
                 seconds(now - o.began),
                 (open_ ? open_->batch.records.size() : 0) + records_.size(), render(p));
    o.told = now;
  }
  auto pause = from_seconds(seconds(o.pause) * std::uniform_real_distribution<>(0.5, 1)(random_));
  o.next_try = now + pause;
  o.pause = std::min(2 * o.pause, longest_pause);
  self_->delayed_send(self_, pause, internal_atom_v);
}

void recorder_state::end_outage() {
  auto lasted = self_->clock().now() - outage_->began;
  outage_.reset();
  for (auto& [batch, answer] : std::exchange(notes_, {})) {
    if (outage_)
      notes_.emplace_back(batch, answer);
    else
      write(batch, answer);
  }
  if (!outage_) spdlog::info("ledger-reachable after_s={:.0f}", seconds(lasted));
}

void recorder_state::fail(const problem& p) {
  ledger_.reset();
  for (auto& [batch, answer] : std::exchange(notes_, {})) answer.deliver(gone());
  self_->quit(caf::make_error(caf::sec::runtime_error, render(p)));
}

recorder_actor::behavior_type recorder(recorder_actor::stateful_pointer<recorder_state> self,
                                       recorder_config config) {
  return begin_actor(self, std::move(config));
}

}  // namespace assay::actors
