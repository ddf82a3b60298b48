#include "actors/supervisor.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "actors/monitor.hpp"
#include "actors/provider.hpp"
#include "actors/recorder.hpp"
#include "actors/results.hpp"
#include "actors/scheduler.hpp"

namespace assay::actors {

void supervisor_state::configure(supervisor_config config) {
  config_ = std::move(config);
  self_->set_down_handler([this](const caf::down_msg& down) { child_down(down); });
  self_->set_exit_handler([this](const caf::exit_msg&) {
    leaving_ = true;
    take_down(false);
  });
  start_tree();
}

supervisor_actor::behavior_type supervisor_state::make_behavior() {
  return {[this](status_atom) { return status(); },
          [this](drain_atom, const std::string& reason) {
            self_->send(scheduler_, drain_atom_v, reason);
          },
          [this](stop_atom) {
            self_->send(scheduler_, drain_atom_v, std::string{"stopped"});
            self_->send(transport_, stop_atom_v);
            if (config_.nodes) self_->send(config_.nodes, stop_atom_v);
          }};
}

/// Answers at once with what the monitor last said, and asks it again for the next time.
progress_snapshot supervisor_state::status() {
  if (!ended_ && failure_.empty() && !leaving_)
    self_->request(monitor_, within(std::chrono::seconds{1}), status_atom_v)
        .then(
            [this](progress_snapshot& s) {
              if (!ended_) latest_ = std::move(s);
            },
            [](const caf::error&) {});
  return latest_;
}

template <class Handle>
Handle supervisor_state::adopt(Handle handle, const char* role) {
  self_->monitor(handle);
  children_.push_back({caf::actor_cast<caf::actor>(handle), role});
  return handle;
}

namespace {

/// Tasks that may be in the hands of providers for hours: what is kept of one is small.
constexpr std::uint32_t in_batches = 2'000'000;

/// The work, with the verdicts that answers of an earlier time lack.
work_ptr with_debts(const work_ptr& todo, const std::vector<conductor_config>& conductors) {
  auto owed = std::make_shared<work>(*todo);
  for (const auto& c : conductors) owed->verdicts_owed += c.memory.owed.size();
  return owed;
}

/// The tasks that the answer to a task serves too.
std::function<std::vector<task>(const task&)> equals_of(const work_ptr& todo) {
  if (!todo->equals) return {};
  return [todo](const task& asked) {
    std::vector<task> equals;
    for (auto position : todo->equals(asked.position)) {
      equals.push_back(todo->make(position));
      equals.back().position = position;
      equals.back().run = todo->run;
    }
    return equals;
  };
}

}  // namespace

account_actor supervisor_state::spawn_provider(const account_access_ptr& access,
                                               const recorder_actor& writer, const work_ptr& todo,
                                               const std::vector<account_memory>& before,
                                               const std::vector<held_batch>& open,
                                               std::uint64_t first_permit) {
  if (config_.delivery == delivery_mode::batch) {
    batch_desk_config desk{access, transport_, scheduler_, writer, todo, {}, config_.anchor};
    desk.seed = config_.seed;
    desk.first_permit = first_permit;
    for (const auto& held : open)
      if (held.row.provider == access->settings.name) desk.open.push_back(held);
    return self_->spawn(batch_desk, std::move(desk));
  }
  provider_config account{access, transport_, scheduler_, writer, config_.seed};
  account.first_permit = first_permit;
  account.hedge = config_.hedge;
  account.batching = config_.batching;
  const auto& tags = access->settings.node_tags;
  auto may_run_here = !config_.nodes || tags.empty();  // this process has no tags
  account.places_here = may_run_here ? config_.places_here : 0;
  account.nodes = bool(config_.nodes);
  account.anchor = config_.anchor;
  account.may_send = config_.may_send;
  for (const auto& memory : before)
    if (memory.provider == access->settings.name) account.memory = memory;
  auto p = self_->spawn(provider, std::move(account));
  if (config_.nodes)
    self_->send(config_.nodes, join_atom_v, access->settings.name, tags, place_user_actor{p});
  return p;
}

void supervisor_state::start_tree() {
  auto todo = config_.missing();
  if (!todo) return end_with(render(todo.error()));
  std::vector<account_memory> before;
  if (config_.recall) {
    auto recalled = config_.recall();
    if (!recalled) return end_with(render(recalled.error()));
    before = std::move(*recalled);
  }
  if (auto unread = recall_steps()) return end_with(render(*unread));
  std::vector<held_batch> open;
  if (config_.open_batches) {
    auto held = config_.open_batches();
    if (!held) return end_with(render(held.error()));
    open = std::move(*held);
  }
  std::optional<stopper_config> stop;
  if (config_.stopping) {
    auto recalled = config_.stopping();
    if (!recalled) return end_with(render(recalled.error()));
    stop = std::move(*recalled);
  }
  scheduler_config plan;
  if (config_.delivery == delivery_mode::batch) plan.max_uncommitted = in_batches;
  scheduler_ = adopt(self_->spawn(scheduler, plan), "scheduler");
  if (config_.nodes) self_->send(config_.nodes, join_atom_v, config_.run, scheduler_);
  auto publisher = adopt(self_->spawn(results), "results");
  if (stop) start_stopper(std::move(*stop), publisher);
  start_watcher(publisher);
  recorder_config record{config_.open_ledger, config_.run, config_.anchor,
                         scheduler_,          publisher,   equals_of(*todo)};
  auto writer = adopt(config_.own_threads ? self_->spawn<caf::detached>(recorder, record)
                                          : self_->spawn(recorder, record),
                      "recorder");
  transport_ = adopt(config_.spawn_transport(*self_), "transport");
  for (auto judge_of_run : config_.judges) {
    judge_of_run.recorder = writer;
    if (config_.own_threads) judge_of_run.examiners = spawn_examiner_thread;
    judge_of_run.most_here = config_.programs_here;
    judge_of_run.nodes = config_.nodes;
    auto j = adopt(self_->spawn(judge, judge_of_run), "judge");
    self_->send(publisher, join_atom_v, published::samples, caf::actor_cast<subscriber_actor>(j));
  }
  monitor_config watch{scheduler_, {}, config_.monitor_tick};
  for (const auto& access : config_.providers) {
    const auto& settings = access->settings;
    auto p = adopt(
        spawn_provider(access, writer, *todo, before, open, (watch.providers.size() + 1) << 40),
        "provider");
    self_->send(scheduler_, join_atom_v,
                provider_terms{settings.name, settings.weight, settings.price_factor},
                caf::actor_cast<taker_actor>(p));
    watch.providers.push_back(std::move(p));
  }
  monitor_ = adopt(self_->spawn(monitor, watch), "monitor");
  for (auto what : {published::samples, published::steps})
    self_->send(publisher, join_atom_v, what, caf::actor_cast<subscriber_actor>(monitor_));
  if (config_.nodes) {
    for (auto what : {published::samples, published::steps})
      self_->send(publisher, join_atom_v, what, caf::actor_cast<subscriber_actor>(config_.nodes));
  }
  auto owing = with_debts(*todo, config_.conductors);
  auto conductors = start_conductors(writer, publisher);
  self_->send(scheduler_, owing);
  for (const auto& [c, owed] : conductors) self_->send(c, owed);
}

void supervisor_state::start_stopper(stopper_config stop, const results_actor& publisher) {
  stop.scheduler = scheduler_;
  stop_judge_ = stop.judge;
  stopper_ = adopt(self_->spawn(stopper, std::move(stop)), "stopper");
  self_->send(publisher, join_atom_v, published::samples,
              caf::actor_cast<subscriber_actor>(stopper_));
  self_->send(publisher, join_atom_v, caf::actor_cast<verdict_subscriber_actor>(stopper_));
}

/// Its warnings are not worth a failure: the summary reads the ledger again.
void supervisor_state::start_watcher(const results_actor& publisher) {
  if (!config_.watching) return;
  auto recalled = config_.watching();
  if (!recalled) return spdlog::warn("not-watched {}", render(recalled.error()));
  if (!*recalled) return;
  auto watcher = adopt(self_->spawn(result_watcher, std::move(**recalled)), "result_watcher");
  self_->send(publisher, join_atom_v, published::samples,
              caf::actor_cast<subscriber_actor>(watcher));
  self_->send(publisher, join_atom_v, caf::actor_cast<verdict_subscriber_actor>(watcher));
}

std::optional<problem> supervisor_state::recall_steps() {
  for (auto& c : config_.conductors) {
    if (!c.recall) continue;
    auto recalled = c.recall();
    if (!recalled) return recalled.error();
    c.memory = std::move(*recalled);
  }
  return std::nullopt;
}

/// They begin when they are given the answers that are owed a verdict, if there are any.
std::vector<std::pair<conductor_actor, record_batch>> supervisor_state::start_conductors(
    const recorder_actor& writer, const results_actor& publisher) {
  std::vector<std::pair<conductor_actor, record_batch>> started;
  for (auto& of_run : config_.conductors) {
    auto owed = std::make_shared<std::vector<record>>(std::exchange(of_run.memory.owed, {}));
    auto config = of_run;
    of_run.memory = {};
    config.scheduler = scheduler_;
    config.recorder = writer;
    config.run = config_.run;
    if (config.judges() && config.purpose == stop_judge_) config.stopper = stopper_;
    config.own_threads = config_.own_threads;
    auto c = adopt(self_->spawn(conductor, config), "conductor");
    auto subscriber = caf::actor_cast<subscriber_actor>(c);
    self_->send(publisher, join_atom_v, published::steps, subscriber);
    if (config.judges())
      self_->send(publisher, join_atom_v, published::samples, subscriber);
    else
      self_->send(scheduler_, join_atom_v, provider_terms{config.purpose, 1, 1, true},
                  caf::actor_cast<taker_actor>(c));
    started.emplace_back(std::move(c), std::move(owed));
  }
  return started;
}

void supervisor_state::take_down(bool at_once) {
  auto reason = at_once ? caf::exit_reason::kill : caf::exit_reason::user_shutdown;
  for (auto c = children_.rbegin(); c != children_.rend(); ++c) self_->send_exit(c->handle, reason);
  if (children_.empty() && leaving_) self_->quit();
}

void supervisor_state::child_down(const caf::down_msg& down) {
  auto gone = std::find_if(children_.begin(), children_.end(),
                           [&](const child& c) { return c.handle.address() == down.source; });
  if (gone == children_.end()) return;
  std::string role = gone->role;
  children_.erase(gone);
  if (!leaving_ && failure_.empty()) {
    failure_ = role + " failed: " + self_->system().render(down.reason);
    spdlog::error("actor-failed {}; starting again from the ledger", failure_);
    take_down(true);
  }
  if (!children_.empty()) return;
  if (leaving_) return self_->quit();
  if (!may_restart()) return end_with(failure_);
  failure_.clear();
  latest_ = {};
  start_tree();
}

bool supervisor_state::may_restart() {
  auto now = self_->clock().now();
  std::erase_if(restarts_, [&](instant t) { return now - t > config_.restart_window; });
  restarts_.push_back(now);
  return static_cast<int>(restarts_.size()) <= config_.max_restarts;
}

void supervisor_state::end_with(const std::string& reason) {
  ended_ = true;
  latest_.run.finished = true;
  latest_.run.stopped_by = reason;
}

supervisor_actor::behavior_type supervisor(
    supervisor_actor::stateful_pointer<supervisor_state> self, supervisor_config config) {
  return begin_actor(self, std::move(config));
}

}  // namespace assay::actors
