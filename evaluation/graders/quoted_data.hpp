#pragma once

#include <string>

#include "messages/sample.hpp"

namespace assay::evaluation {

/// Makes a text that was written by somebody else fit to stand between the data delimiters of a
/// grader's prompt: what looks like a delimiter (`[END DATA]`, `[Submission]`, a line of asterisks)
/// or like a grade (`GRADE: C`, `ITEM 1: Y`) is rewritten so that it is neither, to the model that
/// reads it and to whoever reads that model's reply if it quotes the text. Characters without
/// width and full-width brackets do not hide it. All else stays as it is. False if a pattern gave
/// up on the text.
bool quote_data(std::string& text);

/// The same for all texts of a sample that a template can name.
bool quote_data(sample&);

}  // namespace assay::evaluation
