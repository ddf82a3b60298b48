#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "messages/chat.hpp"
#include "messages/problem.hpp"

namespace assay::evaluation {

/// Reads a conversation from JSON: an array of `{"role": ..., "content": ...}` with the roles
/// system, developer, user and assistant; a content is a text or an array of `{"text": ...}` parts.
/// Other members of a message are passed over. The problem has no place: the caller knows where the
/// text came from.
expected<std::vector<chat_message>> read_conversation(std::string_view json);

}  // namespace assay::evaluation
