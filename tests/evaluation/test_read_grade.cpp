#include <doctest/doctest.h>

#include "evaluation/graders/form.hpp"
#include "evaluation/graders/read_grade.hpp"

using namespace assay;
using namespace assay::evaluation;

namespace {

judge_settings grader_of(const std::string& type) {
  judge_settings settings;
  settings.name = "test";
  settings.type = type;
  return settings;
}

/// The grade's code, or `none`.
std::string read_by(const judge_settings& settings, std::string_view reply) {
  auto got = grading_form(settings).read(reply);
  return got ? got->code : "none";
}

std::string read_by(const std::string& type, std::string_view reply) {
  return read_by(grader_of(type), reply);
}

double score_by(const judge_settings& settings, std::string_view reply) {
  auto got = grading_form(settings).read(reply);
  REQUIRE(got);
  return got->score;
}

}  // namespace

TEST_CASE("the last GRADE counts") {
  CHECK(read_by("model_graded_qa", "reason GRADE: C ... GRADE: I") == "I");
  CHECK(read_by("model_graded_qa", "GRADE: I\n\nOn reflection:\nGRADE: C") == "C");
  CHECK(read_by("model_graded_qa", "GRADE: GRADE: C") == "C");
  CHECK(read_by("model_graded_qa", "GRADE: C\nbut then GRADE: none") == "none");
}

TEST_CASE("a grade within a word is none") {
  CHECK(read_by("model_graded_qa", "downgrade: C") == "none");
  CHECK(read_by("model_graded_qa", "GRADES: C") == "none");
  CHECK(read_by("model_graded_qa", "GRADE C") == "none");
}

TEST_CASE("a grade in marks is none: it is asked for again") {
  CHECK(read_by("model_graded_qa", "GRADE: **C**") == "none");
  CHECK(read_by("model_graded_qa", "**GRADE**: C") == "none");
  CHECK(read_by("model_graded_qa", "GRADE: [C]") == "none");
}

TEST_CASE("case, white space and characters without width do not matter") {
  CHECK(read_by("model_graded_qa", "grade: c") == "C");
  CHECK(read_by("model_graded_qa", "GRADE \t:\n\n C.") == "C");
  CHECK(read_by("model_graded_qa", "GRADE\u200b\u2060:\ufeff\u200dI") == "I");
  CHECK(read_by("model_graded_qa", "**Verdict** GRADE: C**") == "C");
  CHECK(read_by("model_graded_qa", "bytes \xFF\xFE GRADE: C \xC3") == "C");
}

TEST_CASE("only a letter on offer is a grade, or the word that it stands for") {
  CHECK(read_by("model_graded_qa", "GRADE: Correct") == "C");
  CHECK(read_by("model_graded_qa", "GRADE: INCORRECT") == "I");
  CHECK(read_by("model_graded_qa", "GRADE: Cannot say") == "none");
  CHECK(read_by("model_graded_qa", "GRADE: Inconclusive") == "none");
  CHECK(read_by("model_graded_qa", "GRADE: P") == "none");
  CHECK(read_by("model_graded_qa", "GRADE: D") == "none");
  CHECK(read_by("model_graded_qa", "") == "none");
  auto partial = grader_of("model_graded_qa");
  partial.grader.partial_credit = true;
  CHECK(read_by(partial, "GRADE: P") == "P");
  CHECK(score_by(partial, "GRADE: partially") == 0.5);
  CHECK(score_by(partial, "GRADE: C") == 1);
  CHECK(score_by(partial, "GRADE: I") == 0);
}

TEST_CASE("facts: every relation but disagreement is right") {
  const auto facts = grader_of("model_graded_fact");
  for (auto letter : {"A", "B", "C", "E"}) {
    CHECK(read_by(facts, std::string("GRADE: ") + letter) == letter);
    CHECK(score_by(facts, std::string("GRADE: ") + letter) == 1);
  }
  CHECK(score_by(facts, "GRADE: D") == 0);
  CHECK(read_by(facts, "GRADE: F") == "none");
}

TEST_CASE("facts and closed questions: without GRADE the lowest line with a choice counts") {
  CHECK(read_by("model_graded_fact", "They agree.\n\n(C)") == "C");
  CHECK(read_by("model_graded_fact", "A\nno, rather:\nB.") == "B");
  CHECK(read_by("model_graded_fact", "The answer is D\nThank you") == "D");
  CHECK(read_by("model_graded_fact", "B) the submission has more") == "B");
  CHECK(read_by("closed_qa", "It is short and to the point.\nY") == "Y");
  CHECK(read_by("closed_qa", "**No**") == "N");
  CHECK(read_by("closed_qa", "Y\nGRADE: [N]") == "none");
}

TEST_CASE("a letter is anchored: it is no part of a word and no article") {
  CHECK(read_by("model_graded_fact", "CORRECT") == "none");
  CHECK(read_by("model_graded_fact", "INCORRECT") == "none");
  CHECK(read_by("model_graded_fact", "NOT_ATTEMPTED") == "none");
  CHECK(read_by("model_graded_fact", "A good answer to a hard question") == "none");
  CHECK(read_by("model_graded_fact", "this is what I call a") == "none");
  CHECK(read_by("closed_qa", "Yesterday it was so") == "none");
  CHECK(read_by("model_graded_fact", "A") == "A");
}

TEST_CASE("a scale goes from 1 to 10 and its score from 0 to 1") {
  const auto scale = grader_of("scale");
  CHECK(score_by(scale, "GRADE: 1") == 0);
  CHECK(score_by(scale, "GRADE: 10") == 1);
  CHECK(score_by(scale, "GRADE: 5.5") == 0.5);
  CHECK(read_by(scale, "GRADE: 7/10") == "7");
  CHECK(read_by(scale, "GRADE: 7.\nDone") == "7");
  for (auto odd : {"GRADE: 0", "GRADE: 11", "GRADE: 85%", "GRADE: 7-8", "GRADE: seven",
                   "GRADE: 7e0", "GRADE: -3", "GRADE: 7/5", "GRADE: nan", "7", "GRADE: **7**"}) {
    CAPTURE(odd);
    CHECK(read_by(scale, odd) == "none");
  }
}

TEST_CASE("a rubric's score is the weight of what is met; every item needs its letter") {
  auto rubric = grader_of("rubric");
  rubric.grader.rubric = {{"short", 1}, {"polite", 2}, {"right", 5}};
  CHECK(read_by(rubric, "ITEM 1: Y\nITEM 2: N\nITEM 3: yes") == "YNY");
  CHECK(score_by(rubric, "ITEM 1: Y\nITEM 2: N\nITEM 3: Y") == 0.75);
  CHECK(score_by(rubric, "ITEM 3: N, ITEM 2: N, ITEM 1: N") == 0);
  CHECK(read_by(rubric, "ITEM 1: N\nITEM 1: Y\nITEM 2: Y\nITEM 3: Y") == "YYY");
  CHECK(read_by(rubric, "ITEM 1: Y\nITEM 3: Y") == "none");
  CHECK(read_by(rubric, "ITEM 1: Y\nITEM 2: ?\nITEM 3: Y") == "none");
  CHECK(read_by(rubric, "ITEM 11: Y\nITEM 2: Y\nITEM 3: Y") == "none");
}

TEST_CASE("the form that models are told has a grade that is read") {
  for (auto type : {"model_graded_qa", "model_graded_fact", "closed_qa", "pairwise"}) {
    CAPTURE(type);
    const grading_form form(grader_of(type));
    CHECK(form.instructions().find("GRADE: $LETTER") != std::string::npos);
    CHECK(form.reminder(1).find("GRADE: $LETTER") != std::string::npos);
    CHECK_FALSE(form.read(form.instructions()));
  }
}
