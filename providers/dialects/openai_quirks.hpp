#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "providers/dialects/error_rows.hpp"
#include "providers/dialects/rate_headers.hpp"

namespace assay::dialects {

/// How the cap on output tokens is called.
enum class cap_field : std::uint8_t {
  max_tokens,
  max_completion_tokens,
  by_family,  ///< `max_completion_tokens` for reasoning models, which reject the other
};

/// In what one API differs from OpenAI's chat completions.
struct openai_quirks {
  std::string_view name;
  std::string_view usual_path;  ///< what the base URL has where the user left it out
  const dialect_rows& errors;
  rate_family rates = rate_family::none;
  cap_field cap = cap_field::max_tokens;
  bool key_header = false;      ///< `api-key: KEY` instead of `Authorization: Bearer KEY`
  bool deployments = false;     ///< Azure: the model is part of the path
  bool families = false;        ///< reasoning models of OpenAI take fewer parameters
  bool asks_usage = false;      ///< knows `stream_options.include_usage`
  bool asks_plain = false;      ///< knows `stream_options.include_obfuscation`
  bool batches = false;         ///< has OpenAI's batch endpoint
  bool embeddings = true;       ///< has OpenAI's embeddings endpoint
  bool base64_vectors = false;  ///< knows `encoding_format` there
  bool wants_thinking = false;  ///< `reasoning_content` comes back with the results of tools
  bool bare_done = false;       ///< `[DONE]` ends an answer even without a finish_reason
};

/// One row for each API that speaks this dialect, sorted by name.
std::span<const openai_quirks> openai_table();

}  // namespace assay::dialects
