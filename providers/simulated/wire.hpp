#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "messages/attempt.hpp"
#include "messages/chat.hpp"
#include "messages/settings.hpp"
#include "messages/units.hpp"
#include "providers/http.hpp"

/// The server's side of the wire formats (docs/mock.md): what arrives is read into a `call`, what
/// the model says is written in the provider's own shapes.
namespace assay::simulated {

/// What a request asks for.
struct call {
  std::string model;
  std::vector<chat_message> messages;  ///< all of them, tool calls and their results included
  std::vector<tool_declaration> tools;
  endpoint to = endpoint::chat;    ///< embeddings: each message is a text
  std::size_t dimensions = 0;      ///< of the vectors; 0: as many as usual
  bool base64 = false;             ///< OpenAI: vectors as base64
  std::string prompt;              ///< text of the last user message
  std::uint64_t conversation = 0;  ///< hash of all messages, roles included
  std::uint64_t before = 0;        ///< the same without the last user message and what follows
  std::int64_t input_tokens = 0;   ///< characters of all messages and tools / 4
  std::optional<std::int64_t> max_tokens;
  bool stream = false;
  bool include_usage = false;  ///< OpenAI: `stream_options.include_usage`
};

/// What the model says to a call.
struct completion {
  std::string id;  ///< without the provider's prefix
  std::string model;
  std::string text;
  std::vector<tool_call> calls;             ///< their ids without the provider's prefix
  std::vector<std::vector<float>> vectors;  ///< of an embeddings call
  bool base64 = false;
  std::int64_t input_tokens = 0;
  std::int64_t output_tokens = 0;
  bool truncated = false;  ///< cut off by max_tokens
  bool include_usage = false;
};

enum class failure : std::uint8_t {
  bad_json,
  bad_request,
  wrong_key,
  unknown_model,
  unknown_route,
  wrong_method,
  rate_limited,
  too_large,  ///< one request is more than its limit ever lets through
  overloaded,
  server_error,
};

/// Why a request gets no answer.
struct rejection {
  failure why = failure::bad_request;
  std::string message;
  std::string field;                       ///< the request's field it is about
  dimension counts = dimension::requests;  ///< which limit was hit
  double limit = 0;                        ///< its amount
  bool per_day = false;
  std::optional<duration> retry_after;
};

/// The state of one limit, for headers.
struct limit_level {
  dimension counts = dimension::requests;
  double limit = 0;
  double remaining = 0;
  duration reset{};               ///< until it is whole again
  std::int64_t reset_unix_s = 0;  ///< the same as a moment, seconds since 1970
};

/// One wire format. Stateless.
class wire_format {
 public:
  virtual ~wire_format() = default;

  /// Reads the body of a request. The model and whether to stream may stand in the path instead:
  /// what is empty or false here is filled in by the route.
  virtual tl::expected<call, rejection> read(std::string_view body) const = 0;

  /// The same for a request to the embeddings endpoint. Formats without one know no such path.
  virtual tl::expected<call, rejection> read_texts(std::string_view) const {
    return tl::make_unexpected(rejection{failure::unknown_route, "Unknown request URL.", {}});
  }

  /// The body of a whole answer.
  virtual std::string whole(const completion&) const = 0;

  // A stream is opening, delta ..., closing, terminator.
  virtual std::string opening(const completion&) const = 0;
  /// REQUIRES: `text` is a part of the completion's text.
  virtual std::string delta(const completion&, std::string_view text) const = 0;
  /// The events of the tool call at `index`, after all text, with its arguments in `pieces`.
  virtual std::vector<std::string> call_events(
      const completion&, std::size_t index, const std::vector<std::string_view>& pieces) const = 0;
  virtual std::string closing(const completion&) const = 0;
  virtual std::string terminator(const completion&) const = 0;
  /// What a server sends that fails within a stream.
  virtual std::string error_event() const = 0;

  virtual int status(failure) const = 0;
  virtual std::string error(const rejection&, const std::string& request_id) const = 0;
  /// Hints when to come back, for a rejected request.
  virtual header_list retry_headers(const rejection&) const = 0;

  virtual header_list rate_headers(const std::vector<limit_level>&) const = 0;
  virtual std::string request_id_header() const = 0;
  virtual std::string models(const std::vector<mock_model>&) const = 0;
};

const wire_format& openai_wire();
const wire_format& anthropic_wire();
const wire_format& gemini_wire();

}  // namespace assay::simulated
