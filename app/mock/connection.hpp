#pragma once

#include <sys/types.h>
#include <cstddef>
#include <string>
#include <string_view>

#include "messages/units.hpp"

namespace assay::app {

/// One accepted connection, used by one thread. Output is collected until somebody waits, so that
/// head and first piece of an answer leave in one packet. Shutting the socket down from another
/// thread ends every wait.
class connection {
 public:
  /// Takes the socket; closes it in the end.
  explicit connection(int socket);
  ~connection();
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;

  int socket() const { return socket_; }
  /// The address of who has connected, without the port.
  std::string peer() const;

  /// Sends what is due, then waits for the next request's first byte; false if none comes.
  bool wait_for_request(duration at_most);
  /// As recv(2): up to `size` bytes, 0 at the end, -1 after an error or 30 s of silence.
  ssize_t read(char* out, std::size_t size);
  /// False if the peer is gone or nothing may be sent any more.
  bool write(std::string_view bytes);
  bool flush();
  /// Sends what is due and sleeps; false as soon as the peer is gone.
  bool sleep_until(instant);

  /// From now on nothing is sent, and the connection ends after this request.
  void drop();
  bool dropped() const { return dropped_; }

 private:
  bool wait_for_input(duration at_most);

  int socket_;
  bool dropped_ = false;
  std::string out_;
  std::string in_;
  std::size_t in_at_ = 0;  ///< first byte of `in_` that is not yet read
};

}  // namespace assay::app
