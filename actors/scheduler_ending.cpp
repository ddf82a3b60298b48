#include <algorithm>

#include "actors/scheduler.hpp"

/// How a run ends.
namespace assay::actors {

/// If everybody who could serve what is left is out for good, nothing more will happen: say why.
void scheduler_state::stop_if_stuck(running& run) {
  if (!run.stopped_by.empty() || run.calls > 0 || run.pending() == 0) return;
  if (!run.parked.empty()) return;
  std::set<std::string> reasons;
  bool hope = false;
  auto look = [&](const std::string& name, const task_class& c) {
    auto m = members_.find(name);
    const auto* closed = m == members_.end() ? nullptr : m->second.closed_for(c.model);
    auto refused = run.refused.find(name);
    if (closed && closed->state == intake::for_good)
      reasons.insert("provider " + name + ": " + closed->reason);
    else if (refused != run.refused.end())
      reasons.insert(refused->second);
    else
      hope = true;
  };
  auto look_at_class = [&](const task_class& c) {
    for (const auto& name : c.providers) look(name, c);
    for (const auto& name : c.fallback) look(name, c);
  };
  run.samples.for_each_pending(look_at_class);
  run.follow_ups.for_each_pending(look_at_class);
  if (hope) return;
  for (const auto& reason : reasons)
    run.stopped_by += (run.stopped_by.empty() ? "" : "; ") + reason;
  wind_up(run);
}

/// The tasks that one answer serves.
std::uint64_t scheduler_state::tasks_at(const work& w, std::uint32_t position) {
  return 1 + (w.equals ? w.equals(position).size() : 0);
}

/// What has been tried is paid for in part: it goes on.
void scheduler_state::enough(run_id id, const std::string& model) {
  auto found = runs_.find(id);
  if (found == runs_.end()) return;
  auto& run = found->second;
  run.enough.insert(model);
  run.samples.remove_if([&](std::uint32_t position) {
    return run.earlier.count(position) == 0 && spare(run, position);
  });
}

/// Counts a task as spared if its model has answered enough samples.
bool scheduler_state::spare(running& run, std::uint32_t position) {
  if (position >= first_follow_up || run.enough.empty()) return false;
  const auto& todo = *run.todo;
  if (run.enough.count(todo.classes[todo.class_of(position)].model) == 0) return false;
  run.spared += tasks_at(todo, position);
  return true;
}

void scheduler_state::wind_up(running& run) {
  for (auto [key, position] : std::exchange(run.parked, {}))
    run.queue_of(position).put_back(position);
  settle_returned(run);
  return_follow_ups(run);
}

/// At the end of a run, tasks that came back with attempts are recorded with them, in error.
void scheduler_state::settle_returned(running& run) {
  batches out;
  for (auto& [position, attempts] : std::exchange(run.earlier, {})) {
    auto to = attempts.back().provider;
    auto& queue = run.queue_of(position);
    auto t = queue.make(position);
    t.run = run.todo->run;
    queue.remove(position);
    handed_task last{std::move(t), std::move(attempts), false, true, true};
    hand_unasked(run, position, to, std::move(last), out);
  }
  send(out);
}

/// Who waits for them must not wait for ever.
void scheduler_state::return_follow_ups(running& run) {
  std::map<asker_actor, std::vector<task_key>> left;
  for (auto position : run.follow_ups.remove_if([](std::uint32_t) { return true; })) {
    left[run.askers.at(position)].push_back(run.follow_ups.make(position).key);
    run.askers.erase(position);
    run.follow_ups.done(position);
  }
  for (auto& [asker, keys] : left) self_->send(asker, return_atom_v, std::move(keys));
}

void scheduler_state::drain(const std::string& reason) {
  for (auto& [name, m] : members_)
    if (m.handle) self_->send(m.handle, drain_atom_v);
  for (auto& [id, run] : runs_) {
    if (run.stopped_by.empty()) run.stopped_by = reason;
    wind_up(run);
  }
}

void scheduler_state::deadline(run_id id) {
  wait_no_more(awaited_.over(self_->clock().now()));
  auto found = runs_.find(id);
  if (found == runs_.end() || found->second.finished()) return;
  auto& run = found->second;
  auto why = run.money.refused_by_run({}, self_->clock().now() - run.began);
  if (!why.empty() && run.stopped_by.empty()) {
    run.stopped_by = why;
    wind_up(run);
  }
  offer(id, run);
  serve_all();
}

run_progress scheduler_state::progress() const {
  run_progress p;
  p.lost_credits = lost_credits_;
  p.finished = !runs_.empty();
  for (const auto& [id, run] : runs_) {
    p.planned += run.planned;
    p.pending += run.pending();
    p.in_hand += run.in_hand.size();
    p.committed += run.committed;
    p.spared += run.spared;
    p.follow_ups += run.follow_ups_done;
    p.verdicts_due += run.verdicts_due;
    if (p.stopped_by.empty()) p.stopped_by = run.stopped_by;
    p.finished = p.finished && run.finished();
  }
  return p;
}

}  // namespace assay::actors
