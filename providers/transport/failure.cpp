#include "providers/transport/failure.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <cstring>

#include "providers/transport/descriptors.hpp"

namespace assay::transport {

namespace {

api_error make(error_class kind, std::string code, std::string message) {
  api_error error;
  error.kind = kind;
  error.code = std::move(code);
  error.message = std::move(message);
  return error;
}

std::string system_words(int error) {
  char text[128];
  return printable(strerror_r(error, text, sizeof text));
}

/// `: words`, or nothing.
std::string because(const std::string& words) { return words.empty() ? "" : ": " + words; }

std::string so_far(const circumstances& at) {
  return at.bytes == 0 ? "before any byte of the answer"
                       : "after " + std::to_string(at.bytes) + " bytes of the answer";
}

api_error no_connection(const circumstances& at, const std::string& why) {
  return make(error_class::transport, "connect_failed",
              "cannot connect to " + at.host + because(why));
}

api_error not_connected(const circumstances& at) {
  if (is_out_of_descriptors(at.socket_error))
    return make(error_class::transport, "too_many_open_files",
                "cannot connect to " + at.host +
                    ": too many open files; raise the limit (`ulimit -n`) or lower max_parallel");
  int error = at.socket_error ? at.socket_error : at.connect_error;
  return make(
      error_class::transport, "connect_failed",
      "cannot connect to " + at.host + because(error ? system_words(error) : printable(at.detail)));
}

api_error no_name(const circumstances& at, std::string_view whose) {
  return make(error_class::transport, "name_not_resolved",
              "cannot resolve the name of " + std::string(whose) + because(printable(at.detail)));
}

api_error no_tls(const circumstances& at, std::string_view advice) {
  return make(error_class::transport, "tls_failed",
              "no trusted TLS connection to " + at.host + because(printable(at.detail)) +
                  std::string(advice));
}

/// OpenSSL's words for bytes that are no TLS at all.
bool speaks_no_tls(const circumstances& at) {
  return at.detail.find("wrong version number") != std::string_view::npos;
}

api_error no_handshake(const circumstances& at) {
  if (!speaks_no_tls(at)) return no_tls(at, "");
  return make(error_class::transport, "tls_failed",
              "no trusted TLS connection to " + at.host +
                  ": what it sends is not TLS; if it speaks plain HTTP, the address begins with "
                  "http://");
}

api_error broken(const circumstances& at) {
  return make(
      error_class::transport, "connection_lost",
      "the connection to " + at.host + " was lost " + so_far(at) + because(printable(at.detail)));
}

api_error stale(const circumstances& at) {
  return make(error_class::transport, "stale_connection",
              at.host +
                  " closed the kept-alive connection before any byte of the answer; the "
                  "request may have arrived and was not sent again");
}

api_error unreadable(const circumstances& at) {
  return make(error_class::server_error, "not_http",
              at.host + " sent something that is not HTTP" + because(printable(at.detail)));
}

api_error bad_url(const circumstances& at) {
  return make(error_class::bad_request, "bad_url",
              "the URL cannot be used" + because(printable(at.detail)) +
                  "; base_url must be http://HOST or https://HOST");
}

}  // namespace

std::string host_of(std::string_view url) {
  auto start = url.find("//");
  if (start == std::string_view::npos) return {};
  url.remove_prefix(start + 2);
  url = url.substr(0, url.find_first_of("/?#\\"));
  if (auto user = url.rfind('@'); user != std::string_view::npos) url.remove_prefix(user + 1);
  return printable(url);
}

std::string in_words(milliseconds span) {
  auto count = span.count();
  return count % 1000 == 0 ? std::to_string(count / 1000) + " s" : std::to_string(count) + " ms";
}

std::string printable(std::string_view text) {
  std::string clean(text.substr(0, 300));
  std::replace_if(
      clean.begin(), clean.end(), [](char c) { return c < 0x20 || c > 0x7e; }, '?');
  return clean;
}

api_error failure_of(int code, const circumstances& at) {
  if (at.resend_refused) return stale(at);
  bool begun = at.reached != phase::connecting;
  switch (code) {
    case CURLE_SEND_FAIL_REWIND:
      return stale(at);
    case CURLE_COULDNT_RESOLVE_HOST:
      return no_name(at, at.host);
    case CURLE_COULDNT_RESOLVE_PROXY:
      return no_name(at, "the proxy");
    case CURLE_COULDNT_CONNECT:
      return not_connected(at);
    case CURLE_SSL_CACERT_BADFILE:
      return no_tls(at, "; check ca_file");
    case CURLE_PEER_FAILED_VERIFICATION:
      return no_tls(at, "; if its authority is your own, name it with ca_file");
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_ENGINE_INITFAILED:
    case CURLE_USE_SSL_FAILED:
      return no_handshake(at);
    case CURLE_URL_MALFORMAT:
      return bad_url(at);
    case CURLE_UNSUPPORTED_PROTOCOL:
      return begun ? unreadable(at) : bad_url(at);
    case CURLE_WEIRD_SERVER_REPLY:
      return unreadable(at);
    case CURLE_GOT_NOTHING:
      return at.reused ? stale(at)
                       : make(error_class::transport, "empty_answer",
                              at.host + " closed the connection without a byte of an answer");
    case CURLE_OUT_OF_MEMORY:
      return make(error_class::transport, "out_of_memory",
                  "not enough memory for the exchange, or a header of more than 100 KiB");
    default:
      return begun ? broken(at) : no_connection(at, printable(at.detail));
  }
}

api_error connect_timeout(const circumstances& at, milliseconds limit, std::string_view reached) {
  return make(error_class::timeout, "connect_timeout",
              "no connection to " + at.host + " within " + in_words(limit) + " (time-out connect)" +
                  because(printable(reached)));
}

api_error first_byte_timeout(const circumstances& at, milliseconds limit) {
  auto what = at.reached == phase::sending ? " took no byte of the request for "
                                           : " sent no byte of an answer for ";
  return make(error_class::timeout, "first_byte_timeout",
              at.host + what + in_words(limit) + " (time-out first_byte)");
}

api_error idle_timeout(const circumstances& at, milliseconds limit) {
  return make(error_class::timeout, "idle_timeout",
              "the answer of " + at.host + " stalled: no byte for " + in_words(limit) + " " +
                  so_far(at) + " (time-out idle)");
}

api_error total_timeout(const circumstances& at, milliseconds limit) {
  return make(error_class::timeout, "total_timeout",
              "the exchange with " + at.host + " was not finished within " + in_words(limit) +
                  ", ended " + so_far(at) + " (time-out total)");
}

api_error redirect_refused(const circumstances& at, int status, std::string_view location) {
  auto target = host_of(location);
  if (target.empty() && !location.empty()) target = "another path of the same host";
  return make(error_class::bad_request, "redirect",
              at.host + " answered " + std::to_string(status) + ", a redirect" +
                  (target.empty() ? "" : " to " + target) +
                  "; redirects are not followed, set base_url to the final address");
}

api_error too_large(const circumstances& at, std::string_view what) {
  return make(error_class::server_error, "answer_too_large",
              std::string(what) + " of " + at.host +
                  " larger than any answer may be, stopped after " + std::to_string(at.bytes) +
                  " bytes");
}

}  // namespace assay::transport
