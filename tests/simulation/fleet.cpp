#include "tests/simulation/fleet.hpp"

#include <unistd.h>

#include <caf/actor_companion.hpp>
#include <filesystem>

#include "actors/node_desk.hpp"

namespace assay::tests {

using namespace std::chrono_literals;

/// Both directions of a connection. Each end speaks to a companion that passes its messages on in
/// the name of the companion at the other end; a cut wire swallows them, a broken one ends as a
/// remote handle does.
struct fleet::wire {
  wire(caf::actor_system& s, duration l) : system(s), latency(l) {}

  static void connect(const std::shared_ptr<wire>& w, const caf::strong_actor_ptr& node,
                      const caf::strong_actor_ptr& desk) {
    w->node = w->system.spawn<caf::actor_companion>();
    w->desk = w->system.spawn<caf::actor_companion>();
    let_through(w, w->node, node, w->desk);
    let_through(w, w->desk, desk, w->node);
  }

  static void let_through(const std::weak_ptr<wire>& w, const caf::actor& end,
                          const caf::strong_actor_ptr& target, const caf::actor& from) {
    caf::actor_cast<caf::actor_companion*>(end)->on_enqueue(
        [w, target, from](caf::mailbox_element_ptr what) {
          auto open = w.lock();
          if (!open || open->cut) return;
          auto passed = caf::make_mailbox_element(caf::actor_cast<caf::strong_actor_ptr>(from),
                                                  what->mid, {}, what->move_content_to_message());
          if (open->latency == duration::zero()) return target->enqueue(std::move(passed), nullptr);
          auto& clock = open->system.clock();
          clock.schedule_message(clock.now() + open->latency, target, std::move(passed));
        });
  }

  void snap() {
    cut = true;
    for (auto* end : {&node, &desk})
      if (auto gone = std::exchange(*end, nullptr))
        caf::actor_cast<caf::actor_companion*>(gone)->cleanup(
            caf::make_error(caf::exit_reason::remote_link_unreachable), nullptr);
  }

  caf::actor_system& system;
  duration latency;
  caf::actor node, desk;  ///< what the other end takes for them
  bool cut = false;
};

fleet::fleet(caf::actor_system& system, std::vector<simulated_node> nodes,
             node_registry_actor registry, std::vector<account_offer> accounts, node_settings rules,
             make_transport make, resolve find, make_examinations examine)
    : system_(system),
      self_(system),
      registry_(std::move(registry)),
      accounts_(std::move(accounts)),
      rules_(std::move(rules)),
      make_transport_(std::move(make)),
      resolve_(std::move(find)),
      make_examinations_(std::move(examine)),
      began_(system.clock().now()) {
  static int fleets = 0;
  folder_ = std::filesystem::temp_directory_path() /
            ("assay-fleet-" + std::to_string(getpid()) + "-" + std::to_string(fleets++));
  for (auto& n : nodes) {
    auto& m = members_.emplace_back();
    m.what = std::move(n);
    start(m);
  }
}

fleet::~fleet() {
  for (auto& m : members_) crash(m);
  std::filesystem::remove_all(folder_);
}

void fleet::start(member& m) {
  actors::workshop_config config;
  config.terms.name = m.what.name;
  config.terms.process = ++processes_;
  config.terms.max_parallel = m.what.max_parallel;
  config.terms.tags = m.what.tags;
  config.terms.programs = m.what.programs;
  config.examinations = make_examinations_(m.what);
  config.egress = m.what.egress;
  config.spawn_transport = [make = make_transport_, from = m.what.egress](
                               caf::local_actor& parent) { return make(parent, from); };
  config.resolve = [find = resolve_, lame = m.what.lame](
                       const account_offer& o) -> expected<actors::account_access_ptr> {
    if (lame) return fail(o.provider, "no key", "set one");
    return find(o);
  };
  auto opened = actors::spool::open(folder_, m.what.name);
  if (!opened) return;
  config.into = std::make_shared<actors::spool>(std::move(*opened));
  config.kept = config.into->load().results;
  config.own_threads = false;
  m.workshop = self_->spawn(actors::workshop, std::move(config));
  m.next_try = system_.clock().now();
}

void fleet::crash(member& m) {
  if (m.line) m.line->snap();
  m.line = nullptr;
  if (m.workshop) caf::anon_send_exit(m.workshop, caf::exit_reason::kill);
  m.workshop = nullptr;
}

void fleet::connect(member& m) {
  auto line = m.line = std::make_shared<wire>(system_, m.what.latency);
  actors::node_desk_config config{m.what.name, registry_,       accounts_,
                                  rules_,      "of the ledger", [line] { line->snap(); }};
  auto desk = self_->spawn(actors::node_desk, std::move(config));
  wire::connect(line, caf::actor_cast<caf::strong_actor_ptr>(m.workshop),
                caf::actor_cast<caf::strong_actor_ptr>(desk));
  self_->send(m.workshop, join_atom_v, caf::actor_cast<node_desk_actor>(line->desk));
}

/// False if it has to wait until the process before has ended.
bool fleet::happens(member& m, node_event::kind what) {
  switch (what) {
    case node_event::kind::crash:
      crash(m);
      break;
    case node_event::kind::start:
      if (!m.workshop) start(m);
      return bool(m.workshop);
    case node_event::kind::cut:
      m.cut = true;
      if (m.line) m.line->cut = true;
      break;
    case node_event::kind::mend:
      m.cut = false;
      break;
  }
  return true;
}

void fleet::look(instant now) {
  for (auto& m : members_) {
    auto& events = m.what.events;
    for (; m.next_event < events.size() && now >= began_ + from_seconds(events[m.next_event].at_s);
         ++m.next_event)
      if (!happens(m, events[m.next_event].what)) break;
    auto broken = !m.line || m.line->cut;
    if (broken && !m.cut && m.workshop && now >= m.next_try) {
      m.next_try = now + 1s;
      if (m.line) m.line->snap();
      connect(m);
    }
  }
}

}  // namespace assay::tests
