#include "providers/simulated/grading_request.hpp"

namespace assay::simulated {

/// Often nothing, often a word without a grade, now and then a grade without a word.
said play_lazy_judge(const cue& c) {
  constexpr double nothing = 0.4, a_word = 0.7;
  const auto mood = c.chance.uniform(purpose::part, c.draw);
  if (mood < nothing) return {};
  if (mood < a_word) return {.text = "Looks fine."};
  const auto wanted = read_grading(c);
  const bool right = judges_rightly(c);
  return {.text = grade_line(wanted, right), .right = right};
}

}  // namespace assay::simulated
