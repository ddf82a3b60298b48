#pragma once

#include <functional>
#include <limits>
#include <optional>
#include <string>

#include "app/run/prepare.hpp"
#include "app/run/progress.hpp"
#include "messages/node_protocols.hpp"

namespace assay::app {

struct session_options {
  bool quiet = false;
  bool terminal = false;  ///< stderr is a terminal
};

/// How a session ended.
struct session_end {
  bool interrupted = false;  ///< by a signal
  std::string stopped_by;    ///< why tasks are left over; empty: all that was to be done is done
};

/// Where the actors of a run live, if not in a system of their own.
struct session_home {
  caf::actor_system& system;
  node_registry_actor nodes;
  std::uint32_t places_here;  ///< exchanges of an account in this process at the same time
  std::optional<std::int64_t> term = {};  ///< of the lease under which runs write
  std::function<std::string()> lost =
      {};  ///< why they must stop at once; empty while they need not
  /// Asked before anything is sent, from any thread; empty: it may.
  std::function<bool()> may_send = {};
  /// Of a judge, in this process at the same time.
  std::uint32_t programs_here = std::numeric_limits<std::uint32_t>::max();
};

/// Runs the missing tasks of a prepared run with the actors in real time, until they are done or
/// something ends it. SIGINT or SIGTERM once: drains and records; twice: stops at once.
/// REQUIRES: both signals are blocked in all threads (`block_stop_signals`).
session_end run_session(const prepared_run&, const session_options&, const time_anchor&);
session_end run_session(const prepared_run&, const session_options&, const time_anchor&,
                        const session_home&);

/// What a display of the run's progress knows beforehand.
progress_frame frame_of(const prepared_run&);

/// Waits so long, and tells whether one of these signals came meanwhile.
bool wait_for_stop_signal(milliseconds longest);

/// Blocks SIGINT and SIGTERM in this thread and those it starts later, so that a session can wait
/// for them.
void block_stop_signals();

}  // namespace assay::app
