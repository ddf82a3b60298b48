#include "app/run/session.hpp"

#include <signal.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>

#include "actors/supervisor.hpp"
#include "actors/transport.hpp"
#include "app/log.hpp"
#include "app/run/accounts.hpp"
#include "app/run/conductors.hpp"
#include "app/run/open_batches.hpp"
#include "app/run/progress.hpp"
#include "app/run/stopping.hpp"
#include "app/run/watching.hpp"

namespace assay::app {

using namespace std::chrono_literals;

namespace {

constexpr auto poll_interval = 100ms;
constexpr auto stall_warning = 60s;
constexpr auto note_interval = 10s;
constexpr auto grace_after_stop = 5s;

sigset_t stop_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  return set;
}

/// Procedures under way at the same time: enough for every place of every account, each procedure
/// having one call open.
std::uint32_t most_open(const prepared_run& run) {
  std::uint32_t places = 0;
  for (const auto& access : run.providers)
    places += static_cast<std::uint32_t>(access->settings.limits.max_parallel);
  if (run.experiment.concurrency)
    places = std::min(places, static_cast<std::uint32_t>(*run.experiment.concurrency));
  return 2 * std::max(places, 1u);
}

actors::supervisor_config tree_of(const prepared_run& run, const time_anchor& anchor) {
  actors::supervisor_config tree;
  tree.providers = run.providers;
  tree.judges = run.judges;
  tree.conductors = run.conductors;
  for (auto& c : tree.conductors) {
    c.most_open = most_open(run);
    c.recall = [&run, c]() -> expected<actors::conductor_memory> {
      auto ledger = storage::open_ledger(run.ledger_path);
      if (!ledger) return tl::make_unexpected(ledger.error());
      return recall_steps(**ledger, run.info.id, c);
    };
  }
  tree.spawn_transport = [](caf::local_actor& parent) {
    return parent.spawn(actors::http_transport, transport::engine_options{});
  };
  tree.open_ledger = [path = run.ledger_path,
                      term = run.term]() -> expected<std::unique_ptr<storage::record_store>> {
    auto ledger = storage::open_ledger(path);
    if (!ledger) return tl::make_unexpected(ledger.error());
    if (term) (*ledger)->obey(*term);
    return std::move(*ledger);
  };
  // The first answer is known already; after a restart the ledger is asked again.
  tree.missing = [&run, first = true]() mutable -> expected<work_ptr> {
    auto ledger = storage::open_ledger(run.ledger_path);
    if (!ledger) return tl::make_unexpected(ledger.error());
    if (run.plan.size() == 0) return make_work(run, {}, {});
    auto open = open_batches(**ledger, run.info.id);
    if (!open) return tl::make_unexpected(open.error());
    if (std::exchange(first, false)) return make_work(run, run.missing, *open);
    auto left = (*ledger)->missing(run.info.id);
    if (!left) return tl::make_unexpected(left.error());
    auto wanted = still_wanted(**ledger, run, {left->begin(), left->end()});
    if (!wanted) return tl::make_unexpected(wanted.error());
    return make_work(run, std::move(*wanted), *open);
  };
  tree.stopping = [&run]() -> expected<std::optional<actors::stopper_config>> {
    auto ledger = storage::open_ledger(run.ledger_path);
    if (!ledger) return tl::make_unexpected(ledger.error());
    return recall_stopping(**ledger, run);
  };
  tree.watching = [&run]() -> expected<std::optional<actors::result_watcher_config>> {
    auto ledger = storage::open_ledger(run.ledger_path);
    if (!ledger) return tl::make_unexpected(ledger.error());
    return recall_watching(**ledger, run);
  };
  tree.delivery = run.experiment.delivery;
  tree.open_batches = [&run]() -> expected<std::vector<actors::held_batch>> {
    auto ledger = storage::open_ledger(run.ledger_path);
    if (!ledger) return tl::make_unexpected(ledger.error());
    return open_batches(**ledger, run.info.id);
  };
  tree.recall = [&run, anchor,
                 crashed =
                     run.after_a_crash]() mutable -> expected<std::vector<actors::account_memory>> {
    auto ledger = storage::open_ledger(run.ledger_path);
    if (!ledger) return tl::make_unexpected(ledger.error());
    // started again within this process: the exchanges of the tree before may not be recorded
    return recall(**ledger, run.providers, anchor, std::exchange(crashed, true));
  };
  tree.run = run.info.id;
  tree.hedge = run.experiment.hedge;
  tree.batching = run.experiment.batching;
  tree.anchor = anchor;
  tree.seed = static_cast<std::uint64_t>(anchor.unix_ns(anchor.steady));
  return tree;
}

/// What judges alone ask, if every grade can be read at once.
std::size_t questions_at_least(const prepared_run& run) {
  std::size_t models = 0;
  for (const auto& c : run.conductors) models += c.maker->models().size();
  return run.owed * models;
}

progress_frame frame_of(const prepared_run& run) {
  progress_frame frame;
  frame.title = run.experiment.name;
  frame.total = run.plan.size() == 0 ? questions_at_least(run) : run.plan.size() - run.spared;
  frame.had = run.plan.size() - run.spared - run.missing_in_all;
  for (auto position : run.missing) {
    const auto& providers = run.plan.providers_of(position);
    if (providers.size() == 1) ++frame.own_tasks[providers.front()];
  }
  return frame;
}

/// Says once a minute why nothing moves (house rule 6).
class stall_watch {
 public:
  explicit stall_watch(instant now) : since_(now) {}

  void look(const progress_snapshot& s, instant now) {
    auto done = s.run.committed + s.run.follow_ups;
    if (done != done_) {
      done_ = done;
      since_ = now;
    }
    if (now - since_ < stall_warning) return;
    since_ = now;
    for (const auto& p : s.providers)
      spdlog::warn("no-progress provider={} in_flight={} ready={} retrying={} waiting_on={} {}",
                   p.name, p.in_flight, p.ready, p.retrying,
                   p.waiting_on.empty() ? "answers" : p.waiting_on, p.suspended);
  }

 private:
  std::uint64_t done_ = 0;
  instant since_;
};

/// Polls the tree until it has finished, and passes signals on to it.
class session {
 public:
  session(const session_home& home, const prepared_run& run, const time_anchor& anchor,
          progress_display& display)
      : home_(home),
        self_(home.system),
        run_(run),
        anchor_(anchor),
        display_(display),
        watch_(now()),
        noted_(now()) {
    auto tree = tree_of(run, anchor);
    tree.nodes = home.nodes;
    tree.places_here = home.places_here;
    supervisor_ = self_->spawn<caf::detached>(actors::supervisor, std::move(tree));
  }

  ~session() {
    self_->monitor(supervisor_);
    self_->send_exit(supervisor_, caf::exit_reason::user_shutdown);
    self_->receive([](const caf::down_msg&) {}, caf::after(grace_after_stop) >> [] {});
  }

  session_end wait() {
    while (true) {
      auto s = look();
      if (s.run.finished || now() - noted_ > note_interval) note(s);
      if (s.run.finished) return {signals_ > 0, s.run.stopped_by};
      if (stop_by_ != instant{} && now() > stop_by_) return {true, "stopped"};
      if (auto why = home_.lost ? home_.lost() : ""; !why.empty()) return {false, why};
      if (wait_for_stop_signal(poll_interval)) on_signal();
    }
  }

 private:
  static instant now() { return std::chrono::steady_clock::now(); }

  progress_snapshot look() {
    progress_snapshot s;
    self_->request(supervisor_, within(2s), status_atom_v)
        .receive([&](progress_snapshot& answer) { s = std::move(answer); },
                 [](const caf::error&) {});
    display_.show(s, now());
    watch_.look(s, now());
    return s;
  }

  /// What was learned is worth keeping, but not worth a failure.
  void note(const progress_snapshot& s) {
    noted_ = now();
    auto noted = note_limits(*run_.ledger, run_.info.id, run_.providers, s.providers, anchor_);
    if (!noted) spdlog::warn("limits-not-kept {}", render(noted.error()));
  }

  void on_signal() {
    if (++signals_ == 1) {
      spdlog::warn("interrupt: finishing what is in flight; press Ctrl-C again to stop at once");
      self_->send(supervisor_, drain_atom_v, std::string{"interrupted"});
    } else if (stop_by_ == instant{}) {
      spdlog::warn("stop: cancelling what is in flight");
      self_->send(supervisor_, stop_atom_v);
      stop_by_ = now() + grace_after_stop;
    }
  }

  const session_home& home_;
  caf::scoped_actor self_;
  supervisor_actor supervisor_;
  const prepared_run& run_;
  const time_anchor& anchor_;
  progress_display& display_;
  stall_watch watch_;
  instant noted_;
  int signals_ = 0;
  instant stop_by_{};
};

}  // namespace

bool wait_for_stop_signal(milliseconds longest) {
  auto set = stop_signals();
  timespec wait{longest.count() / 1000, longest.count() % 1000 * 1'000'000};
  return sigtimedwait(&set, nullptr, &wait) > 0;
}

void block_stop_signals() {
  auto set = stop_signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

session_end run_session(const prepared_run& run, const session_options& options,
                        const time_anchor& anchor) {
  caf::actor_system_config config;
  register_messages(config);
  configure(config, false, std::max(2u, std::thread::hardware_concurrency()));
  caf::actor_system system{config};
  return run_session(run, options, anchor, {system, {}, actors::places::unlimited});
}

session_end run_session(const prepared_run& run, const session_options& options,
                        const time_anchor& anchor, const session_home& home) {
  progress_display display{frame_of(run), options.terminal, options.quiet, anchor.steady};
  redirect_log([&](const std::string& line) { display.print_above(line); });
  auto end = session{home, run, anchor, display}.wait();
  redirect_log({});
  return end;
}

}  // namespace assay::app
