#pragma once

#include <string>

#include "messages/chat.hpp"

/// Declarations of the tools that come with assay. Built by hand, since their text is part of the
/// keys of tasks: it must not change with a library.
namespace assay::evaluation {

/// An argument of a tool: `type` as JSON Schema has it.
struct argument {
  const char* name;
  const char* schema;
  bool required = true;
};

template <std::size_t N>
tool_declaration declare(const char* name, const char* description,
                         const argument (&arguments)[N]) {
  std::string properties, required;
  for (const auto& a : arguments) {
    properties += (properties.empty() ? "\"" : ",\"") + std::string(a.name) + "\":" + a.schema;
    if (a.required) required += (required.empty() ? "\"" : ",\"") + std::string(a.name) + "\"";
  }
  return {name, description,
          "{\"type\":\"object\",\"properties\":{" + properties + "},\"required\":[" + required +
              "],\"additionalProperties\":false}"};
}

/// `offset`: where a page begins.
inline constexpr argument page_offset{
    "offset",
    R"({"type":"integer","minimum":0,"maximum":1000000000000,"description":"where to begin; 0 if not given"})",
    false};

}  // namespace assay::evaluation
