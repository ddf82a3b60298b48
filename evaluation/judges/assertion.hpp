#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace assay::evaluation {

/// What came of assertions on a text. The score is known up to what could not be evaluated.
struct assertion_result {
  enum class state { pass, fail, unknown };

  state came_to = state::pass;
  double least = 1;  ///< score if all that is unknown failed
  double most = 1;   ///< score if all that is unknown passed
  std::string why;   ///< what failed or is not known; empty if all passed
};

/// Evaluates one assertion in the form that promptfoo's files have, or an `assert-set` of several:
/// `{"type": "not-contains", "value": ..., "threshold": ..., "weight": ...}`. Total: what is not
/// understood is `unknown`, with the reason.
assertion_result evaluate_assertion(const nlohmann::json& assertion, std::string_view text);

/// The types that are understood, sorted, without `not-` and `assert-set`.
std::vector<std::string_view> assertion_types();

}  // namespace assay::evaluation
