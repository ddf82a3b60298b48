#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "providers/simulated/wire.hpp"

/// How a call comes together from the messages of a request, whatever the wire format.
namespace assay::simulated {

/// Adds one message: its hash, its length, and the prompt if a user says it. `role` is the wire's
/// own word.
void add_message(call&, std::string_view role, chat_message);

/// Adds a tool that is offered.
void add_tool(call&, tool_declaration);

/// The id of the first call named `name` in the last message of an assistant that no message has
/// answered yet; empty if there is none. For formats whose calls have no ids.
std::string open_call(const call&, std::string_view name);

/// The call as it is if each tool call is answered before anybody else speaks, and nothing else is
/// answered; APIs refuse other conversations.
tl::expected<call, rejection> with_results_in_place(call, const std::string& field);

}  // namespace assay::simulated
