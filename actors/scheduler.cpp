#include "actors/scheduler.hpp"

#include <algorithm>
#include <cstdio>

namespace assay::actors {

scheduler_actor::behavior_type scheduler_state::make_behavior() {
  return {
      [this](join_atom, const std::string& name, const provider_actor& p) { join(name, p); },
      [this](const work_ptr& w) { submit(w); },
      [this](const credit& c) { grant(c); },
      [this](return_atom, const std::string& name, const std::vector<std::uint32_t>& positions) {
        take_back(name, positions);
      },
      [this](suspend_atom, const std::string& name, const std::string& why) { suspend(name, why); },
      [this](const commit_note& note) { committed(note); },
      [this](drain_atom, const std::string& reason) { drain(reason); },
      [this](status_atom) { return progress(); }};
}

void scheduler_state::join(const std::string& provider, const provider_actor& handle) {
  members_[provider].handle = handle;
}

void scheduler_state::submit(const work_ptr& w) {
  work_ = w;
  for (auto position : w->positions) {
    const auto& providers = w->providers(position);
    auto& q = queues_[providers];
    if (q.providers.empty()) q.providers = providers;
    q.positions.push_back(position);
  }
  for (auto& [name, m] : members_) {
    m.queues.clear();
    for (auto& [providers, q] : queues_)
      if (std::find(providers.begin(), providers.end(), name) != providers.end())
        m.queues.push_back(&q);
    std::stable_sort(m.queues.begin(), m.queues.end(), [](const queue* a, const queue* b) {
      return a->providers.size() < b->providers.size();
    });
  }
  serve_all();
}

void scheduler_state::grant(const credit& c) {
  unfinished_ -= std::min<std::uint64_t>(unfinished_, c.finished);
  auto& asking = members_[c.provider];  // its credit may overtake the word that it takes part
  asking.wanted += c.wanted;
  if (work_ && work_->concurrency && c.finished > 0)
    serve_all();  // room under the common cap is anybody's
  else
    serve(asking);
}

void scheduler_state::serve_all() {
  for (auto& [name, m] : members_) serve(m);
}

bool scheduler_state::may_hand_out() const {
  if (!work_ || !stopped_by_.empty()) return false;
  if (work_->concurrency && unfinished_ >= *work_->concurrency) return false;
  return in_hand_.size() < config_.max_uncommitted;
}

bool scheduler_state::within_budget(const task& t) {
  auto most = work_->ceiling ? work_->ceiling(t) : usd{};
  if (work_->max_cost && (spent_ + reserved_ + most).value > work_->max_cost->value) {
    char text[80];
    std::snprintf(text, sizeof text, "budget reached: max_cost_usd = %g, spent %.6g",
                  work_->max_cost->value, spent_.value);
    if (in_hand_.empty()) stopped_by_ = text;
    return false;
  }
  reserved_ += most;
  in_hand_.emplace(t.position, most);
  ++unfinished_;
  return true;
}

void scheduler_state::serve(member& m) {
  if (!m.handle) return;
  std::vector<task> batch;
  for (auto* q : m.queues) {
    while (m.wanted > 0 && !q->positions.empty() && m.suspended.empty() && may_hand_out()) {
      auto t = work_->make(q->positions.front());
      t.position = q->positions.front();
      if (!within_budget(t)) break;
      q->positions.pop_front();
      --m.wanted;
      batch.push_back(std::move(t));
    }
  }
  if (!batch.empty()) self_->send(m.handle, std::move(batch));
}

void scheduler_state::take_back(const std::string& provider,
                                const std::vector<std::uint32_t>& positions) {
  for (auto position = positions.rbegin(); position != positions.rend(); ++position) {
    auto held = in_hand_.find(*position);
    if (held == in_hand_.end()) continue;
    reserved_ = reserved_ + held->second * -1;
    in_hand_.erase(held);
    unfinished_ -= unfinished_ > 0;
    queues_[work_->providers(*position)].positions.push_front(*position);
  }
  serve_all();
  stop_if_stuck();
  (void)provider;
}

void scheduler_state::suspend(const std::string& provider, const std::string& reason) {
  auto& m = members_[provider];
  m.suspended = reason;
  m.wanted = 0;
  stop_if_stuck();
}

void scheduler_state::committed(const commit_note& note) {
  for (auto position : note.positions) {
    auto held = in_hand_.find(position);
    if (held == in_hand_.end()) continue;
    reserved_ = reserved_ + held->second * -1;
    in_hand_.erase(held);
    ++committed_;
  }
  spent_ += note.cost;
  verdicts_due_ += note.answers * (work_ ? work_->judges : 0);
  verdicts_due_ -= std::min(verdicts_due_, note.verdicts);
  serve_all();
  stop_if_stuck();
}

/// If everybody who could serve what is left has been suspended, nothing more will happen: say why.
void scheduler_state::stop_if_stuck() {
  if (!work_ || !stopped_by_.empty() || !in_hand_.empty() || pending() == 0) return;
  std::string reasons;
  for (const auto& [providers, q] : queues_) {
    if (q.positions.empty()) continue;
    for (const auto& name : providers) {
      const auto& why = members_[name].suspended;
      if (why.empty()) return;
      if (reasons.find(name + ": ") != std::string::npos) continue;
      reasons += (reasons.empty() ? "provider " : "; provider ") + name + ": " + why;
    }
  }
  stopped_by_ = reasons;
}

void scheduler_state::drain(const std::string& reason) {
  if (stopped_by_.empty()) stopped_by_ = reason;
  for (auto& [name, m] : members_)
    if (m.handle) self_->send(m.handle, drain_atom_v);
}

std::uint64_t scheduler_state::pending() const {
  std::uint64_t n = 0;
  for (const auto& [providers, q] : queues_) n += q.positions.size();
  return n;
}

run_progress scheduler_state::progress() const {
  run_progress p;
  p.planned = work_ ? work_->positions.size() : 0;
  p.pending = pending();
  p.in_hand = unfinished_;
  p.committed = committed_;
  p.stopped_by = stopped_by_;
  auto nothing_to_hand_out = p.pending == 0 || !stopped_by_.empty();
  p.finished = work_ && nothing_to_hand_out && in_hand_.empty() && verdicts_due_ == 0;
  return p;
}

scheduler_actor::behavior_type scheduler(scheduler_actor::stateful_pointer<scheduler_state> self,
                                         scheduler_config config) {
  return begin_actor(self, config);
}

}  // namespace assay::actors
