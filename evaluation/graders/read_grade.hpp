#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What a model that grades says in its reply. The last `GRADE: X` counts (Inspect's
/// `model_graded_qa`); a reply whose grade is not plainly one of those on offer has none.
namespace assay::evaluation {

/// A grade that a model may give: its letter, and the words it may write instead.
struct letter_grade {
  char letter;
  std::vector<std::string_view> words;  ///< in capitals
  double score = 0;
  std::string_view meaning;  ///< as the models are told
};

/// The letter after the last `GRADE:`, in upper or lower case. White space and characters without
/// width may stand around the colon; marks (`**C**`, `[C]`) may not.
std::optional<char> read_letter(std::string_view reply, const std::vector<letter_grade>& offered);

/// The letter of the lowest line that begins or ends with one, without marks (`cot_classify` of
/// openai/evals). In the middle of a word or before another one a letter is none: "A good answer"
/// is no A.
std::optional<char> read_letter_in_lines(std::string_view reply,
                                         const std::vector<letter_grade>& offered);

/// True if the reply has a `GRADE:`, with whatever grade.
bool has_grade(std::string_view reply);

/// The number after the last `GRADE:`, within the bounds; `7`, `7.5` and `7/10` (`/` and the upper
/// bound) are numbers.
std::optional<double> read_number(std::string_view reply, double least, double most);

/// For each of `count` items the last `ITEM n: Y` or `N`, as one text such as `YNY`; absent unless
/// all are there.
std::optional<std::string> read_items(std::string_view reply, std::size_t count);

}  // namespace assay::evaluation
