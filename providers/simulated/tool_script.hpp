#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "messages/chat.hpp"
#include "messages/sample.hpp"

/// What a mock model that plays `agent` says, step by step.
namespace assay::simulated {

/// The field of a dataset that holds the script of a sample.
inline constexpr std::string_view script_field = "script";

/// What is said at once: tool calls and perhaps a text, or a text that ends the script.
struct script_step {
  std::string text;
  std::vector<tool_call> calls;

  bool operator==(const script_step&) const = default;
};

using tool_script = std::vector<script_step>;

/// A script as JSON: a list of steps, each a list of calls `{"name": ..., "arguments": {...}}`, one
/// such call, or a text. Steps of another form are left out; a text ends it.
tool_script read_script(std::string_view json);

/// The script of a sample, else one that calls each of these tools once with arguments of the kind
/// that its schema requires.
tool_script script_of(const sample&, const std::vector<tool_declaration>&);

/// How far a conversation has come.
struct script_place {
  std::size_t step = 0;              ///< to be said next; the script's size at its end
  std::vector<std::string> results;  ///< of the calls before, in order
};

/// Calls that are not those of the script (they were malformed) and their results do not count.
script_place place_in(const tool_script&, const std::vector<chat_message>&);

/// The step with `{{N}}` in texts and arguments replaced by the N-th result.
script_step with_results(script_step, const std::vector<std::string>& results);

}  // namespace assay::simulated
