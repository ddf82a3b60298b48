#pragma once

#include <malloc.h>

#include <algorithm>
#include <thread>

#include "messages/node_protocols.hpp"
#include "remoting/caf_link.hpp"

namespace assay::app {

/// The name in the certificate of whoever nodes join.
constexpr auto coordinator_name = "coordinator";

/// What an actor system needs, at a coordinator and at a node, before it starts. CAF's own beats
/// watch the connection; ours watch who is behind it and notice earlier.
struct networked_config : caf::actor_system_config {
  networked_config() {
    // A message may be large: its memory goes back to the system, glibc would learn to keep it.
    ::mallopt(M_MMAP_THRESHOLD, 1 << 20);
    register_node_messages(*this);
    configure(*this, false, std::max(2u, std::thread::hardware_concurrency()));
    remoting::load_networking(*this, std::chrono::seconds(2), std::chrono::seconds(10));
  }
};

}  // namespace assay::app
