#pragma once

#include <caf/io/middleman.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <type_traits>
#include <vector>

#include "messages/caf.hpp"
#include "messages/problem.hpp"
#include "remoting/basp_frames.hpp"
#include "remoting/certificates.hpp"
#include "remoting/tunnel.hpp"

/// CAF behind the tunnel: a node reaches its desk in the coordinator as if it were a local actor.
/// The two sides agree on two typed interfaces, what a desk takes from its node and what a node
/// takes from its desk; nothing else passes. So:
/// - neither interface may contain what an actor sends to itself (ticks) or that only local actors
///   may say: give the desk a wider type, and convert;
/// - no message of them holds an actor handle: a node is answered at `current_sender()`, which CAF
///   takes from the connection;
/// - `link_to`, `send_exit`, remote spawn and look-ups end the connection; `monitor` works, and
///   tells of the loss of the connection as `exit_reason::remote_link_unreachable`.
namespace assay::remoting {

/// Loads CAF's networking. The beats watch the connection, not the actors behind it; both sides
/// need the same ones. A message that takes longer than `timeout` on the wire ends the connection.
/// REQUIRES: called before the actor system starts.
void load_networking(caf::actor_system_config&,
                     std::chrono::milliseconds heartbeat = std::chrono::seconds(1),
                     std::chrono::milliseconds timeout = std::chrono::seconds(3));

// -- the words of an interface --------------------------------------------------------------------

using wire_words = std::set<std::string, std::less<>>;

template <class T>
struct is_actor_handle
    : std::bool_constant<std::is_convertible_v<T, caf::strong_actor_ptr> ||
                         std::is_same_v<T, caf::actor> || std::is_same_v<T, caf::actor_addr> ||
                         std::is_same_v<T, caf::weak_actor_ptr> ||
                         std::is_same_v<T, caf::message>> {};
template <class... Sigs>
struct is_actor_handle<caf::typed_actor<Sigs...>> : std::true_type {};

/// How CAF 0.17 names the type on the wire.
template <class T>
std::string wire_type(caf::actor_system& system) {
  static_assert(!is_actor_handle<T>::value, "no actor handles and nested messages between nodes");
  if constexpr (std::is_void_v<T> || std::is_same_v<T, caf::unit_t>)
    return "@unit";
  else if constexpr (caf::is_atom_constant<T>::value)
    return "@atom";
  else
    return system.types().portable_name(caf::type_nr<T>::value, &typeid(T));
}

template <class... In, class... Out>
void add_words(caf::actor_system& system,
               caf::typed_mpi<caf::detail::type_list<In...>, caf::output_tuple<Out...>>,
               wire_words* inputs, wire_words* outputs) {
  if (inputs) inputs->insert(("@<>" + ... + ("+" + wire_type<In>(system))));
  if (outputs) {
    outputs->insert(("@<>" + ... + ("+" + wire_type<Out>(system))));
    // A reply that says nothing.
    if constexpr ((std::is_void_v<Out> && ...)) outputs->insert("@<>");
  }
}

template <class... Sigs>
void add_words(caf::actor_system& system, const caf::typed_actor<Sigs...>*, wire_words* inputs,
               wire_words* outputs) {
  (add_words(system, Sigs{}, inputs, outputs), ...);
}

/// What a process may say that speaks to a `To` and answers as a `From`.
template <class To, class From>
wire_words words(caf::actor_system& system) {
  wire_words result;
  add_words(system, static_cast<const To*>(nullptr), &result, nullptr);
  add_words(system, static_cast<const From*>(nullptr), nullptr, &result);
  return result;
}

// -- the coordinator's side -----------------------------------------------------------------------

struct door_options {
  address where;
  credentials files;
  /// Names of nodes that may come in; empty: everybody with a certificate of the authority.
  std::vector<std::string> nodes;
  tunnel_limits limits;
  std::uint32_t max_payload = 16 * 1024 * 1024;
};

/// Told on the tunnel's thread: be short, send a message.
struct door_news {
  /// Somebody at this address was not let in.
  std::function<void(const std::string& address, const problem&)> refused;
  /// The connection of a node is over. Its desk gets no message of CAF for it: this is the notice.
  std::function<void(const peer_identity&, const problem& why)> ended;
};

/// Takes connections of nodes for as long as it lives, and gives each its own desk.
/// REQUIRES: it dies before the actor system.
class coordinator_door {
 public:
  /// `desk_for` is called on the tunnel's thread for each node that comes; a problem refuses it. A
  /// desk lives until it quits.
  template <class Desk, class Node>
  static expected<std::unique_ptr<coordinator_door>> open(
      caf::actor_system& system, door_options options,
      std::function<expected<Desk>(const peer_identity&)> desk_for, door_news news) {
    auto interface = system.message_types(caf::detail::type_list<Desk>{});
    return open_untyped(
        system, std::move(options), words<Desk, Node>(system), std::move(interface),
        [desk_for = std::move(desk_for)](const peer_identity& peer) {
          return desk_for(peer).map(
              [](const Desk& desk) { return caf::actor_cast<caf::strong_actor_ptr>(desk); });
        },
        std::move(news));
  }

  ~coordinator_door();
  std::uint16_t port() const;
  /// Ends a connection that stands.
  void end(const peer_identity&, const problem& why);

 private:
  using desk_factory = std::function<expected<caf::strong_actor_ptr>(const peer_identity&)>;
  static expected<std::unique_ptr<coordinator_door>> open_untyped(caf::actor_system&, door_options,
                                                                  wire_words,
                                                                  std::set<std::string> interface,
                                                                  desk_factory, door_news);

  struct parts;
  explicit coordinator_door(std::unique_ptr<parts>);
  std::unique_ptr<parts> parts_;
};

// -- the node's side ------------------------------------------------------------------------------

struct link_options {
  credentials files;
  /// The name in the coordinator's certificate.
  std::string coordinator = "coordinator";
  tunnel_limits limits;
  std::uint32_t max_payload = 16 * 1024 * 1024;
  /// The connection is over; told on the tunnel's thread.
  std::function<void(const problem& why)> ended;
};

/// A node's way to its coordinator, one connection at a time.
/// REQUIRES: it dies before the actor system.
class coordinator_link {
 public:
  static expected<std::unique_ptr<coordinator_link>> make(caf::actor_system&, link_options);
  ~coordinator_link();

  /// Ends the connection, if it stands.
  void end(const problem& why);

  /// Connects, and gives the desk that the coordinator has for this node. Blocks up to `patience`:
  /// call it from a thread that may. A connection before this one must have ended, and is waited
  /// for.
  template <class Desk, class Node>
  expected<Desk> connect(const address& where, std::chrono::milliseconds patience) {
    auto& system = this->system();
    return connect_untyped(where, patience, words<Node, Desk>(system),
                           system.message_types(caf::detail::type_list<Desk>{}))
        .map([](const caf::strong_actor_ptr& desk) { return caf::actor_cast<Desk>(desk); });
  }

 private:
  expected<caf::strong_actor_ptr> connect_untyped(const address&, std::chrono::milliseconds,
                                                  wire_words,
                                                  const std::set<std::string>& interface);
  caf::actor_system& system() const;

  struct parts;
  explicit coordinator_link(std::unique_ptr<parts>);
  std::unique_ptr<parts> parts_;
};

}  // namespace assay::remoting
