#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>
#include <vector>

#include "evaluation/sandbox/file_descriptor.hpp"
#include "evaluation/sandbox/sandbox.hpp"

namespace assay::sandbox {

/// How a process is started.
struct start {
  std::vector<std::string> argv;
  std::vector<std::string> environment;
  std::vector<int> files;  ///< become its descriptors 0, 1, 2 ...; all others are closed
  std::string folder;      ///< its working directory; empty: ours
};

/// Starts a process in a session of its own, which dies with the calling thread. Root's goes on as
/// `nobody`, since limits on processes do not bind root. -1 with `errno` if it cannot be started.
pid_t start_process(const start&);

/// The user that programs of root run as, and their group.
inline constexpr uid_t nobody = 65534;

/// What the parent reads while a process runs, and what ends it.
struct watch {
  pid_t process = -1;
  file_descriptor out, err;
  file_descriptor status;  ///< bubblewrap's own words about the process; may be none
};

/// How a watched process ended.
struct ending {
  result program;
  int wait_status = 0;
  bool interrupted = false;  ///< by the `interruption` of the thread
  std::string status;        ///< all that came from `watch::status`
};

/// Reads until the process has ended, a limit is reached or it is interrupted, then kills all that
/// is left of it. The first process within the sandbox is waited for too, so that its processor
/// time is known and its whole tree is dead. REQUIRES: this process adopts orphans
/// (PR_SET_CHILD_SUBREAPER).
ending see_through(watch, const sandbox_settings&);

/// `"key": 12` of bubblewrap's words; -1 if it is not there.
long number_in(const std::string& status, std::string_view key);

}  // namespace assay::sandbox
