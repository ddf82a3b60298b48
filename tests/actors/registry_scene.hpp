#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "actors/node_registry.hpp"
#include "tests/actors/idle_scheduler.hpp"
#include "tests/actors/node_fakes.hpp"
#include "tests/actors/virtual_system.hpp"

namespace assay::tests {

using offers = std::shared_ptr<std::vector<node_offer>>;

/// What a desk was told besides.
struct desk_notes {
  std::vector<std::string> judges;
  std::vector<std::int64_t> runs;
  std::vector<task_key> durable;
};

inline desk_actor::behavior_type offered_desk(desk_actor::pointer, offers into,
                                              std::shared_ptr<desk_notes> notes) {
  return {
      [](const node_terms&) { return welcome{}; },
      [](const abilities&) {},
      [](const heartbeat&) {},
      [](const std::vector<node_headers>&) {},
      [](const std::vector<node_result>&) {},
      [](const std::vector<late_result>&) {},
      [](const judge_ability&) {},
      [](const std::vector<ended_examination>&) {},
      [](const std::string&, const std::vector<assignment>&) {},
      [](cancel_atom, std::uint64_t) {},
      [into](join_atom, const std::string&, const node_offer& o, const place_user_actor&) {
        into->push_back(o);
      },
      [notes](join_atom, std::int64_t run, const scheduler_actor&) { notes->runs.push_back(run); },
      [](const std::vector<examination>&) {},
      [](cancel_atom, const std::vector<std::uint64_t>&, bool) {},
      [notes](join_atom, const node_judge& j, const judge_actor&) {
        notes->judges.push_back(j.settings.name);
      },
      [notes](commit_atom, const std::vector<task_key>& keys) { notes->durable = keys; },
      [](leave_atom, const std::string&) {},
      [](stop_atom) {},
      [](internal_atom) {}};
}

inline judge_actor::behavior_type leaving_judge(judge_actor::pointer,
                                                std::shared_ptr<std::vector<std::string>> left) {
  return {[](const record_batch&) {},
          [](std::uint64_t, const verdict&) {},
          [](const std::string&, const std::vector<ended_examination>&) {},
          [](join_atom, const node_offer&, const examining_place_actor&) {},
          [left](leave_atom, const std::string& node) { left->push_back(node); },
          [](internal_atom) {}};
}

/// A registry with nodes whose desks note what they are offered for.
struct registry_scene : virtual_system {
  node_registry_actor registry;
  std::vector<caf::actor> others;
  std::vector<desk_actor> desks;
  std::vector<std::shared_ptr<desk_notes>> notes;  ///< of the desks

  /// `returning`: as of a registry after a coordinator that ended without a word.
  explicit registry_scene(duration returning = {})
      : registry(system.spawn(actors::node_registry, actors::node_registry_config{{}, returning})) {
  }
  ~registry_scene() {
    for (const auto& o : others) caf::anon_send_exit(o, caf::exit_reason::kill);
    caf::anon_send_exit(registry, caf::exit_reason::kill);
    time.run();
  }

  offers spawn_desk() {
    auto into = std::make_shared<std::vector<node_offer>>();
    notes.push_back(std::make_shared<desk_notes>());
    desks.push_back(system.spawn(offered_desk, into, notes.back()));
    others.push_back(caf::actor_cast<caf::actor>(desks.back()));
    return into;
  }
  /// Why a node is refused; empty: it is not.
  std::string refusal(const node_terms& terms) {
    auto asked = self->request(registry, caf::infinite, terms, desks.back());
    time.run();
    std::string why;
    asked.receive([&](const welcome& w) { why = w.refused; }, [](const caf::error&) {});
    return why;
  }
  void able(const std::string& name, bool ready = true, const std::string& egress = {}) {
    caf::anon_send(registry, name, abilities{{"p"}, {}, {}, ready, egress});
    time.run();
  }
  offers join(const std::string& name, std::vector<std::string> tags = {},
              std::uint64_t process = 1, const std::string& egress = {}) {
    auto into = spawn_desk();
    auto terms = terms_of(name);
    terms.tags = std::move(tags);
    terms.process = process;
    CHECK(refusal(terms) == "");
    able(name, true, egress);
    return into;
  }
  void leave(bool is_loss = true, std::vector<call_under_way> calls = {}) {
    caf::anon_send(registry, leave_atom_v, desks.back(), is_loss, std::move(calls));
    time.run();
  }
  void pass(duration d) {
    time.pass(d);
    time.run();
  }
  /// Whoever came last.
  void end_last() {
    caf::anon_send_exit(others.back(), caf::exit_reason::user_shutdown);
    time.run();
  }
  std::shared_ptr<scheduler_notes> run(std::int64_t number) {
    auto into = std::make_shared<scheduler_notes>();
    auto scheduler = system.spawn(idle_scheduler, into);
    others.push_back(caf::actor_cast<caf::actor>(scheduler));
    caf::anon_send(registry, join_atom_v, number, scheduler);
    time.run();
    return into;
  }
  std::shared_ptr<std::vector<std::string>> judge(const std::string& name) {
    auto left = std::make_shared<std::vector<std::string>>();
    auto j = system.spawn(leaving_judge, left);
    others.push_back(caf::actor_cast<caf::actor>(j));
    node_judge of;
    of.settings.name = name;
    caf::anon_send(registry, join_atom_v, of, j);
    time.run();
    return left;
  }
  std::shared_ptr<told> provide(std::vector<std::string> tags = {}) {
    auto heard = std::make_shared<told>();
    auto p = system.spawn(noting_provider, heard);
    others.push_back(caf::actor_cast<caf::actor>(p));
    caf::anon_send(registry, join_atom_v, std::string{"p"}, std::move(tags), place_user_actor{p});
    time.run();
    return heard;
  }
  node_status status_of(const std::string& name) {
    auto asked = self->request(registry, caf::infinite, status_atom_v);
    time.run();
    node_status found;
    asked.receive(
        [&](const std::vector<node_status>& all) {
          for (const auto& n : all)
            if (n.name == name) found = n;
        },
        [](const caf::error&) {});
    return found;
  }
};

}  // namespace assay::tests
