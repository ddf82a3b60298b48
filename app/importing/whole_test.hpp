#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace assay::importing {

/// An assertion of promptfoo's.
struct stated_assertion {
  nlohmann::ordered_json what;  ///< as the judge `assertions` reads it
  std::string where;
  std::string grader{};  ///< the model that its own provider stands for; may be empty
  std::string judge{};   ///< that stands for it; empty: it is left to the judge `assertions`
};

/// A test with all that it inherits, on its way to rows.
struct whole_test {
  std::string where;
  std::string description;
  nlohmann::ordered_json vars = nlohmann::ordered_json::object();
  std::vector<stated_assertion> assertions;
  std::optional<double> threshold;
  std::string grader;  ///< the model that grades where an assertion names none; may be empty
};

}  // namespace assay::importing
