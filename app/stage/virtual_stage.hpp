#pragma once

#include "app/stage/stage.hpp"

namespace assay::app {

struct virtual_options {
  std::uint32_t nodes = 0;  ///< that make the calls; 0: this process does
  std::uint64_t seed = 1;   ///< of what a run draws besides its answers: waits, ties
  std::chrono::system_clock::time_point begins;  ///< what the calendar shows then
};

/// Runs in virtual time: the actors of `assay run` (and `assay node`), the same ledger, judges and
/// simulated providers, without sockets and without waiting. REQUIRES: every provider in use is
/// simulated (`mock:NAME`); stop signals are blocked.
checked<std::unique_ptr<stage>> virtual_stage(settings, const virtual_options&);

}  // namespace assay::app
