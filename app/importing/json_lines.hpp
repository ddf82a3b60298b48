#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "messages/problem.hpp"

namespace assay::importing {

/// An object of a JSONL file, or of a JSON array of objects.
struct json_line {
  std::size_t line = 0;  ///< 0 if the file is one array
  nlohmann::json value;
};

/// Reads them all; problems with `file:line`, the first 20.
checked<std::vector<json_line>> read_json_lines(const std::string& text, const std::string& path);

/// A member as text: a text itself, any other scalar printed; empty if there is none.
std::string text_at(const nlohmann::json& object, const char* name);

}  // namespace assay::importing
