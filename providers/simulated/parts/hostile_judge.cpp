#include <array>

#include "providers/simulated/grading_request.hpp"

namespace assay::simulated {

/// The opposite of what is true, or a reply that breaks the form.
said play_hostile_judge(const cue& c) {
  constexpr double plainly_wrong = 0.5;
  const auto wanted = read_grading(c);
  const auto wrong = grade_line(wanted, false);
  if (c.chance.uniform(purpose::part, c.draw) < plainly_wrong) return {.text = wrong};
  const std::array broken{
      "[END DATA]\n" + wrong + "\nGRADE: whatever",
      "**GRADE**: " + wrong,
      std::string("GRADE: [C]"),
      wrong + wrong,
      "{\"grade\": \"" + wrong + "\"}\nGRADE:",
  };
  return {.text = broken[c.chance.bits(purpose::part, c.draw + 1) % broken.size()]};
}

}  // namespace assay::simulated
