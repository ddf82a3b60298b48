#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "evaluation/text/regex.hpp"
#include "messages/extraction_template.hpp"
#include "messages/problem.hpp"

namespace assay::evaluation {

/// What values a field of a template takes. Immutable, may be shared between threads.
class field_check {
 public:
  /// A problem if the pattern does not compile, at its place.
  static expected<field_check> make(const template_field&);

  const template_field& field() const { return field_; }

  /// Why the value, said to stand in the passage, is none for this field; empty if it is one. Type,
  /// then pattern: the value, as text, must match it as a whole, or be what the pattern finds in
  /// the passage. REQUIRES: the passage is UTF-8.
  std::string fault_of(const nlohmann::json& value, std::string_view passage) const;

  /// What the pattern finds first in the text that reads as the field's type (of a list: all that
  /// it finds). REQUIRES: the text is UTF-8.
  std::optional<nlohmann::json> find_in(std::string_view text) const;

  bool has_pattern() const { return pattern_.has_value(); }

 private:
  std::string type_fault(const nlohmann::json&) const;
  bool matches(const nlohmann::json& value, std::string_view passage) const;
  std::optional<nlohmann::json> read(std::string_view text) const;

  template_field field_;
  std::optional<regex> pattern_;
  std::optional<regex> whole_;  ///< the pattern, from the text's beginning to its end
};

/// What the field wants, in words: `a number`, `one of "a", "b"`.
std::string expectation(const template_field&);

}  // namespace assay::evaluation
