#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include "tests/remoting/gate.hpp"

/// A client that is not ours: plain TCP, or OpenSSL set up in any wrong way.
namespace assay::tests {

/// A TCP connection whose reads and writes give up after `patience`.
inline remoting::descriptor connect_plain(std::uint16_t port) {
  remoting::descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  REQUIRE(socket);
  timeval most{std::chrono::seconds(patience).count(), 0};
  ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &most, sizeof most);
  ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &most, sizeof most);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  REQUIRE(::connect(socket.get(), reinterpret_cast<sockaddr*>(&to), sizeof to) == 0);
  return socket;
}

struct raw_tls {
  std::string certificate, key;  ///< empty: none
  int most_version = TLS1_3_VERSION;
};

/// Does a handshake without checking the server, then reads until the end. Gives OpenSSL's reason
/// for the end, empty if it was in order.
inline std::string tls_end(std::uint16_t port, const raw_tls& with) {
  auto* context = SSL_CTX_new(TLS_client_method());
  SSL_CTX_set_max_proto_version(context, with.most_version);
  if (!with.certificate.empty()) {
    REQUIRE(SSL_CTX_use_certificate_file(context, with.certificate.c_str(), SSL_FILETYPE_PEM) == 1);
    REQUIRE(SSL_CTX_use_PrivateKey_file(context, with.key.c_str(), SSL_FILETYPE_PEM) == 1);
  }
  auto socket = connect_plain(port);
  auto* ssl = SSL_new(context);
  SSL_set_fd(ssl, socket.get());
  ERR_clear_error();
  char bytes[4096];
  int result = SSL_connect(ssl);
  while (result > 0) result = SSL_read(ssl, bytes, sizeof bytes);
  const char* reason = ERR_reason_error_string(ERR_peek_error());
  ERR_clear_error();
  SSL_free(ssl);
  SSL_CTX_free(context);
  return reason ? reason : "";
}

}  // namespace assay::tests
