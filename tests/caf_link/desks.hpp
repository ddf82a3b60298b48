#pragma once

#include <doctest/doctest.h>

#include <atomic>
#include <caf/io/all.hpp>
#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "remoting/caf_link.hpp"
#include "tests/folder.hpp"
#include "tests/remoting/channel.hpp"

/// A coordinator with desks and nodes that talk to them, each an actor system of its own in this
/// process.
namespace assay::tests {

struct greeting {
  std::string text;
  std::int32_t number = 0;
};
template <class I>
inspect_result<I> inspect(I& f, greeting& x) {
  return inspect_object(f, x, "greeting", x.text, x.number);
}
/// One that no interface knows.
struct intrusion {
  std::string text;
};
template <class I>
inspect_result<I> inspect(I& f, intrusion& x) {
  return inspect_object(f, x, "intrusion", x.text);
}

}  // namespace assay::tests

CAF_BEGIN_TYPE_ID_BLOCK(desk_test, caf::first_custom_type_id)
CAF_ADD_TYPE_ID(desk_test, (assay::tests::greeting))
CAF_ADD_TYPE_ID(desk_test, (assay::tests::intrusion))
CAF_ADD_TYPE_ID(desk_test, (std::vector<assay::tests::greeting>))
CAF_ADD_ATOM(desk_test, assay::tests, greet_atom, "greet")
CAF_ADD_ATOM(desk_test, assay::tests, tick_atom, "tick")
CAF_END_TYPE_ID_BLOCK(desk_test)

namespace assay::tests {

using namespace std::chrono_literals;

/// What a node may say to its desk.
using desk_actor = typed_actor<caf::result<std::vector<greeting>>(greet_atom, greeting),
                               caf::result<void>(greeting), caf::result<void>(std::string)>;
/// What a desk may say to its node.
using node_actor = typed_actor<caf::result<greeting>(greet_atom, greeting)>;

/// An actor system with networking.
struct networked : caf::actor_system_config {
  explicit networked(std::chrono::milliseconds heartbeat = 1s,
                     std::chrono::milliseconds timeout = 60s) {
    add_message_types<caf::id_block::desk_test>();
    set("scheduler.policy", caf::atom("sharing"));
    set("scheduler.max-threads", std::size_t{2});
    remoting::load_networking(*this, heartbeat, timeout);
  }
};

/// Certificates of one authority: a coordinator and some nodes.
struct membership {
  folder at;

  membership() {
    REQUIRE(remoting::init_authority(at.path, std::chrono::days{10}, now()));
    for (auto name : {"coordinator", "node-a", "node-b"}) issue(name);
  }
  void issue(const std::string& name) {
    REQUIRE(remoting::issue_certificate(at.path, name, std::chrono::days{5}, now()));
  }
  remoting::credentials of(const std::string& name) const {
    return remoting::credentials_in(at.path, name);
  }
  static remoting::certificate_time now() {
    return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  }
};

/// Who said what at which desk, and who came and went.
struct happenings {
  channel<std::string> said, refused, ended;
  channel<desk_actor> desks;
};

inline desk_actor::behavior_type desk(desk_actor::pointer self, happenings* seen,
                                      std::string node) {
  self->set_default_handler(caf::drop);
  return {[=](greet_atom, const greeting& x) {
            seen->said.put(node + ": " + x.text);
            return std::vector<greeting>{x, {"back", x.number + 1}};
          },
          [=](const greeting& x) { seen->said.put(node + ": " + x.text); },
          [=](const std::string& x) {
            seen->said.put(node + ": " + x);
            // A question of the desk to the node that speaks.
            auto asker = caf::actor_cast<node_actor>(self->current_sender());
            if (x == "ask me")
              self->request(asker, within(patience), greet_atom_v, greeting{"question", 1})
                  .then([=](const greeting& y) { seen->said.put(node + " answers: " + y.text); },
                        [=](caf::error& e) { seen->said.put(caf::to_string(e)); });
          }};
}

/// The coordinator. Everything in it ends before its actor system.
struct coordinator {
  happenings seen;
  networked config;
  caf::actor_system system{config};
  std::unique_ptr<remoting::coordinator_door> door;

  explicit coordinator(const membership& members, remoting::door_options options = {},
                       std::chrono::milliseconds heartbeat = 1s,
                       std::chrono::milliseconds timeout = 60s)
      : config(heartbeat, timeout) {
    options.where = {"127.0.0.1", 0};
    options.files = members.of("coordinator");
    remoting::door_news news;
    news.refused = [this](const std::string&, const problem& why) { seen.refused.put(why.what); };
    news.ended = [this](const remoting::peer_identity& peer, const problem& why) {
      seen.ended.put(peer.name + ": " + why.what);
    };
    auto opened = remoting::coordinator_door::open<desk_actor, node_actor>(
        system, std::move(options),
        [this](const remoting::peer_identity& peer) -> expected<desk_actor> {
          auto made = system.spawn(desk, &seen, peer.name);
          seen.desks.put(made);
          return made;
        },
        std::move(news));
    if (!opened) FAIL(render(opened.error()));
    door = std::move(*opened);
  }
  ~coordinator() {
    door.reset();
    while (!seen.desks.empty()) caf::anon_send_exit(seen.desks.take(), caf::exit_reason::kill);
  }
  remoting::address where() const { return {"127.0.0.1", door->port()}; }
};

/// A node with its way to the coordinator.
struct node {
  channel<std::string> ended;
  networked config;
  caf::actor_system system{config};
  std::unique_ptr<remoting::coordinator_link> link;

  node(const membership& members, const std::string& name, remoting::link_options options = {},
       std::chrono::milliseconds heartbeat = 1s, std::chrono::milliseconds timeout = 60s)
      : config(heartbeat, timeout) {
    options.files = members.of(name);
    options.ended = [this](const problem& why) { ended.put(why.what); };
    auto made = remoting::coordinator_link::make(system, std::move(options));
    if (!made) FAIL(render(made.error()));
    link = std::move(*made);
  }
  expected<desk_actor> connect(const remoting::address& where) {
    return link->connect<desk_actor, node_actor>(where, patience);
  }
  desk_actor must_connect(const remoting::address& where) {
    auto result = connect(where);
    if (!result) FAIL(render(result.error()));
    return *result;
  }
};

}  // namespace assay::tests
