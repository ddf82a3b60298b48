#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

namespace assay::evaluation {

/// A parsed JSON value; nothing if the text is not JSON or nested deeper than 128 levels.
std::optional<nlohmann::json> parse_json(std::string_view text);

/// Compact text of a value, at most 80 bytes; never throws.
std::string brief(const nlohmann::json&);

}  // namespace assay::evaluation
