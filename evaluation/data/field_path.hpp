#pragma once

#include <optional>
#include <string>
#include <vector>

#include "evaluation/data/row.hpp"

namespace assay::evaluation {

/// A value found in a row: scalars as text, structures as JSON text.
struct field_value {
  value_kind kind = value_kind::null;
  std::string text;
};

/// The name of a field, or a path into a structured one: `answers.text.0`. A field whose whole name
/// is the path comes first.
class field_path {
 public:
  explicit field_path(std::string path);

  const std::string& name() const { return name_; }

  /// The value in this row; nothing if the row does not have it.
  std::optional<field_value> find(const row&) const;

 private:
  std::string name_;
  std::vector<std::string> steps_;
};

}  // namespace assay::evaluation
