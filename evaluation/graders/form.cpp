#include "evaluation/graders/form.hpp"

#include <cstdio>

#include "evaluation/graders/form_text.hpp"

namespace assay::evaluation {

namespace {

const std::vector<letter_grade> right_or_wrong{
    {'C', {"CORRECT"}, 1, "it meets the criterion"},
    {'I', {"INCORRECT"}, 0, "it does not"},
};

const std::vector<letter_grade> right_partly_or_wrong{
    {'C', {"CORRECT"}, 1, "it meets the criterion"},
    {'P', {"PARTIAL", "PARTIALLY"}, 0.5, "it meets a part of it"},
    {'I', {"INCORRECT"}, 0, "it does not"},
};

/// promptfoo's default: all but D are right.
const std::vector<letter_grade> fact_relations{
    {'A', {}, 1, "the submission's facts are a part of the expert's, and fit them"},
    {'B', {}, 1, "the submission has more facts than the expert, and fits all of them"},
    {'C', {}, 1, "both have the same facts"},
    {'D', {}, 0, "the submission and the expert disagree"},
    {'E', {}, 1, "they differ, but the differences do not matter to the facts"},
};

const std::vector<letter_grade> yes_or_no{
    {'Y', {"YES"}, 1, "the submission meets the criterion"},
    {'N', {"NO"}, 0, "it does not"},
};

const std::vector<letter_grade> better_one{
    {'A', {}, 1, "submission A is better"},
    {'B', {}, 0, "submission B is better"},
    {'T', {"TIE"}, 0.5, "neither is"},
};

constexpr std::string_view think_first = "First write down your reasoning. ";

/// `C, P or I`.
std::string list_of(const std::vector<letter_grade>& offered) {
  std::string text;
  for (std::size_t i = 0; i < offered.size(); ++i) {
    if (i > 0) text += i + 1 == offered.size() ? " or " : ", ";
    text += offered[i].letter;
  }
  return text;
}

}  // namespace

std::string scale_code(double number) {
  char text[32];
  std::snprintf(text, sizeof text, "%g", number);
  return text;
}

grading_form::grading_form(const judge_settings& settings) : system_(form_text::system) {
  if (settings.type == "scale") {
    kind_ = kind::number;
    prompt_ = form_text::scale;
    const std::string end =
        "End with one line of this form: GRADE: $NUMBER (a number from 1 to 10)";
    instructions_ = std::string(think_first) + end;
    last_lines_ = end;
  } else if (settings.type == "rubric") {
    kind_ = kind::items;
    rubric_ = settings.grader.rubric;
    prompt_ = form_text::rubric;
    const std::string end = "End with one line for each of the " + std::to_string(rubric_.size()) +
                            " items, of this form: ITEM $N: $LETTER (Y: the submission meets "
                            "it; N: it does not)";
    instructions_ = std::string(think_first) + end;
    last_lines_ = end;
  } else if (settings.type == "pairwise") {
    compares_ = true;
    letters_ = better_one;
    prompt_ = form_text::pair;
    say_letters();
  } else if (settings.type == "model_graded_qa") {
    letters_ = settings.grader.partial_credit ? right_partly_or_wrong : right_or_wrong;
    prompt_ = form_text::question_and_answer;
    say_letters();
  } else {
    lines_ = true;
    const bool facts = settings.type == "model_graded_fact";
    letters_ = facts ? fact_relations : yes_or_no;
    prompt_ = facts ? form_text::facts : form_text::question_and_answer;
    say_letters();
  }
}

void grading_form::say_letters() {
  std::string end =
      "End with one line of this form: GRADE: $LETTER ($LETTER is " + list_of(letters_) + ")";
  instructions_ = std::string(think_first) + end;
  for (const auto& offered : letters_)
    instructions_ += std::string("\n") + offered.letter + ": " + std::string(offered.meaning);
  last_lines_ = end;
}

std::string grading_form::reminder(int unread) const {
  if (unread == 1) return "Your last reply could not be read. " + last_lines_;
  return "Your last " + std::to_string(unread) + " replies could not be read. " + last_lines_;
}

std::optional<grade> grading_form::read(std::string_view reply) const {
  switch (kind_) {
    case kind::number:
      if (auto number = read_number(reply, least_on_scale, most_on_scale))
        return grade{scale_code(*number),
                     (*number - least_on_scale) / (most_on_scale - least_on_scale)};
      return {};
    case kind::items:
      return read_rubric(reply);
    case kind::letters:
      break;
  }
  return read_lettered(reply);
}

std::optional<grade> grading_form::read_lettered(std::string_view reply) const {
  auto letter = read_letter(reply, letters_);
  if (!letter && lines_ && !has_grade(reply)) letter = read_letter_in_lines(reply, letters_);
  for (const auto& offered : letters_)
    if (letter == offered.letter) return grade{std::string(1, offered.letter), offered.score};
  return {};
}

std::optional<grade> grading_form::read_rubric(std::string_view reply) const {
  auto items = read_items(reply, rubric_.size());
  if (!items) return {};
  double met = 0, all = 0;
  for (std::size_t i = 0; i < rubric_.size(); ++i) {
    all += rubric_[i].weight;
    if ((*items)[i] == 'Y') met += rubric_[i].weight;
  }
  return grade{std::move(*items), all > 0 ? met / all : 0};
}

}  // namespace assay::evaluation
