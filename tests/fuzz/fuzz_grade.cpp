#include <cstdint>
#include <cstdlib>
#include <string>

#include "evaluation/graders/form.hpp"
#include "evaluation/graders/quoted_data.hpp"

/// Whatever a model that grades replies: no crash, and a score within its bounds. Whatever stands
/// in an answer: quoted after a grade, it does not change it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace assay;
  using evaluation::grading_form;
  const std::string text(reinterpret_cast<const char*>(data), size);
  auto quoted = text;
  const bool can_be_quoted = evaluation::quote_data(quoted);
  for (const char* type :
       {"model_graded_qa", "model_graded_fact", "closed_qa", "pairwise", "scale", "rubric"}) {
    judge_settings settings;
    settings.type = type;
    settings.grader.rubric = {{"short", 1}, {"right", 2}};
    const grading_form form(settings);
    if (auto got = form.read(text); got && !(got->score >= 0 && got->score <= 1)) std::abort();
    if (!can_be_quoted || std::string_view(type) == "rubric") continue;
    const auto own = std::string(type) == "scale"       ? "7"
                     : type == std::string("closed_qa") ? "N"
                                                        : "A";
    const auto kept = form.read(std::string("GRADE: ") + own + "\n" + quoted);
    const auto alone = form.read(std::string("GRADE: ") + own);
    if (kept.has_value() != alone.has_value() || (kept && kept->code != alone->code)) std::abort();
  }
  return 0;
}
