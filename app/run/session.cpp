#include "app/run/session.hpp"

#include <signal.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>

#include "actors/transport.hpp"
#include "app/log.hpp"
#include "app/run/accounts.hpp"
#include "app/run/tree.hpp"

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

/// What judges alone ask, if every grade can be read at once.
std::size_t questions_at_least(const prepared_run& run) {
  std::size_t models = 0;
  for (const auto& c : run.conductors) models += c.maker->models().size();
  return run.owed * models;
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
    tree.spawn_transport = [](caf::local_actor& parent) {
      return parent.spawn(actors::http_transport, transport::engine_options{});
    };
    tree.nodes = home.nodes;
    tree.places_here = home.places_here;
    tree.programs_here = home.programs_here;
    tree.may_send = home.may_send;
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
    if (home_.nodes) display_.set_programs_at_nodes(programs_at_nodes());
    display_.show(s, now());
    watch_.look(s, now());
    return s;
  }

  std::uint32_t programs_at_nodes() {
    std::uint32_t programs = 0;
    self_->request(home_.nodes, within(2s), status_atom_v)
        .receive(
            [&](const std::vector<node_status>& nodes) {
              for (const auto& n : nodes)
                if (n.state == "up" || n.state == "draining") programs += n.examinations;
            },
            [](const caf::error&) {});
    return programs;
  }

  /// What was learned is worth keeping, but not worth a failure.
  void note(const progress_snapshot& s) {
    noted_ = now();
    auto noted =
        note_limits(*run_.ledger, run_.info.id, run_.providers, s.providers, anchor_, noted_);
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
