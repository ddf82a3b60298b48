#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "messages/units.hpp"

namespace assay {

enum class role : std::uint8_t { system = 0, user = 1, assistant = 2 };

struct chat_message {
  role who = role::user;
  std::string content;

  bool operator==(const chat_message&) const = default;
};

/// One model call, independent of any wire format.
struct chat_request {
  std::string model;  ///< the name the provider knows it by
  std::vector<chat_message> messages;
  std::optional<std::int32_t> max_tokens;  ///< cap on output tokens, reasoning included
  std::optional<double> temperature;
  std::optional<double> top_p;
  std::optional<std::int64_t> seed;
  std::vector<std::string> stop;
  std::optional<bool> reasoning;  ///< overrides the dialect's guess from the model's name
  std::string extra_json;         ///< a JSON object merged into the body last; empty for none
  bool stream = true;

  bool operator==(const chat_request&) const = default;
};

/// Tokens as the provider reported them, normalised: `input` includes cached tokens, `output`
/// includes reasoning. What was not reported is absent, never 0.
struct token_usage {
  std::optional<std::int64_t> input;
  std::optional<std::int64_t> cached_input;
  std::optional<std::int64_t> cache_write;
  std::optional<std::int64_t> output;
  std::optional<std::int64_t> reasoning;
  std::optional<double> billed_usd;  ///< the price the provider itself named (OpenRouter)

  bool operator==(const token_usage&) const = default;
};

/// Why the model stopped. Numbers are stored in the ledger.
enum class finish : std::uint8_t {
  unknown = 0,
  stop = 1,
  length = 2,
  tool_calls = 3,
  content_filter = 4,
  refusal = 5,
};

/// A whole answer of a model.
struct answer {
  std::string text;
  std::string reasoning;
  std::string refusal;  ///< the refusal text where the API has a field for it
  finish why = finish::unknown;
  std::string finish_reason;  ///< the provider's own word
  std::string response_id;
  std::string model;  ///< the model the provider says it used
  std::string system_fingerprint;
  std::string service_tier;
  token_usage usage;

  bool operator==(const answer&) const = default;
};

}  // namespace assay
