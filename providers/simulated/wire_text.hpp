#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "messages/units.hpp"
#include "providers/simulated/wire.hpp"

/// What the three wire formats share in reading and writing.
namespace assay::simulated {

/// `text` as a JSON string with its quotes; bytes that are not UTF-8 become U+FFFD.
std::string quote(std::string_view text);

/// JSON as compact text.
std::string print(const nlohmann::json&);

/// A limit as headers and messages print it: no fraction unless there is one.
std::string print_amount(double);

/// `retry-after` in whole seconds, at least 1, and `retry-after-ms`, both rounded up; none if it is
/// not known when to come back.
header_list retry_after_headers(const rejection&);
/// As Go prints durations, to the millisecond: `1.2s`, `940ms`, `6m0s`.
std::string print_go_duration(duration);
/// As protobuf prints durations in JSON, to the millisecond: `38.200s`.
std::string print_protobuf_duration(duration);
/// `2025-08-21T12:41:00Z`.
std::string print_rfc3339(std::int64_t unix_s);
/// `Thu, 21 Aug 2025 12:41:00 GMT`: the header `date`.
std::string print_http_date(std::int64_t unix_s);

/// The arguments of a tool call where they must be an object: as they are if they are one.
std::string object_text(const std::string& arguments);

/// Parses a request's body: an object, or why not.
tl::expected<nlohmann::json, rejection> parse_object(std::string_view body);

/// The text of a message's content: a string, or the `text` fields of an array of parts.
std::string text_of(const nlohmann::json& content);

/// A member that is an object or an array, else null.
const nlohmann::json* object_member(const nlohmann::json& object, const char* name);
const nlohmann::json* list_member(const nlohmann::json& object, const char* name);

/// The length of the vectors that a request asks for: 0 if it does not say, or why it is none.
tl::expected<std::size_t, rejection> dimensions_member(const nlohmann::json& object,
                                                       const char* name);

/// A member that is there with the right type, else the fallback.
bool flag(const nlohmann::json& object, const char* name);
std::string text_member(const nlohmann::json& object, const char* name);
std::optional<std::int64_t> count_member(const nlohmann::json& object, const char* name);

rejection bad_field(const std::string& field, const std::string& message);

}  // namespace assay::simulated
