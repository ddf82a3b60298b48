#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace assay::bench {

/// One piece goes out with its Content-Length, more as a chunked stream.
struct server_answer {
  int status = 200;
  std::vector<std::string> pieces;
};

/// How the server answers: after `latency_ms` the first piece, the others `gap_ms` apart (0: all at
/// once).
struct server_manner {
  int latency_ms = 0;
  int gap_ms = 0;
  /// Gives the answer to a request's body when it arrives. Runs in the server's process.
  std::function<server_answer(std::string_view body)> answer;
};

/// An answer of `count` equal events that no reader needs to understand.
server_answer plain_events(int count);

/// What the server has seen so far.
struct server_counts {
  std::atomic<int> answered{0};
  std::atomic<int> in_flight{0};
  std::atomic<int> most_in_flight{0};
};

/// A process of its own (its CPU is not ours) that answers HTTP on loopback with one epoll loop.
class forked_server {
 public:
  explicit forked_server(server_manner);
  forked_server(const forked_server&) = delete;
  forked_server& operator=(const forked_server&) = delete;
  ~forked_server();
  std::uint16_t port() const { return port_; }
  const server_counts& counts() const { return *counts_; }

 private:
  pid_t child_ = -1;
  std::uint16_t port_ = 0;
  server_counts* counts_;  ///< in memory shared with the child
};

}  // namespace assay::bench
