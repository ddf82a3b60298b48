#pragma once

#include <nlohmann/json.hpp>
#include <string_view>

#include "messages/extraction_template.hpp"

namespace assay::evaluation {

/// Whether a value of the field stands in the passage word for word: texts by their words whatever
/// the case and punctuation, numbers by their value without the sign, dates in any usual spelling,
/// lists with every item. True for booleans, which nobody writes down.
bool stands_in(std::string_view passage, const nlohmann::json& value, field_type);

}  // namespace assay::evaluation
