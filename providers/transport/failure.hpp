#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "messages/attempt.hpp"

/// The words of the transport's errors. Pure; no message holds an URL, since a query may hold a
/// key.
namespace assay::transport {

/// Host and port of an URL as they stand there, without user and password; empty if it has none.
std::string host_of(std::string_view url);

/// `10 s`, `250 ms`.
std::string in_words(milliseconds);

/// `text` as printable ASCII of at most 300 characters; foreign bytes become `?`.
std::string printable(std::string_view text);

/// How far an exchange had come.
enum class phase : std::uint8_t {
  connecting,  ///< name, TCP, proxy, TLS, or waiting for a shared connection
  sending,     ///< the request is going out
  waiting,     ///< sent, no headers yet
  answering,   ///< headers have come
};

/// What is known about an exchange that failed.
struct circumstances {
  std::string host;  ///< as in the request
  phase reached = phase::connecting;
  std::int64_t bytes = 0;       ///< received so far
  bool reused = false;          ///< on a kept-alive connection
  bool resend_refused = false;  ///< curl wanted to send the request a second time
  int socket_error = 0;         ///< `errno` of opening a socket
  int connect_error = 0;        ///< `errno` of the last failed connect
  std::string detail;           ///< curl's own words
};

/// The error for curl's result `code` (not CURLE_OK).
api_error failure_of(int code, const circumstances&);

/// The error for one of our deadlines; `reached`: how far connecting had come.
api_error connect_timeout(const circumstances&, milliseconds limit, std::string_view reached);
api_error first_byte_timeout(const circumstances&, milliseconds limit);
api_error idle_timeout(const circumstances&, milliseconds limit);
api_error total_timeout(const circumstances&, milliseconds limit);

/// The error for a 3xx answer that points to `location` (as in the header; may be empty).
api_error redirect_refused(const circumstances&, int status, std::string_view location);

/// The error for an answer that outgrew its bounds after `bytes`.
api_error too_large(const circumstances&, std::string_view what);

}  // namespace assay::transport
