#include "remoting/caf_link.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <caf/io/basp_broker.hpp>
#include <caf/io/network/multiplexer.hpp>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>

#include "remoting/dial.hpp"

namespace assay::remoting {

namespace {

using clock = std::chrono::steady_clock;

/// CAF identifies a published actor by its port; here there are no ports.
constexpr std::uint16_t no_port = 1;

certificate_time now() {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

caf::actor basp_of(caf::actor_system& system) {
  return system.middleman().named_broker<caf::io::basp_broker>(caf::atom("BASP"));
}

std::string node_id_of(caf::actor_system& system) {
  std::vector<char> bytes;
  caf::binary_serializer sink{system, bytes};
  if (sink(system.node())) return {};
  return {bytes.begin(), bytes.end()};
}

}  // namespace

void load_networking(caf::actor_system_config& config, std::chrono::milliseconds heartbeat,
                     std::chrono::milliseconds timeout) {
  config.load<caf::io::middleman>();
  config.set("middleman.heartbeat-interval", caf::timespan{heartbeat});
  config.set("middleman.connection-timeout", caf::timespan{timeout});
}

// -- the coordinator's side -----------------------------------------------------------------------

struct coordinator_door::parts {
  caf::actor_system& system;
  caf::actor basp;
  basp_rules rules;
  std::set<std::string> interface;
  desk_factory desk_for;
  door_news news;
  std::uint16_t port = 0;
  /// Of connections, by the peer's address; used on the tunnel's thread.
  std::map<std::string, std::string> node_ids;
  /// Last: its thread uses the others until it has ended.
  std::unique_ptr<remoting::tunnel> tunnel;

  expected<void> meet(const peer_identity& peer, std::string_view node_id) {
    for (const auto& [from, known] : node_ids)
      if (known == node_id)
        return fail("", "the connection from " + from + " has the same CAF node id",
                    "a node that lost its connection tries again; nodes in containers need "
                    "different process ids or machine ids");
    node_ids.emplace(peer.address, node_id);
    return {};
  }

  expected<std::unique_ptr<frame_filter>> admit(const peer_identity& peer, descriptor local) {
    auto desk = desk_for(peer);
    if (!desk) return tl::make_unexpected(desk.error());
    auto own = rules;
    own.meet = [this, peer](std::string_view node_id) { return meet(peer, node_id); };
    auto filter = std::make_unique<basp_filter>(basp_side::coordinator, std::move(own));
    caf::anon_send(basp, caf::publish_atom_v,
                   system.middleman().backend().new_scribe(local.release()), no_port, *desk,
                   interface);
    return filter;
  }

  door_keeper keeper() {
    door_keeper result;
    result.admit = [this](const peer_identity& peer, descriptor local) {
      return admit(peer, std::move(local));
    };
    result.refused = news.refused;
    result.ended = [this](const peer_identity& peer, const problem& why) {
      node_ids.erase(peer.address);
      if (news.ended) news.ended(peer, why);
    };
    return result;
  }
};

coordinator_door::coordinator_door(std::unique_ptr<parts> parts) : parts_(std::move(parts)) {}
coordinator_door::~coordinator_door() = default;
std::uint16_t coordinator_door::port() const { return parts_->port; }

void coordinator_door::end(const peer_identity& peer, const problem& why) {
  parts_->tunnel->end(peer.address, why);
}

expected<std::unique_ptr<coordinator_door>> coordinator_door::open_untyped(
    caf::actor_system& system, door_options options, wire_words words,
    std::set<std::string> interface, desk_factory desk_for, door_news news) {
  auto context = tls_context::server(options.files, std::move(options.nodes), now());
  if (!context) return tl::make_unexpected(context.error());
  auto tunnel = tunnel::start(options.limits);
  if (!tunnel) return tl::make_unexpected(tunnel.error());
  basp_rules rules{node_id_of(system), options.max_payload, std::move(words)};
  std::unique_ptr<parts> made(new parts{system, basp_of(system), std::move(rules),
                                        std::move(interface), std::move(desk_for),
                                        std::move(news)});
  made->tunnel = std::move(*tunnel);
  auto port = made->tunnel->listen(options.where, std::move(*context), made->keeper());
  if (!port) return tl::make_unexpected(port.error());
  made->port = *port;
  return std::unique_ptr<coordinator_door>(new coordinator_door(std::move(made)));
}

// -- the node's side ------------------------------------------------------------------------------

namespace {

/// Whether the one connection of a node stands, and why the last one ended.
class standing {
 public:
  void begin() {
    std::lock_guard lock(mutex_);
    connected_ = true;
  }
  void end(const problem& why) {
    std::lock_guard lock(mutex_);
    connected_ = false;
    why_ = why;
    changed_.notify_all();
  }
  /// Why it ended; nothing if it has not by then.
  std::optional<problem> wait_for_end(clock::time_point until) {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_until(lock, until, [&] { return !connected_; })) return std::nullopt;
    return why_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool connected_ = false;
  problem why_;
};

std::chrono::milliseconds left_until(clock::time_point until) {
  return std::max(std::chrono::milliseconds{0},
                  std::chrono::ceil<std::chrono::milliseconds>(until - clock::now()));
}

/// True once the peer has sent something; only then has it let us in.
bool wait_for_bytes(int socket, clock::time_point until) {
  pollfd watched{socket, POLLIN, 0};
  char byte;
  return ::poll(&watched, 1, static_cast<int>(left_until(until).count())) > 0 &&
         ::recv(socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 1;
}

}  // namespace

struct coordinator_link::parts {
  caf::actor_system& system;
  caf::actor basp;
  link_options options;
  tls_context context;
  standing now;
  std::string where;  ///< of the connection that stands
  /// Last: its thread uses the others until it has ended.
  std::unique_ptr<remoting::tunnel> tunnel;

  parts(caf::actor_system& system, link_options options, tls_context context,
        std::unique_ptr<remoting::tunnel> tunnel)
      : system(system),
        basp(basp_of(system)),
        options(std::move(options)),
        context(std::move(context)),
        tunnel(std::move(tunnel)) {}

  /// What CAF made of the connection.
  struct met {
    caf::strong_actor_ptr desk;
    std::set<std::string> interface;
  };

  expected<descriptor> open(const address& where, clock::time_point until, wire_words words) {
    auto stream = dial(where, context, options.coordinator, left_until(until));
    if (!stream) return tl::make_unexpected(stream.error());
    basp_rules rules{node_id_of(system), options.max_payload, std::move(words)};
    now.begin();
    this->where = render(where);
    auto local = tunnel->adopt(std::move(*stream), {options.coordinator, render(where)},
                               std::make_unique<basp_filter>(basp_side::node, std::move(rules)),
                               [this](const peer_identity&, const problem& why) {
                                 now.end(why);
                                 if (options.ended) options.ended(why);
                               });
    if (!local) now.end(local.error());
    return local;
  }

  expected<met> meet(const address& where, descriptor local, clock::time_point until) {
    expected<met> result = fail(render(where), "did not answer in time");
    caf::scoped_actor self{system};
    self->request(basp, within(left_until(until)), caf::connect_atom_v,
                  system.middleman().backend().new_scribe(local.release()), no_port)
        .receive(
            [&](caf::node_id&, caf::strong_actor_ptr& desk, std::set<std::string>& interface) {
              result = met{std::move(desk), std::move(interface)};
            },
            [&](caf::error& why) {
              result = fail(render(where), "CAF could not connect: " + system.render(why));
            });
    return result;
  }
};

coordinator_link::coordinator_link(std::unique_ptr<parts> parts) : parts_(std::move(parts)) {}
coordinator_link::~coordinator_link() = default;
caf::actor_system& coordinator_link::system() const { return parts_->system; }

void coordinator_link::end(const problem& why) { parts_->tunnel->end(parts_->where, why); }

expected<std::unique_ptr<coordinator_link>> coordinator_link::make(caf::actor_system& system,
                                                                   link_options options) {
  auto context = tls_context::client(options.files, now());
  if (!context) return tl::make_unexpected(context.error());
  auto tunnel = tunnel::start(options.limits);
  if (!tunnel) return tl::make_unexpected(tunnel.error());
  return std::unique_ptr<coordinator_link>(new coordinator_link(std::make_unique<parts>(
      system, std::move(options), std::move(*context), std::move(*tunnel))));
}

expected<caf::strong_actor_ptr> coordinator_link::connect_untyped(
    const address& where, std::chrono::milliseconds patience, wire_words words,
    const std::set<std::string>& interface) {
  auto until = clock::now() + patience;
  if (!parts_->now.wait_for_end(until))
    return fail(render(where), "the connection before this one still stands");
  auto local = parts_->open(where, until, std::move(words));
  if (!local) return tl::make_unexpected(local.error());
  // Keeps a hold on the connection while CAF has it.
  descriptor hold(::dup(local->get()));
  auto give_up = [&](problem why) -> expected<caf::strong_actor_ptr> {
    ::shutdown(hold.get(), SHUT_RDWR);
    why.where = render(where);
    return tl::make_unexpected(why);
  };
  if (!wait_for_bytes(local->get(), until)) {
    local->reset();
    hold.reset();
    auto ended = parts_->now.wait_for_end(clock::now() + parts_->options.limits.linger);
    return give_up(ended.value_or(problem{"", "the coordinator did not answer in time", ""}));
  }
  auto met = parts_->meet(where, std::move(*local), until);
  if (!met) return give_up(met.error());
  if (!met->desk || !parts_->system.assignable(met->interface, interface))
    return give_up({"", "the coordinator speaks another version of this protocol",
                    "run the same version of assay on both sides"});
  return met->desk;
}

}  // namespace assay::remoting
