#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "evaluation/text/regex.hpp"
#include "messages/problem.hpp"

namespace assay::evaluation {

/// What checking a value against a schema came to.
struct schema_result {
  enum { valid, invalid, gave_up } status = valid;
  std::string fault;  ///< the first fault: place and reason
};

/// A JSON Schema: the validation keywords of draft 7, with `$defs`, `prefixItems` of 2020-12 and
/// references within the file. Own code, because patterns then run on bounded PCRE2: the validators
/// of the distribution use std::regex, which dies of long texts. Immutable, may be shared between
/// threads.
class json_schema {
 public:
  /// A problem names an unknown or unsupported keyword, a bad pattern, or a reference that leads
  /// nowhere.
  static expected<json_schema> compile(nlohmann::json schema, const std::string& where);

  schema_result check(const nlohmann::json& value) const;

 private:
  nlohmann::json root_;
  std::map<std::string, regex> patterns_;
};

}  // namespace assay::evaluation
