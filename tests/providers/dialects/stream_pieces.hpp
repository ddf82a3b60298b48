#pragma once

#include <array>
#include <string>
#include <string_view>

#include "play.hpp"

/// Pieces of recorded streams, written by hand after the documentation of each API. A stream is cut
/// at every byte and must give the identical answer.
namespace assay::tests {

/// A chunk of the OpenAI format.
inline std::string chunk(std::string_view delta, std::string_view finish = "null") {
  return event(R"({"id":"c-1","object":"chat.completion.chunk","created":1700000000,"model":"m-1",)"
               R"("choices":[{"index":0,"delta":)" +
               std::string(delta) + R"(,"finish_reason":)" + std::string(finish) + "}]}");
}

inline token_usage tokens(std::int64_t in, std::int64_t out) {
  token_usage u;
  u.input = in;
  u.output = out;
  return u;
}

inline void check_answered(const exchange_result& r) {
  CHECK(r.tried.error.kind == error_class::none);
  CHECK(r.tried.error.message == "");
  CHECK(r.tried.usage == r.reply.usage);
}

}  // namespace assay::tests
