#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "messages/problem.hpp"
#include "messages/settings.hpp"

namespace assay::sandbox {

/// A program to run: what it is started with, and the files that lie in its work folder.
struct command {
  std::vector<std::string> argv;                           ///< argv[0] is an absolute path
  std::string input;                                       ///< its standard input
  std::vector<std::pair<std::string, std::string>> files;  ///< plain name, content
};

/// What ended a program from outside.
enum class limit : std::uint8_t { none, wall_time, cpu_time, output };

std::string_view to_string(limit);

/// What a program came to.
struct result {
  int exit_code = 0;  ///< if it ended by itself
  int signal = 0;     ///< that ended it, else 0
  limit ended_by = limit::none;
  std::string out, err;  ///< at most `output_kb` of each
  bool cut = false;      ///< there was more output
  std::chrono::nanoseconds wall{0};
  std::chrono::nanoseconds cpu{0};  ///< of all its processes

  bool good() const { return exit_code == 0 && signal == 0 && ended_by == limit::none; }
};

/// Runs programs that nobody has read, one at a time per calling thread. Each gets an empty private
/// file system with a read-only /usr, its own process, network, IPC and user namespaces, no
/// environment, no capabilities, a filter on system calls, and the limits of the settings. When
/// `run` returns, every process of the program is dead and nothing of it is left.
///
/// Immutable; may be shared between threads. A thread that runs a program must not end before it.
class box {
 public:
  /// Tries a confined program first. Problems: bubblewrap is missing, or the kernel or container
  /// forbids what it needs, with the reason.
  static expected<std::shared_ptr<const box>> open(const sandbox_settings&);

  /// A problem is the sandbox's own, never the program's; or the thread's `interruption` came.
  expected<result> run(const command&) const;

  /// False: programs run without bubblewrap, since the settings say so.
  bool confines() const { return !settings_.unsafe; }
  const sandbox_settings& settings() const { return settings_; }

 private:
  explicit box(sandbox_settings);

  expected<result> run_confined(const command&) const;
  expected<result> run_bare(const command&) const;

  sandbox_settings settings_;
  std::string filter_;  ///< the program that the kernel runs on each system call
};

/// Programs that should run at the same time under these settings.
unsigned workers(const sandbox_settings&);

}  // namespace assay::sandbox
