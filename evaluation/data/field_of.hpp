#pragma once

#include <string_view>

#include "messages/sample.hpp"

namespace assay::evaluation {

/// The field of a sample; empty if it has none of that name.
inline std::string_view field_of(const sample& item, std::string_view name) {
  for (const auto& [field, value] : item.fields)
    if (field == name) return value;
  return {};
}

}  // namespace assay::evaluation
