#pragma once

#include <cstdint>

#include "messages/chat.hpp"
#include "messages/settings.hpp"

namespace assay::evaluation {

/// Sets what the request leaves open to what is declared of the model: its name on the wire,
/// parameters, stop words, extras and streaming.
void take_from_model(chat_request&, const model_settings&);

/// Tokens of the conversation and the tools: a quarter of their bytes (scripts with longer
/// characters have more tokens for each), at least 1.
std::int64_t estimate_tokens(const chat_request&);

}  // namespace assay::evaluation
