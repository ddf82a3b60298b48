#include "providers/simulated/grading_request.hpp"

namespace assay::simulated {

/// Names both grades, and the wrong one more than once, before it says its own.
said play_verbose_judge(const cue& c) {
  const auto wanted = read_grading(c);
  const bool right = judges_rightly(c);
  const auto own = grade_line(wanted, right);
  const auto other = grade_line(wanted, !right);
  return {.text = padded(c, "Let me think aloud. At first sight one would write\n" + other +
                                "\nand a hasty reader would stop here. Others would say\n" + own +
                                "\nwhich deserves a second look: is it an upgrade: " +
                                "yes or no? Once more I was about to write\n" + other +
                                "\nbut having weighed all of this my final verdict is\n" + own),
          .right = right};
}

}  // namespace assay::simulated
