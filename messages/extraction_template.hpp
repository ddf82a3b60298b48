#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace assay {

enum class field_type : std::uint8_t { string, number, integer, boolean, date, list, choice };

/// As a template names them, in the order of the enum.
inline constexpr std::array<std::string_view, 7> field_type_names{
    "string", "number", "integer", "boolean", "date", "list", "enum"};

constexpr std::string_view to_string(field_type type) {
  return field_type_names[static_cast<std::size_t>(type)];
}

/// One value that is looked for in documents.
struct template_field {
  std::string name;
  std::string declared_at;  ///< `file:line:column`, for messages
  field_type type = field_type::string;
  std::string description;
  bool required = false;
  std::string pattern;              ///< regular expression of the value; empty for none
  std::string pattern_at;           ///< `file:line:column`
  std::vector<std::string> values;  ///< of an enum

  bool operator==(const template_field&) const = default;
};

/// What is to be filled from documents (docs/extraction.md).
struct extraction_template {
  std::string name;
  std::string description;
  std::vector<template_field> fields;

  bool operator==(const extraction_template&) const = default;
};

}  // namespace assay
