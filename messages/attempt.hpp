#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "messages/chat.hpp"
#include "messages/error_class.hpp"
#include "messages/units.hpp"

namespace assay {

/// What a limit counts.
enum class dimension : std::uint8_t {
  requests = 0,
  tokens = 1,
  input_tokens = 2,
  output_tokens = 3,
  concurrency = 4,
  money = 5,  ///< US dollars
};

/// The time line of one exchange (definitions: docs/measurement.md). A moment that did not come is
/// `instant{}`. Taken in the I/O loop when bytes arrive, before anything is parsed.
struct timeline {
  instant intended;         ///< the task was ready and wanted to go
  instant admitted;         ///< the limiter gave the permit
  instant sent;             ///< the last byte of the request went to the socket
  instant first_byte;       ///< headers of the answer
  instant first_event;      ///< first event of the stream, a role-only one included
  instant first_reasoning;  ///< first non-empty piece of reasoning
  instant first_content;    ///< first non-empty piece of answer text or of a tool call
  instant last_content;
  instant done;  ///< terminator seen, or the moment of failure

  bool operator==(const timeline&) const = default;
};

/// One rate-limit header family of an answer, e.g. `x-ratelimit-{limit,remaining,reset}-tokens`.
struct rate_header {
  dimension counts = dimension::requests;
  double limit = 0;
  double remaining = 0;
  std::optional<milliseconds> reset;  ///< until the limit is whole again
  /// What `limit` is counted over, where the provider documents it (Groq counts requests per day).
  std::optional<std::chrono::seconds> window;

  bool operator==(const rate_header&) const = default;
};

/// The error of an attempt as the API (or our transport) put it; secrets removed.
struct api_error {
  error_class kind = error_class::none;
  std::string code{};
  std::string type{};
  std::string message{};
  std::optional<milliseconds> retry_after{};
  std::optional<dimension> limited{};  ///< which limit was hit, where the answer says so

  bool operator==(const api_error&) const = default;
};

/// The node that ran an exchange, and how well its clock is known. Its time line is already told by
/// our clock.
struct origin {
  std::string node{};                        ///< empty: this process
  std::chrono::nanoseconds clock_offset{0};  ///< its clock minus ours, taken off the time line
  std::chrono::nanoseconds clock_error{0};   ///< the most by which its moments are wrong
  std::string egress{};                      ///< the address that it left by; empty: ours

  bool operator==(const origin&) const = default;
};

/// How long the parts of a new connection took; zero each for one that was kept.
struct connection_time {
  std::chrono::nanoseconds name{0};  ///< until the name was resolved
  std::chrono::nanoseconds tcp{0};   ///< its handshake: one round trip
  std::chrono::nanoseconds tls{0};   ///< its handshake, a proxy's included

  std::chrono::nanoseconds total() const { return name + tcp + tls; }

  bool operator==(const connection_time&) const = default;
};

/// Everything one HTTP exchange came to. One is kept for every exchange, failed or not.
struct attempt {
  std::uint32_t number = 1;  ///< 1 for the first of a task
  std::string provider{};
  int http_status = 0;  ///< 0 if no status line arrived
  std::string request_id{};
  api_error error{};  ///< `kind == none` for an answer
  token_usage usage{};
  usd cost{};
  timeline at{};
  std::int64_t bytes_received = 0;
  std::uint32_t content_events = 0;  ///< stream events with answer text or pieces of tool calls
  bool new_connection = false;
  connection_time connecting{};
  /// Shortest time there and back on its connection that the kernel has seen in the last minutes;
  /// zero if nobody knows.
  std::chrono::nanoseconds round_trip{0};
  std::vector<rate_header> limits{};
  std::uint32_t items = 1;  ///< tasks that shared it; usage and cost are this task's part
  bool hedge = false;       ///< a second copy, sent while the first was still under way
  bool batched = false;     ///< a request of a provider's own batch, answered by itself
  origin from{};

  bool operator==(const attempt&) const = default;
};

/// The rate-limit headers of an answer whose body is still on its way.
struct early_headers {
  std::vector<rate_header> limits{};
  instant sent{};

  bool operator==(const early_headers&) const = default;
};

/// What a worker reports to its provider: the attempt, and the answer if there is one.
struct exchange_result {
  attempt tried{};
  answer reply{};

  bool operator==(const exchange_result&) const = default;
};

}  // namespace assay
