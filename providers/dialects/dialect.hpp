#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "messages/attempt.hpp"
#include "messages/chat.hpp"
#include "messages/problem.hpp"
#include "messages/settings.hpp"
#include "providers/http.hpp"

/// Wire formats: request -> bytes, bytes -> answer. Pure: no clock, no socket, no environment.
namespace assay::dialects {

/// Reads one HTTP answer as it arrives. Lives in the I/O loop for the length of one exchange, used
/// by one thread. Call `head` once, `body` per piece of bytes, then `finish` once.
class answer_reader {
 public:
  virtual ~answer_reader() = default;

  /// The status line and headers (names in any case).
  virtual void head(int status, const header_list& headers, instant now) = 0;

  /// The rate limits that the headers tell of.
  virtual const std::vector<rate_header>& limits() const = 0;

  /// A piece of the body, cut anywhere. False: the answer is larger than any answer may be, stop.
  virtual bool body(std::string_view bytes, instant now) = 0;

  /// The body has ended: normally, or cut short for a reason of the transport
  /// (`transport_error.kind != none`). Gives the answer, or the error in canonical classes. Fills
  /// `first_byte` ... `done` of the time line, status, request id, usage, limits, counts; the
  /// caller fills the rest.
  virtual exchange_result finish(const api_error& transport_error, instant now) = 0;
};

class batch_api;

/// Everything that differs between wire formats. Stateless; one static object each.
class dialect {
 public:
  virtual ~dialect() = default;

  /// `openai`, `azure`, `anthropic` ...
  virtual std::string_view name() const = 0;

  /// The URL, headers and body of a model call. `key` may be empty. A problem if `extra_json`, the
  /// base URL or a tool's schema cannot be used, or the API lacks the endpoint.
  virtual expected<http_request> request(const chat_request&, const provider_settings&,
                                         std::string_view key) const = 0;

  /// The request that lists the provider's models.
  virtual expected<http_request> list_models(const provider_settings&,
                                             std::string_view key) const = 0;

  /// A reader for the answer to that request.
  virtual std::unique_ptr<answer_reader> reader(const chat_request&) const = 0;

  /// Its batch endpoint (batch_api.hpp), or null if it has none that we know.
  virtual const batch_api* batches() const { return nullptr; }
};

/// The dialect called `name`, or null.
const dialect* find(std::string_view name);

/// All names, sorted.
std::vector<std::string_view> names();

}  // namespace assay::dialects
