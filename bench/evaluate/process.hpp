#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <thread>
#include <type_traits>
#include <vector>

#include "bench/transport/server.hpp"

namespace assay::bench {

/// User and system time of this process, in ms.
double cpu_ms();

/// The most memory this process has held so far.
double peak_mb();

/// What this process looks like at one moment.
struct reading {
  int answered = 0;  ///< by the server
  int threads = 0;
  double resident_mb = 0;
};

/// Takes readings every 100 ms, in a thread of its own (which is not counted).
class watch {
 public:
  explicit watch(const server_counts&);
  /// Ends it.
  std::vector<reading> readings();

 private:
  std::atomic<bool> ending_{false};
  std::vector<reading> readings_;
  std::thread thread_;
};

/// Runs `work` in a child process, so that CPU and memory are its own, and gives its result.
/// REQUIRES: this process has one thread.
template <class Work>
auto in_child(Work work) {
  using result = decltype(work());
  static_assert(std::is_trivially_copyable_v<result>);
  int ends[2];
  if (pipe(ends) != 0) std::abort();
  std::fflush(stdout);
  auto child = fork();
  if (child == 0) {
    auto mine = work();
    _exit(write(ends[1], &mine, sizeof mine) == sizeof mine ? 0 : 1);
  }
  close(ends[1]);
  result got{};
  if (read(ends[0], &got, sizeof got) != sizeof got) std::exit(1);  // it has said why
  close(ends[0]);
  waitpid(child, nullptr, 0);
  return got;
}

}  // namespace assay::bench
