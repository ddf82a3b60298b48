#pragma once

#include <cstdint>
#include <vector>

#include "messages/units.hpp"

namespace assay::transport {

/// Which sockets can be read or written: an epoll set that follows what curl wants lazily.
///
/// Between two exchanges on a kept-alive connection curl lets go of the socket and wants it again
/// with the same interest; the kernel is not told, which saves two system calls an exchange.
/// Invariant: a socket that nobody wants and that fires is taken out of the set. Sockets that were
/// not announced by `opened` may be closed behind our back and are taken out at once.
///
/// Used by one thread, except `wake`.
class readiness {
 public:
  struct event {
    int fd;
    bool in, out, error;
  };

  readiness();
  readiness(const readiness&) = delete;
  readiness& operator=(const readiness&) = delete;
  ~readiness();

  /// A socket of ours, which will be closed by `close` only.
  void opened(int fd);

  /// Watch `fd` for what is asked, nothing for neither.
  void want(int fd, bool in, bool out);

  /// Closes a socket; the value of close(2).
  int close(int fd);

  /// Waits for events, at most `timeout`.
  void wait(milliseconds timeout);

  /// What the last `wait` brought.
  const std::vector<event>& ready() const { return ready_; }

  /// Ends a `wait` under way, or the next one. Any thread.
  void wake();

 private:
  struct interest {
    std::uint32_t wanted = 0;  // by curl
    std::uint32_t armed = 0;   // in the kernel
    bool ours = false;
  };

  interest& of(int fd);
  void arm(int fd, interest&, std::uint32_t events);

  int epoll_;
  int wakeup_;
  std::vector<interest> interests_;
  std::vector<event> ready_;
};

}  // namespace assay::transport
