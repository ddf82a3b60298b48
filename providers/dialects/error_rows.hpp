#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "messages/attempt.hpp"

namespace assay::dialects {

/// One line of an error table: what an answer says, and what that means. Empty parts match
/// anything.
struct error_row {
  int status = 0;                 ///< of HTTP, or the number in the body if HTTP says 200
  std::string_view word = {};     ///< equals the code, the type or a reason, in any case
  std::string_view message = {};  ///< part of the message, in lower case
  error_class kind = error_class::none;
  std::optional<dimension> limited = {};
  std::string_view message_too = {};  ///< a second part of the message
};

/// The tables of one dialect: the first row that matches decides, its own before the inherited
/// ones. What no row knows is classed by its status alone.
struct dialect_rows {
  std::span<const error_row> own;
  std::span<const error_row> inherited;
};

extern const dialect_rows openai_rows;
extern const dialect_rows azure_rows;
extern const dialect_rows groq_rows;
extern const dialect_rows together_rows;
extern const dialect_rows openrouter_rows;
extern const dialect_rows dashscope_rows;
extern const dialect_rows deepseek_rows;
extern const dialect_rows vllm_rows;
extern const dialect_rows llamacpp_rows;
extern const dialect_rows ollama_rows;
extern const dialect_rows anthropic_rows;
extern const dialect_rows gemini_rows;

/// The messages by which APIs say that a prompt is longer than the model's context. They count on
/// 400, 413, 422 and where there is no status: never on a 429, whose text may echo a prompt.
std::span<const error_row> context_rows();

/// The class of a status that no row knows.
error_class class_of_status(int status);

}  // namespace assay::dialects
