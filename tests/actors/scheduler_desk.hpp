#pragma once

#include "actors/scheduler.hpp"
#include "tests/actors/virtual_system.hpp"

namespace assay::tests {

using namespace std::chrono_literals;

using handed = std::vector<handed_task>;

/// Keeps what it is handed.
inline account_actor::behavior_type note_taker(account_actor::pointer,
                                               std::shared_ptr<handed> into) {
  return {[into](handed& tasks) {
            for (auto& t : tasks) into->push_back(std::move(t));
          },
          [](std::uint64_t, exchange_result&) {},
          [](std::uint64_t, const early_headers&) {},
          [](commit_atom, std::uint32_t) {},
          [](drain_atom) {},
          [](status_atom) { return provider_status{}; },
          [](internal_atom, std::uint64_t) {}};
}

/// A scheduler and what asks it for work.
struct scheduler_desk : virtual_system {
  scheduler_actor scheduler = self->spawn(actors::scheduler, actors::scheduler_config{});
  std::map<std::string, std::shared_ptr<handed>> got;

  ~scheduler_desk() {
    self->send_exit(scheduler, caf::exit_reason::user_shutdown);
    self->send_exit(asker, caf::exit_reason::user_shutdown);
    for (auto& a : actors) self->send_exit(a, caf::exit_reason::user_shutdown);
    time.run();
  }

  void join(const std::string& name, double price_factor = 1) {
    auto& into = got[name] = std::make_shared<handed>();
    actors.push_back(self->spawn(note_taker, into));
    self->send(scheduler, join_atom_v, provider_terms{name, 1, price_factor},
               caf::actor_cast<taker_actor>(actors.back()));
    time.run();
  }
  void ask(const std::string& name, std::uint32_t wanted, double health = 1) {
    self->send(scheduler, credit{name, wanted, asked[name] += wanted, false, health});
    time.run();
  }
  void tell(const closure& c) {
    self->send(scheduler, c);
    time.run();
  }
  void submit(std::shared_ptr<work> w, std::uint32_t tasks) {
    for (std::uint32_t i = 0; i < tasks; ++i) w->positions.push_back(i);
    if (!w->class_of) w->class_of = [](std::uint32_t) { return 0; };
    w->make = [](std::uint32_t i) {
      task t;
      t.key = hash_parts({std::to_string(i)});
      return t;
    };
    self->send(scheduler, work_ptr{w});
    time.run();
  }
  run_progress progress() {
    run_progress now;
    auto asked = self->request(scheduler, caf::infinite, status_atom_v);
    time.run();
    asked.receive([&](run_progress& p) { now = std::move(p); }, [](const caf::error&) {});
    return now;
  }

  /// Follow-ups of run 0 that `p` may serve; what is returned goes into `returned`.
  void follow_up_with(int calls) {
    std::vector<follow_up> wanted;
    for (int i = 0; i < calls; ++i) {
      follow_up f{{}, {"grader", {"p"}, {}, route_policy::any_room, 1}};
      f.what.key = hash_parts({"follow-up", std::to_string(next_follow_up++)});
      f.what.parent = hash_parts({"0"});
      wanted.push_back(std::move(f));
    }
    self->send(scheduler, std::move(wanted), asker);
    time.run();
  }
  std::size_t follow_ups_at(const std::string& name) {
    return static_cast<std::size_t>(std::count_if(got[name]->begin(), got[name]->end(),
                                                  [](const auto& h) { return h.what.is_step(); }));
  }

  std::shared_ptr<std::vector<task_key>> returned = std::make_shared<std::vector<task_key>>();
  asker_actor asker = self->spawn(
      +[](asker_actor::pointer,
          std::shared_ptr<std::vector<task_key>> into) -> asker_actor::behavior_type {
        return {[into](return_atom, const std::vector<task_key>& keys) {
          into->insert(into->end(), keys.begin(), keys.end());
        }};
      },
      returned);
  int next_follow_up = 0;
  std::vector<account_actor> actors;
  std::map<std::string, std::uint64_t> asked;
};

inline std::shared_ptr<work> work_at(std::vector<std::string> providers,
                                     std::vector<std::string> fallback = {},
                                     route_policy route = route_policy::any_room) {
  auto w = std::make_shared<work>();
  w->classes.push_back({"m", std::move(providers), std::move(fallback), route, 1});
  return w;
}

}  // namespace assay::tests
