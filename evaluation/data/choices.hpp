#pragma once

#include <string>
#include <vector>

#include "evaluation/data/field_path.hpp"
#include "messages/problem.hpp"

namespace assay::evaluation {

/// The options of a multiple-choice row, in order, and the labels that the row itself uses for them
/// (`1`, `2` ... or `A`, `B` ...), if it has labels.
struct option_list {
  std::vector<std::string> texts;
  std::vector<std::string> labels;
};

/// Reads options from an array of texts (leading letters like `A)`, `(B)`, `C.` are taken off when
/// all options have theirs), an array of `{label, text}`, an object `{text: [...], label: [...]}`,
/// or an object from label to text. A string that holds such JSON (a CSV cell) is read too.
expected<option_list> read_options(const field_value&);

/// Takes off leading letters when every text has the letter of its place.
void strip_option_letters(std::vector<std::string>& texts);

/// What a target means among options: the letter for a label of the row, or for a whole number from
/// 0 (an index) that is not itself the text of an option; else the text as it is.
std::string resolve_target(const option_list&, value_kind, const std::string& target);

}  // namespace assay::evaluation
