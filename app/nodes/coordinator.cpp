#include "app/nodes/coordinator.hpp"

#include <spdlog/spdlog.h>

#include <map>
#include <mutex>
#include <set>

#include "actors/node_desk.hpp"
#include "actors/node_registry.hpp"
#include "app/nodes/networking.hpp"
#include "remoting/caf_link.hpp"

namespace assay::app {

using namespace std::chrono_literals;

std::vector<actors::account_access_ptr> accounts_of(const settings& all) {
  std::vector<actors::account_access_ptr> accounts;
  std::set<std::string> used;
  for (const auto& model : all.models) {
    used.insert(model.providers.begin(), model.providers.end());
    used.insert(model.fallback.begin(), model.fallback.end());
  }
  for (const auto& name : used) {
    auto access = std::make_shared<actors::account_access>();
    access->settings = *find_named(all.providers, name);
    if (auto key = catalog::resolve(access->settings.credential, name)) access->key = *key;
    accounts.push_back(std::move(access));
  }
  return accounts;
}

account_offer offer_of(const actors::account_access& access, node_credentials whose) {
  const auto& s = access.settings;
  account_offer offer{s.name, s.dialect, s.base_url,       s.api_version, s.credential,
                      {},     s.headers, s.limits_of_time, s.proxy,       s.ca_file};
  if (whose == node_credentials::coordinator) offer.key = access.key.reveal();
  return offer;
}

struct coordinator::parts {
  networked_config config;
  caf::actor_system system{config};
  node_registry_actor registry;
  coordinator_config wanted;
  std::mutex lock;
  std::map<std::string, desk_actor> desks;  ///< of the connections there are, by peer and address
  std::mutex door_lock;
  std::unique_ptr<remoting::coordinator_door> door;

  void hang_up(const remoting::peer_identity& peer) {
    std::lock_guard hold(door_lock);
    if (door) door->end(peer, {peer.name, "its desk was closed"});
  }

  /// Without the lock: what the door reports while it closes may lead to `hang_up`.
  void close_door() {
    std::unique_ptr<remoting::coordinator_door> closing;
    std::lock_guard hold(door_lock);
    closing = std::move(door);
  }

  ~parts() {
    for (const auto& [peer, desk] : desks)
      caf::anon_send(desk, leave_atom_v, std::string{"the coordinator stops"});
    close_door();
    desks.clear();
    caf::anon_send_exit(registry, caf::exit_reason::user_shutdown);
    registry = nullptr;
  }
};

coordinator::coordinator(std::unique_ptr<parts> p) : parts_(std::move(p)) {}
coordinator::~coordinator() = default;

namespace {

std::string place_of(const remoting::peer_identity& peer) { return peer.name + "@" + peer.address; }

/// As APIs see it, as far as can be seen from here; empty if it is ours.
std::string address_of(const remoting::peer_identity& peer) {
  auto at = remoting::parse_address(peer.address);
  return !at || remoting::is_of_this_host(at->host) ? "" : at->host;
}

}  // namespace

expected<std::unique_ptr<coordinator>> coordinator::open(
    const node_settings& rules, const std::vector<actors::account_access_ptr>& accounts,
    coordinator_config wanted) {
  auto where = remoting::parse_address(rules.listen);
  if (!where) return tl::make_unexpected(where.error());
  auto p = std::make_unique<parts>();
  p->wanted = wanted;
  p->registry =
      p->system.spawn(actors::node_registry, actors::node_registry_config{rules, wanted.returning});
  std::vector<account_offer> offers;
  offers.reserve(accounts.size());
  for (const auto& access : accounts) offers.push_back(offer_of(*access, rules.credentials));

  remoting::door_options options;
  options.where = *where;
  options.files = remoting::credentials_in(rules.certificates, coordinator_name);
  options.nodes = rules.allowed;
  options.limits.handshake = rules.handshake;
  options.limits.connections = static_cast<std::size_t>(rules.max_connections);
  options.max_payload = static_cast<std::uint32_t>(rules.max_message_mb) << 20;

  auto desk_for = [&here = *p, rules,
                   offers](const remoting::peer_identity& peer) -> expected<node_desk_actor> {
    auto hang_up = [&here, peer] { here.hang_up(peer); };
    auto desk = here.system.spawn(
        actors::node_desk,
        actors::node_desk_config{peer.name, here.registry, offers, rules, here.wanted.secret,
                                 hang_up, address_of(peer), here.wanted.leads});
    std::lock_guard hold(here.lock);
    here.desks[place_of(peer)] = desk;
    return node_desk_actor{desk};
  };
  remoting::door_news news;
  news.refused = [](const std::string& address, const problem& why) {
    spdlog::warn("node-refused peer={} reason=\"{}\"", address, render(why));
  };
  news.ended = [&here = *p](const remoting::peer_identity& peer, const problem& why) {
    std::lock_guard hold(here.lock);
    auto desk = here.desks.extract(place_of(peer));
    if (desk) caf::anon_send(desk.mapped(), leave_atom_v, render(why));
  };
  auto door = remoting::coordinator_door::open<node_desk_actor, node_actor>(
      p->system, std::move(options), desk_for, std::move(news));
  if (!door) return tl::make_unexpected(door.error());
  p->door = std::move(*door);
  return std::unique_ptr<coordinator>(new coordinator(std::move(p)));
}

session_home coordinator::home() {
  session_home home{parts_->system, parts_->registry, parts_->wanted.places_here};
  home.programs_here = parts_->wanted.programs_here;
  home.may_send = parts_->wanted.leads;
  return home;
}

std::uint16_t coordinator::port() const { return parts_->door->port(); }

std::vector<node_status> coordinator::nodes() const {
  std::vector<node_status> all;
  caf::scoped_actor self{parts_->system};
  self->request(parts_->registry, within(2s), status_atom_v)
      .receive([&](std::vector<node_status>& s) { all = std::move(s); }, [](const caf::error&) {});
  return all;
}

}  // namespace assay::app
