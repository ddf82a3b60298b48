#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "messages/problem.hpp"
#include "remoting/certificates.hpp"
#include "remoting/descriptor.hpp"

/// TLS 1.3 with certificates on both sides, over sockets that do not block.
namespace assay::remoting {

/// What an operation on a TLS stream came to.
enum class io {
  done,
  want_read,   ///< again when the socket can be read
  want_write,  ///< again when the socket can be written
  ended,       ///< the peer has closed its direction in order
  failed,      ///< `failure` tells why; the stream is of no more use
};

struct io_result {
  io state = io::done;
  std::size_t bytes = 0;
};

/// One connection. Used by one thread at a time.
class tls_stream {
 public:
  tls_stream(tls_stream&&) noexcept;
  tls_stream& operator=(tls_stream&&) noexcept;
  ~tls_stream();

  io_result handshake();
  io_result read(std::span<char>);
  /// May take less than all of it. REQUIRES: not empty.
  io_result write(std::string_view);
  /// Tells the peer that nothing more comes from this side.
  void end_writing();

  int socket() const;
  /// The name in the peer's certificate. REQUIRES: the handshake is done.
  const std::string& peer() const;
  /// Why an operation failed.
  const problem& failure() const;

 private:
  friend class tls_context;
  struct parts;
  explicit tls_stream(std::unique_ptr<parts>);
  io_result result_of(int returned);
  std::unique_ptr<parts> parts_;
};

/// What all connections of a process share: its certificate, and whom it lets in. Built once.
class tls_context {
 public:
  /// Lets in who shows a certificate of the authority whose name is on the list; every name if the
  /// list is empty.
  static expected<tls_context> server(const credentials&, std::vector<std::string> names,
                                      certificate_time now);
  static expected<tls_context> client(const credentials&, certificate_time now);

  /// A stream on a socket of a connection that was accepted.
  expected<tls_stream> accept(descriptor socket) const;
  /// A stream on a connected socket, to a peer whose certificate must be for `name`.
  expected<tls_stream> connect(descriptor socket, const std::string& name) const;

 private:
  friend class tls_stream;
  struct parts;
  explicit tls_context(std::shared_ptr<const parts>);
  std::shared_ptr<const parts> parts_;
};

}  // namespace assay::remoting
