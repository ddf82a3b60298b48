#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "actors/workshop.hpp"
#include "messages/node_protocols.hpp"

namespace assay::tests {

/// What happens to a simulated node, so many seconds after the start.
struct node_event {
  enum class kind {
    crash,  ///< the process dies; what it had in hand is gone, its spool stays
    start,  ///< the process runs again
    cut,    ///< nothing passes between it and the coordinator; it goes on calling
    mend,
  };
  double at_s = 0;
  kind what = kind::crash;
};

struct simulated_node {
  std::string name;
  std::uint32_t max_parallel = 16;
  std::vector<std::string> tags;
  duration latency{};  ///< each way
  std::vector<node_event> events;
  bool lame = false;  ///< without the keys of any account
  std::uint32_t programs = 0;
  double slowness = 1;  ///< of its programs
  std::string egress;   ///< the address by which the services see it; empty: the coordinator's
};

/// Nodes and their connections to one registry, in virtual time, over wires that can be cut.
class fleet {
 public:
  /// That of a node by its address.
  using make_transport = std::function<transport_actor(caf::local_actor&, const std::string&)>;
  using resolve = std::function<expected<actors::account_access_ptr>(const account_offer&)>;

  using make_examinations = std::function<actors::examinations_config(const simulated_node&)>;

  fleet(caf::actor_system&, std::vector<simulated_node>, node_registry_actor,
        std::vector<account_offer>, node_settings, make_transport, resolve, make_examinations);
  ~fleet();

  /// Lets happen what is due by now, and connects whoever is not connected and can be, once a
  /// second.
  void look(instant now);

 private:
  struct wire;
  struct member {
    simulated_node what;
    std::string folder;
    workshop_actor workshop;
    std::shared_ptr<wire> line;
    bool cut = false;
    std::size_t next_event = 0;
    instant next_try{};
  };

  bool happens(member&, node_event::kind);
  void start(member&);
  void crash(member&);
  void connect(member&);

  caf::actor_system& system_;
  caf::scoped_actor self_;
  std::vector<member> members_;
  std::uint64_t processes_ = 0;  ///< that were ever started
  node_registry_actor registry_;
  std::vector<account_offer> accounts_;
  node_settings rules_;
  make_transport make_transport_;
  resolve resolve_;
  make_examinations make_examinations_;
  instant began_;
  std::string folder_;
};

}  // namespace assay::tests
