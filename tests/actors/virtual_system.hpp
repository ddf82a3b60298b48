#pragma once

#include "actors/virtual_time.hpp"

namespace assay::tests {

/// Actors whose time passes only when the test says so.
struct virtual_system {
  actors::virtual_config config;
  caf::actor_system system{config};
  actors::virtual_time time{system};
  caf::scoped_actor self{system};
};

}  // namespace assay::tests
