#pragma once

#include "actors/virtual_time.hpp"
#include "messages/node_protocols.hpp"

namespace assay::tests {

struct virtual_config : caf::actor_system_config {
  virtual_config() {
    register_node_messages(*this);
    configure(*this, true, 1);
  }
};

/// Actors whose time passes only when the test says so.
struct virtual_system {
  virtual_config config;
  caf::actor_system system{config};
  actors::virtual_time time{system};
  caf::scoped_actor self{system};
};

}  // namespace assay::tests
