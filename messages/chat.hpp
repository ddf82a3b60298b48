#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "messages/units.hpp"

namespace assay {

/// Numbers are stored in the ledger by their names.
enum class role : std::uint8_t { system = 0, user = 1, assistant = 2, tool = 3 };

/// A model's wish to use a tool.
struct tool_call {
  std::string id;         ///< the provider's; `call_N` where it gives none
  std::string name;       ///< of the tool
  std::string arguments;  ///< JSON text as the model wrote it, perhaps not well formed

  bool operator==(const tool_call&) const = default;
};

/// A tool that is offered to a model.
struct tool_declaration {
  std::string name;
  std::string description;
  std::string parameters;  ///< JSON Schema of its arguments, an object, as text

  bool operator==(const tool_declaration&) const = default;
};

struct chat_message {
  role who = role::user;
  std::string content;
  std::vector<tool_call> calls{};  ///< of an assistant
  std::string answers{};           ///< of a tool: the id of the call that this is the result of
  std::string thinking{};          ///< of an assistant: `answer::thinking`

  bool operator==(const chat_message&) const = default;
};

/// Which endpoint of an API a request is for.
enum class endpoint : std::uint8_t {
  chat = 0,
  embeddings = 1,  ///< each message is a text; the answer's text is `embedding_text` of the vectors
};

/// One model call, independent of any wire format.
struct chat_request {
  std::string model;  ///< the name the provider knows it by
  std::vector<chat_message> messages;
  std::vector<tool_declaration> tools{};
  endpoint to = endpoint::chat;
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
  std::vector<tool_call> calls{};  ///< tools that it wants used before it goes on
  std::string reasoning;
  /// What has to come back unchanged with the results of the calls: JSON of the provider's own
  /// format, which other dialects leave out. Empty if nothing has to, or nothing was called.
  std::string thinking{};
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
