#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "messages/chat.hpp"
#include "messages/problem.hpp"
#include "messages/settings.hpp"
#include "providers/http.hpp"

namespace assay::dialects {

/// JSON that is given to us is followed no deeper than this.
inline constexpr int deepest_json = 64;

/// How deep brackets nest in JSON text, those within strings left out.
int nesting_of(std::string_view json);

/// `extra_json` merged into a request body, as `body_text` does it.
expected<nlohmann::ordered_json> merged(nlohmann::ordered_json body, std::string_view extra_json);

/// The text of a request body with `extra_json` merged in: objects merge member by member, null
/// removes a member, everything else replaces (RFC 7396). A problem if `extra_json` is no JSON
/// object or nests deeper than 64 levels. Text that is not UTF-8 is sent with U+FFFD in its place.
expected<std::string> body_text(nlohmann::ordered_json body, std::string_view extra_json);

/// The schema of a tool's arguments, in the order in which it is written: models fill in arguments
/// in that order. A problem if it is no JSON object or nests deeper than 64 levels.
expected<nlohmann::ordered_json> schema_of(const tool_declaration&);

/// The arguments of an earlier tool call for APIs that want an object; those that are none come as
/// `{"INVALID_JSON": TEXT}`.
nlohmann::ordered_json arguments_of(const tool_call&);

/// What is to be sent back of an assistant's thinking; null if nothing is, or if it is no JSON.
nlohmann::ordered_json thinking_of(const chat_message&);

/// Why a text is not embedded by an API that has no endpoint for it.
tl::unexpected<problem> no_embeddings(const provider_settings&, std::string_view dialect);

/// The root that endpoints are appended to (see `api_root`).
expected<std::string> root_of(const provider_settings&, std::string_view usual_path);

/// Headers in the order: what the dialect needs, then what the settings add. A header of the
/// settings replaces one of the same name, so that a proxy's own authorization is possible. A
/// problem, which never shows the value, if a name or a value cannot stand in a header.
expected<header_list> headers_for(header_list needed, const provider_settings&);

/// The system messages, joined with a blank line; for APIs that take them apart from the talk.
std::string system_text(const chat_request&);

/// `text/event-stream` for a streaming call, else JSON.
std::string accepted_type(bool stream);

}  // namespace assay::dialects
