#pragma once

#include <sys/types.h>

#include <cstdint>

namespace assay::bench {

/// How the server answers: after `latency_ms` a body of `pieces` pieces, `gap_ms` apart; one piece
/// goes out with its Content-Length, more as a chunked stream.
struct server_manner {
  int latency_ms = 0;
  int pieces = 1;
  int gap_ms = 0;
};

/// A process of its own (its CPU is not ours) that answers HTTP on loopback with one epoll loop.
class forked_server {
 public:
  explicit forked_server(server_manner);
  forked_server(const forked_server&) = delete;
  forked_server& operator=(const forked_server&) = delete;
  ~forked_server();
  std::uint16_t port() const { return port_; }

 private:
  pid_t child_ = -1;
  std::uint16_t port_ = 0;
};

}  // namespace assay::bench
