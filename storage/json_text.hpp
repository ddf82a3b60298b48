#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "messages/attempt.hpp"
#include "messages/chat.hpp"

/// The JSON of the ledger's text columns: lists and flat objects of strings and numbers.
///
/// Written and read here rather than with a library, because what the ledger was given it gives
/// back: strings may hold any bytes, and a JSON library refuses those that are not UTF-8. Control
/// characters are escaped, all else above 0x1f is kept as it is.
///
/// Every `read_` returns false, with an unspecified result, if the text is not of the form that
/// the matching function writes (members may come in any order, white space is allowed).
namespace assay::storage {

using field_list = std::vector<std::pair<std::string, std::string>>;

/// `["a","b"]`
std::string list_json(const std::vector<std::string>&);
bool read_list(std::string_view, std::vector<std::string>&);

/// `{"name":"value"}`, in order, repeated names included.
std::string fields_json(const field_list&);
bool read_fields(std::string_view, field_list&);

/// `[{"role":"user","content":"..."}]`; `calls` (as below) and `answers` only if there are any.
std::string messages_json(const std::vector<chat_message>&);
bool read_messages(std::string_view, std::vector<chat_message>&);

/// `[{"id":"call_1","name":"calculator","arguments":"{...}"}]`
std::string calls_json(const std::vector<tool_call>&);
bool read_calls(std::string_view, std::vector<tool_call>&);

/// `[{"name":"calculator","description":"...","parameters":"{...}"}]`
std::string tools_json(const std::vector<tool_declaration>&);
bool read_tools(std::string_view, std::vector<tool_declaration>&);

/// `[{"counts":"tokens","limit":1000,"remaining":10,"reset_ms":60000}]`; `reset_ms` and
/// `window_s` only if known.
std::string limits_json(const std::vector<rate_header>&);
bool read_limits(std::string_view, std::vector<rate_header>&);

}  // namespace assay::storage
