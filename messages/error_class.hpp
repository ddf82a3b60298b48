#pragma once

#include <cstdint>
#include <string_view>

namespace assay {

/// What went wrong with one attempt, in the words that decide what happens next. Numbers are
/// stored in the ledger and never change.
enum class error_class : std::uint8_t {
  none = 0,               ///< the attempt brought an answer
  rate_limited = 1,       ///< 429: wait and ask again; no attempt consumed, no failure of the API
  ramp_limited = 2,       ///< traffic grew too fast although below the limits
  quota_exhausted = 3,    ///< money or daily quota is used up: suspend the provider
  overloaded = 4,         ///< 503, 529, 498: capacity of the API
  server_error = 5,       ///< 500, 502, 504 and answers that nobody can read
  transport = 6,          ///< connect, TLS, reset, end before the terminator
  timeout = 7,            ///< one of our deadlines, or 408
  auth = 8,               ///< 401, 403: the credential does not serve
  bad_request = 9,        ///< 400, 404, 413, 422: asking again cannot help
  context_too_long = 10,  ///< the prompt does not fit the model
  content_filtered = 11,  ///< the API's filter held the prompt or the answer back
  refusal = 12,           ///< the model declined
  cancelled = 13,         ///< we stopped it ourselves
  node_lost = 14,         ///< the node that ran it is gone; what it came to is unknown
};

inline constexpr std::uint8_t error_class_count = 15;

/// The name used in records, logs and reports, e.g. `rate_limited`.
std::string_view to_string(error_class);

/// True for classes that asking again may cure.
bool is_retryable(error_class);

/// True for classes that say that the API itself is unwell (429 and quota never do).
bool is_api_failure(error_class);

}  // namespace assay
