#include "providers/simulated/grading_request.hpp"

namespace assay::simulated {

said play_judge(const cue& c) {
  const auto wanted = read_grading(c);
  const bool right = judges_rightly(c);
  return {.text = padded(c, "I compared what was submitted.\n" + grade_line(wanted, right)),
          .right = right};
}

}  // namespace assay::simulated
