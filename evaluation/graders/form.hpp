#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "evaluation/graders/read_grade.hpp"
#include "messages/settings.hpp"

namespace assay::evaluation {

/// A grade as a model gave it.
struct grade {
  std::string code;  ///< `C`, `7.5`, of a rubric one letter an item: `YNY`
  double score = 0;  ///< 0 ... 1
};

/// What a type of grading asks models for, and how it reads what they say.
class grading_form {
 public:
  /// REQUIRES: `asks_models(settings.type)`, and a rubric has items.
  explicit grading_form(const judge_settings&);

  /// The type's own templates.
  std::string_view system() const { return system_; }
  std::string_view prompt() const { return prompt_; }

  /// What the reply must look like, for the prompt.
  const std::string& instructions() const { return instructions_; }

  /// What is said when so many replies could not be read. Each time it is another text, since a
  /// model may give equal answers to equal requests.
  std::string reminder(int unread) const;

  /// Two answers are compared, so that each model is asked in both orders.
  bool compares() const { return compares_; }

  /// The grade in a reply, if it has one that is on offer.
  std::optional<grade> read(std::string_view reply) const;

 private:
  enum class kind { letters, number, items };

  std::optional<grade> read_lettered(std::string_view reply) const;
  std::optional<grade> read_rubric(std::string_view reply) const;
  void say_letters();

  kind kind_ = kind::letters;
  bool lines_ = false;  ///< a letter may also stand without `GRADE:`
  bool compares_ = false;
  std::vector<letter_grade> letters_;
  std::vector<rubric_item> rubric_;
  std::string_view system_;
  std::string_view prompt_;
  std::string instructions_;
  std::string last_lines_;  ///< what a reply must end with
};

/// The bounds of the type `scale`.
inline constexpr double least_on_scale = 1;
inline constexpr double most_on_scale = 10;

/// How a number of the type `scale` is written.
std::string scale_code(double);

}  // namespace assay::evaluation
