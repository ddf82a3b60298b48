#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "providers/simulated/parts.hpp"

/// What the parts that judge answers are asked (docs/model_judges.md), and how they say it.
namespace assay::simulated {

/// A request for a grade.
struct grading_request {
  enum class kind { letter, number, items } form = kind::letter;
  std::vector<char> letters;  ///< on offer
  std::size_t items = 0;
  bool good = false;  ///< the submission meets the criterion; of a pair: A does
  bool pair = false;  ///< two submissions
  bool even = false;  ///< of a pair: there is nothing between them
};

/// Reads the form that the prompt asks for, and compares what it has to compare: a submission meets
/// a criterion if it ends with its last line. Of a pair the one is better that is right for the
/// sample.
grading_request read_grading(const cue&);

/// The line, or lines, of a grade that is true, or of its opposite; of an even pair that is `A`.
std::string grade_line(const grading_request&, bool truly);

/// Whether a judge of this model's accuracy says what is true of the submission.
bool judges_rightly(const cue&);

}  // namespace assay::simulated
