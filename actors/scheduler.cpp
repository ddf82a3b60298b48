#include "actors/scheduler.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

namespace assay::actors {

using namespace std::chrono_literals;

namespace {

/// How much one answer moves the mean service time of a provider.
constexpr double learning = 0.1;
/// Output of a request that names no cap, for reservations.
constexpr std::int64_t output_without_cap = 4096;

bool lists(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

reservation most_of(const work& w, const task& t) {
  return {w.ceiling ? w.ceiling(t) : usd{},
          t.input_tokens + t.request.max_tokens.value_or(output_without_cap)};
}

}  // namespace

/// No more tasks can have been at nodes than were handed out and not committed.
void scheduler_state::configure(scheduler_config config) {
  config_ = config;
  late_ = late_shelf{{.results = config.max_uncommitted}};
}

scheduler_actor::behavior_type scheduler_state::make_behavior() {
  return {[this](join_atom, const provider_terms& t, const taker_actor& p) { join(t, p); },
          [this](const work_ptr& w) { submit(w); },
          [this](std::vector<follow_up>& calls, const asker_actor& by) { submit(calls, by); },
          [this](waive_atom, std::int64_t run, std::uint64_t verdicts) { waive(run, verdicts); },
          [this](enough_atom, std::int64_t run, const std::string& model) { enough(run, model); },
          [this](const credit& c) { grant(c); },
          [this](return_atom, const std::string& provider, std::vector<returned_task>& tasks) {
            take_back(provider, tasks);
          },
          [this](const closure& c) { close(c); },
          [this](const commit_note& note) { committed(note); },
          [this](const std::string& node, const std::vector<call_under_way>& c) { await(node, c); },
          [this](std::vector<late_result>& results) { arrived_late(results); },
          [this](leave_atom, const std::string& node) { wait_no_more(awaited_.leave(node)); },
          [this](drain_atom, const std::string& reason) { drain(reason); },
          [this](status_atom) { return progress(); },
          [this](internal_atom, std::int64_t run) { deadline(run); }};
}

// -- who takes part -------------------------------------------------------------------------------

void scheduler_state::join(const provider_terms& terms, const taker_actor& handle) {
  auto& m = members_[terms.name];  // its first credit may have overtaken this
  m.terms = terms;
  m.handle = handle;
  for (auto& [id, run] : runs_) enqueue(m, id, *run.todo);
  turns_.add(terms.name, terms.weight);
  serve_all();
}

void scheduler_state::submit(const work_ptr& w) {
  runs_.erase(w->run);
  auto& run = runs_.emplace(w->run, running{w, self_->clock().now()}).first->second;
  for (auto position : w->positions) run.planned += tasks_at(*w, position);
  offer(w->run, run);
  auto set_timer = [&](const budget& b) {
    if (b.deadline) self_->delayed_send(self_, *b.deadline, internal_atom_v, w->run);
  };
  set_timer(w->spending);
  for (const auto& [account, b] : w->account_spending) set_timer(b);
  serve_all();
}

/// Calls of a run that has ended are told to their asker at once.
void scheduler_state::submit(std::vector<follow_up>& calls, const asker_actor& asker) {
  std::vector<task_key> late;
  std::set<run_id> touched;
  for (auto& call : calls) {
    auto run = runs_.find(call.what.run);
    if (run == runs_.end() || !run->second.stopped_by.empty()) {
      late.push_back(call.what.key);
      continue;
    }
    touched.insert(call.what.run);
    auto position = run->second.follow_ups.add(std::move(call));
    run->second.askers.emplace(position, asker);
  }
  if (!late.empty()) self_->send(asker, return_atom_v, std::move(late));
  for (auto id : touched) offer(id, runs_.at(id));
  serve_all();
  for (auto id : touched) stop_if_stuck(runs_.at(id));
}

void scheduler_state::enqueue(member& m, run_id id, const work& todo) {
  m.runs.add({id, false}, todo.weight, todo.priority);
  m.runs.add({id, true}, todo.weight, todo.priority, todo.reserve);
}

/// The run has something to hand out again.
void scheduler_state::offer(run_id id, running& run) {
  run.refused.clear();
  for (auto& [name, m] : members_) {
    enqueue(m, id, *run.todo);
    if (m.wanted > 0) turns_.add(name, m.share());
  }
}

void scheduler_state::grant(const credit& c) {
  auto& m = members_[c.provider];
  m.wanted += c.wanted;
  count_again(m, c);
  m.shortest = c.shortest;
  m.health = c.health;
  m.asked = true;
  if (m.wanted > 0) turns_.add(c.provider, m.share());
  serve_all();
}

/// What a provider has asked for and what it was handed tell how much it still wants, so that a
/// credit that got lost is made good by the next one.
void scheduler_state::count_again(member& m, const credit& c) {
  const auto wanted = c.asked - std::min(c.asked, m.handed);
  if (wanted == m.wanted) return;
  ++lost_credits_;
  spdlog::warn("credit-lost provider={} wanted={} known={} cause=\"a credit or tasks were lost\"",
               c.provider, wanted, m.wanted);
  m.wanted = static_cast<std::uint32_t>(wanted);
}

// -- handing out ----------------------------------------------------------------------------------

void scheduler_state::serve_all() {
  batches out;
  while (auto name = turns_.next()) {
    auto& m = members_[*name];
    if (m.handle && hand_one(m, out))
      turns_.charge(*name);
    else
      turns_.rest(*name);
  }
  send(out);
}

/// Gives the member one task of the run whose turn it is; a run without anything for it rests.
bool scheduler_state::hand_one(member& m, batches& out) {
  if (m.wanted == 0) return false;
  while (auto whose = m.runs.next()) {
    auto run = runs_.find(whose->run);
    if (run != runs_.end() && hand_from(m, *whose, run->second, out)) {
      m.runs.charge(*whose);
      return true;
    }
    m.runs.rest(*whose);
  }
  return false;
}

/// Samples whose calls are follow-ups are bounded by who holds them.
bool scheduler_state::has_room(const member& m, const running& run) const {
  if (m.terms.whole_samples) return true;
  return calls_ < config_.max_uncommitted &&
         !(run.todo->concurrency && run.calls >= *run.todo->concurrency);
}

/// Passes over what nobody need send.
std::optional<scheduler_state::chosen_task> scheduler_state::choose(member& m, const turn& whose,
                                                                    running& run, batches& out) {
  auto& queue = whose.follow_ups ? run.follow_ups : run.samples;
  auto may = [&](const task_class& c) { return may_take(m, c); };
  while (const auto* from = queue.next(m.terms.name, m.shortest, may)) {
    auto t = queue.make(queue.take(*from, m.shortest));
    t.run = whose.run;
    if (!need_not_be_sent(run, t, out)) return chosen_task{std::move(t), from};
  }
  return std::nullopt;
}

bool scheduler_state::hand_from(member& m, const turn& whose, running& run, batches& out) {
  if (!run.stopped_by.empty() || !has_room(m, run)) return false;
  if (!whose.follow_ups && run.verdicts_due > config_.max_verdicts_due) return false;
  auto chosen = choose(m, whose, run, out);
  if (!chosen) return false;
  auto& [t, from] = *chosen;
  auto position = t.position;
  const bool call = !m.terms.whole_samples;
  auto most = call ? most_of(*run.todo, t) : reservation{};
  if (!within_budget(m, run, most)) {
    run.queue_of(position).put_back(position);
    stop_if_stuck(run);
    return false;
  }
  run.money.set_aside(m.terms.name, most);
  run.in_hand.emplace(position, held_task{m.terms.name, most, call, t.key});
  run.calls += call;
  calls_ += call;
  ++m.handed;
  // Those who are less preferred have their turn once this one has no more room.
  if (--m.wanted == 0 && from->route != route_policy::any_room) offer(whose.run, run);
  auto earlier = run.earlier.extract(position);
  out[m.terms.name].push_back({std::move(t),
                               earlier ? std::move(earlier.mapped()) : std::vector<attempt>{},
                               from->providers.size() + from->fallback.size() > 1});
  return true;
}

bool scheduler_state::within_budget(member& m, running& run, const reservation& most) {
  auto elapsed = self_->clock().now() - run.began;
  if (auto why = run.money.refused_by_run(most, elapsed); !why.empty()) {
    if (run.calls == 0) {
      run.stopped_by = why;
      wind_up(run);
    }
    return false;
  }
  auto why = run.money.refused_by_account(m.terms.name, most, elapsed);
  if (!why.empty()) run.refused[m.terms.name] = why;
  return why.empty();
}

void scheduler_state::send(batches& out) {
  for (auto& [name, tasks] : out) self_->send(members_[name].handle, std::move(tasks));
}

// -- who may take what ----------------------------------------------------------------------------

const closure* scheduler_state::member::closed_for(const std::string& model) const {
  for (const auto& key : {std::string(), model})
    if (auto found = closed.find(key); found != closed.end()) return &found->second;
  return nullptr;
}

bool scheduler_state::can_serve(const std::string& provider, const task_class& c) const {
  auto m = members_.find(provider);
  if (m == members_.end()) return false;
  const auto* closed = m->second.closed_for(c.model);
  return !closed || closed->state == intake::held;
}

bool scheduler_state::may_take(const member& m, const task_class& c) const {
  if (m.closed_for(c.model)) return false;
  if (lists(c.providers, m.terms.name)) return !somebody_better_has_room(m, c);
  return std::none_of(c.providers.begin(), c.providers.end(),
                      [&](const std::string& name) { return can_serve(name, c); });
}

/// Under `cost_first` and `latency_first`: a provider that is preferred and wants work, or has not
/// been heard of yet, comes before this one.
bool scheduler_state::somebody_better_has_room(const member& m, const task_class& c) const {
  if (c.route == route_policy::any_room) return false;
  auto rank = [&](const member& x) {
    return c.route == route_policy::cost_first ? x.terms.price_factor : x.mean_s / x.health;
  };
  return std::any_of(c.providers.begin(), c.providers.end(), [&](const std::string& name) {
    if (name == m.terms.name || !can_serve(name, c)) return false;
    const auto& other = members_.at(name);
    if (other.closed_for(c.model)) return false;
    return rank(other) < rank(m) && (other.wanted > 0 || !other.asked);
  });
}

// -- what comes back ------------------------------------------------------------------------------

void scheduler_state::release(running& run, std::uint32_t position) {
  auto held = run.in_hand.find(position);
  if (held == run.in_hand.end()) return;
  run.money.give_back(held->second.provider, held->second.most);
  run.calls -= held->second.call;
  calls_ -= held->second.call;
  run.in_hand.erase(held);
}

void scheduler_state::take_back(const std::string&, std::vector<returned_task>& tasks) {
  for (auto t = tasks.rbegin(); t != tasks.rend(); ++t) {
    auto found = runs_.find(t->run);
    if (found == runs_.end() || !found->second.in_hand.count(t->position)) continue;
    auto& run = found->second;
    release(run, t->position);
    if (t->attempts.empty() && spare(run, t->position)) continue;
    run.queue_of(t->position).put_back(t->position, !t->attempts.empty());
    if (!t->attempts.empty()) run.earlier[t->position] = std::move(t->attempts);
    if (!run.stopped_by.empty()) wind_up(run);
    offer(t->run, run);
  }
  serve_all();
  for (auto& [id, run] : runs_) stop_if_stuck(run);
}

void scheduler_state::close(const closure& c) {
  auto& m = members_[c.provider];
  if (c.state == intake::open)
    m.closed.erase(c.model);
  else
    m.closed[c.model] = c;
  for (auto& [id, run] : runs_) {
    if (c.state == intake::held) run.samples.scarce(c.model);
    if (c.state == intake::held) run.follow_ups.scarce(c.model);
    offer(id, run);
  }
  serve_all();
  for (auto& [id, run] : runs_) stop_if_stuck(run);
}

void scheduler_state::note_outcome(const committed_task& t) {
  auto found = runs_.find(t.run);
  if (found == runs_.end()) return;
  auto& run = found->second;
  auto& queue = run.queue_of(t.position);
  const bool sample = t.position < first_follow_up;
  ++(sample ? run.committed : run.follow_ups_done);
  if (!t.cached) {
    if (auto held = run.in_hand.find(t.position); held != run.in_hand.end())
      late_.drop(t.run, held->second.key);
    release(run, t.position);
    run.money.spend(t.provider, {t.cost, t.tokens});
  }
  if (sample && t.status == outcome_status::error) {
    if (run.todo->equals)  // nobody answered for them; each is asked itself
      for (auto equal : run.todo->equals(t.position))
        if (!spare(run, equal)) queue.put_back(equal);
    return;
  }
  if (sample) run.verdicts_due += run.todo->judges;
  if (t.service_s > 0) queue.measured(t.position, t.service_s);
  if (!sample) {
    queue.done(t.position);
    run.askers.erase(t.position);
  }
  if (t.service_s <= 0) return;
  auto& mean = members_[t.provider].mean_s;
  mean = mean == 0 ? t.service_s : mean + learning * (t.service_s - mean);
}

void scheduler_state::committed(const commit_note& note) {
  std::set<run_id> touched;
  for (const auto& t : note.tasks) {
    note_outcome(t);
    touched.insert(t.run);
  }
  for (auto [id, verdicts] : note.verdicts)
    if (auto run = runs_.find(id); run != runs_.end()) {
      if (run->second.verdicts_due > config_.max_verdicts_due) touched.insert(id);
      count_verdicts(run->second, verdicts);
    }
  for (auto id : touched)
    if (auto run = runs_.find(id); run != runs_.end()) offer(id, run->second);
  serve_all();
  for (auto id : touched)
    if (auto run = runs_.find(id); run != runs_.end()) stop_if_stuck(run->second);
}

void scheduler_state::waive(std::int64_t id, std::uint64_t verdicts) {
  auto run = runs_.find(id);
  if (run == runs_.end()) return;
  count_verdicts(run->second, verdicts);
  offer(id, run->second);
  serve_all();
}

void scheduler_state::count_verdicts(running& run, std::uint64_t verdicts) {
  run.verdicts_due -= std::min(run.verdicts_due, verdicts);
}

scheduler_actor::behavior_type scheduler(scheduler_actor::stateful_pointer<scheduler_state> self,
                                         scheduler_config config) {
  return begin_actor(self, config);
}

}  // namespace assay::actors
