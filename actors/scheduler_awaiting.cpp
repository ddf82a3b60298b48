#include <spdlog/spdlog.h>

#include <algorithm>

#include "actors/scheduler.hpp"

/// What nodes do, and have done, for a scheduler that is no more.
namespace assay::actors {

void scheduler_state::await(const std::string& node, const std::vector<call_under_way>& calls) {
  std::map<run_id, instant> last;
  for (const auto& c : calls) {
    if (c.key.empty()) continue;
    awaited_.put(node, c);
    last[c.run] = std::max(last[c.run], c.over);
  }
  for (auto [run, over] : last)
    self_->delayed_send(self_, over - self_->clock().now(), internal_atom_v, run);
}

/// They wait for the turn of their task, unless it waits for them. Those of tasks that were sent
/// again meanwhile are not needed any more, unless their task comes back.
void scheduler_state::arrived_late(std::vector<late_result>& results) {
  batches out;
  std::size_t gone = 0;
  for (auto& late : results) {
    awaited_.erase({late.run, late.key});
    if (!hand_arrived(late, out)) gone += late_.put(std::move(late));
  }
  if (gone > 0) spdlog::warn("late-results-dropped results={} reason=\"too many wait\"", gone);
  send(out);
  serve_all();
}

/// A task that waits for this gets it.
bool scheduler_state::hand_arrived(late_result& late, batches& out) {
  auto found = runs_.find(late.run);
  if (found == runs_.end()) return false;
  auto& run = found->second;
  auto parked = run.parked.extract(late.key);
  if (!parked) return false;
  auto position = parked.mapped();
  auto t = run.queue_of(position).make(position);
  t.run = late.run;
  if (hand_made(run, std::move(t), late, out)) return true;
  run.queue_of(position).put_back(position);
  offer(late.run, run);
  return false;
}

/// To the provider by whose account the answer came, if it takes part.
bool scheduler_state::hand_made(running& run, task t, late_result& late, batches& out) {
  if (members_.count(late.provider) == 0) return false;
  auto position = t.position;
  handed_task made{.what = std::move(t), .unasked = true};
  if (auto earlier = run.earlier.extract(position)) made.earlier = std::move(earlier.mapped());
  made.arrived = std::move(late.result);
  hand_unasked(run, position, late.provider, std::move(made), out);
  return true;
}

/// Nobody need send a task that a node has under way, or has brought the answer of.
bool scheduler_state::need_not_be_sent(running& run, const task& t, batches& out) {
  if (awaited_.contains({t.run, t.key})) {
    run.parked.emplace(t.key, t.position);
    return true;
  }
  auto late = late_.take(t.run, t.key);
  return late && hand_made(run, t, *late, out);
}

void scheduler_state::hand_unasked(running& run, std::uint32_t position, const std::string& to,
                                   handed_task what, batches& out) {
  run.money.set_aside(to, {});
  run.in_hand.emplace(position, held_task{to, {}, true, what.what.key});
  ++run.calls;
  ++calls_;
  out[to].push_back(std::move(what));
}

/// Nobody will bring the answers of these: they are asked again.
void scheduler_state::wait_no_more(const std::vector<awaited_calls::task_of_run>& whose) {
  for (const auto& [id, key] : whose) {
    auto found = runs_.find(id);
    if (found == runs_.end()) continue;
    auto& run = found->second;
    auto parked = run.parked.extract(key);
    if (!parked) continue;
    auto position = parked.mapped();
    if (run.earlier.count(position) == 0 && spare(run, position)) continue;
    run.queue_of(position).put_back(position);
    offer(id, run);
  }
  serve_all();
  for (auto& [id, run] : runs_) stop_if_stuck(run);
}

}  // namespace assay::actors
