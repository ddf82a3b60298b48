// How models grade: who is asked how often, and what their grades come to.

#include "tests/evaluation/grading_table.hpp"

using namespace assay;
using namespace assay::tests;

TEST_CASE("one model grades in one call") {
  table judges(scripts{{"a", {"It is right. GRADE: C"}}});
  auto p = made(panel("model_graded_qa", {"a"}))->make(answered("42"));
  auto end = judges.run(*p);
  REQUIRE(std::holds_alternative<verdict>(end));
  auto v = std::get<verdict>(end);
  CHECK(judges.labels() == std::vector<std::string>{"member 1 ask 1"});
  CHECK(judges.calls[0].model == "a");
  CHECK(v.scored);
  CHECK(v.score == 1);
  CHECK(v.extracted == "C");
  CHECK(v.explanation == "a C: It is right. GRADE: C");
  CHECK_FALSE(v.judge_version.empty());
}

TEST_CASE("an empty or unreadable grade is asked for again under another label, with a reminder") {
  table judges(scripts{{"a", {"", "GRADE: **C**", "GRADE: I"}}});
  auto p = made(panel("model_graded_qa", {"a"}))->make(answered("41"));
  auto v = std::get<verdict>(judges.run(*p));
  CHECK(judges.labels() ==
        std::vector<std::string>{"member 1 ask 1", "member 1 ask 2", "member 1 ask 3"});
  auto first = judges.calls[0].request.messages.back().content;
  auto again = judges.calls[1].request.messages.back().content;
  CHECK(again.substr(0, first.size()) == first);
  CHECK(has(again, "Your last reply could not be read. End with one line of this form: GRADE: "));
  auto last = judges.calls[2].request.messages.back().content;
  CHECK(has(last, "Your last 2 replies could not be read. "));
  CHECK(v.scored);
  CHECK(v.score == 0);
  CHECK(v.extracted == "I");
}

TEST_CASE("a model that never gives a grade leaves the answer unscored, not wrong") {
  table judges(scripts{{"a", {"refusal", "I cannot say"}}});
  auto p = made(panel("model_graded_qa", {"a"}))->make(answered("41"));
  auto v = std::get<verdict>(judges.run(*p));
  CHECK(judges.calls.size() == 3);
  CHECK_FALSE(v.scored);
  CHECK(v.extracted == "-");
  CHECK(v.explanation == "a gave no grade in 3 asks");
  auto once = panel("model_graded_qa", {"a"});
  once.grader.asks = 1;
  CHECK(verdict_of(once, {{"a", {""}}}).explanation == "a gave no grade in 1 ask");
}

TEST_CASE("the members of a panel are asked at the same time") {
  auto calls = made(panel("model_graded_qa", {"a", "b", "c"}))->make(answered("42"))->begin();
  REQUIRE(calls.size() == 3);
  CHECK(calls[1].label == "member 2 ask 1");
  CHECK(calls[1].model == "b");
}

TEST_CASE("the majority of a panel decides, and every grade is kept") {
  auto v = verdict_of(panel("model_graded_qa", {"a", "b", "c"}),
                      {{"a", {"GRADE: C"}}, {"b", {"GRADE: I"}}, {"c", {"GRADE: C"}}});
  CHECK(v.score == 1);
  CHECK(v.extracted == "C I C");
  CHECK(v.explanation == "a C, b I, c C; 2 of 3");
}

TEST_CASE("a member that says nothing, or whose calls fail, leaves it to the others") {
  auto v = verdict_of(panel("model_graded_qa", {"a", "b", "c"}),
                      {{"a", {""}}, {"b", {"error"}}, {"c", {"GRADE: I"}}});
  CHECK(v.scored);
  CHECK(v.score == 0);
  CHECK(v.extracted == "- ! I");
  CHECK(v.explanation == "a gave no grade in 3 asks, b failed, c I; 1 of 1");
}

TEST_CASE("a call that failed is not asked again: the provider has tried often enough") {
  table judges(scripts{{"a", {"error"}}, {"b", {"GRADE: C"}}});
  auto p = made(panel("model_graded_qa", {"a", "b"}))->make(answered("42"));
  judges.run(*p);
  CHECK(judges.calls.size() == 2);
}

TEST_CASE("if all members fail there is no verdict") {
  auto p = made(panel("model_graded_qa", {"a", "b"}))->make(answered("42"));
  auto end = table(scripts{{"a", {"error"}}, {"b", {"", "error"}}}).run(*p);
  REQUIRE(std::holds_alternative<no_verdict>(end));
  CHECK(std::get<no_verdict>(end).reason == "a: timeout, b: timeout");
}

TEST_CASE("a tie is unscored, or goes to the first, lowest or highest grade") {
  auto judge = panel("model_graded_qa", {"a", "b"});
  scripts says{{"a", {"GRADE: I"}}, {"b", {"GRADE: C"}}};
  CHECK_FALSE(verdict_of(judge, says).scored);
  CHECK(verdict_of(judge, says).extracted == "I C");
  CHECK(has(verdict_of(judge, says).explanation, "1 of 2, a tie"));
  auto scored_by = [&](const char* rule) {
    judge.grader.tie = rule;
    auto v = verdict_of(judge, says);
    CHECK(v.scored);
    return v.score;
  };
  CHECK(scored_by("first") == 0);
  CHECK(scored_by("lowest") == 0);
  CHECK(scored_by("highest") == 1);
}

TEST_CASE("different letters of one score do not tie: the score is voted on") {
  auto v = verdict_of(panel("model_graded_fact", {"a", "b", "c"}),
                      {{"a", {"GRADE: A"}}, {"b", {"GRADE: D"}}, {"c", {"GRADE: E"}}});
  CHECK(v.score == 1);
}

TEST_CASE("the mean of a panel leaves out who gave no grade") {
  auto judge = panel("scale", {"a", "b", "c"});
  judge.grader.vote = "mean";
  auto v = verdict_of(judge, {{"a", {"GRADE: 10"}}, {"b", {""}}, {"c", {"GRADE: 5.5"}}});
  CHECK(v.score == doctest::Approx(0.75));
  CHECK(v.extracted == "10 - 5.5");
  CHECK(has(v.explanation, "mean of 2"));
}

TEST_CASE("a pair is judged in both orders, and counts if both agree") {
  table judges(scripts{{"a", {"GRADE: A", "GRADE: B"}}});
  auto r = answered("mine");
  auto p = made(panel("pairwise", {"a"}))->make(r);
  auto v = std::get<verdict>(judges.run(*p));
  CHECK(judges.labels() ==
        std::vector<std::string>{"member 1 order 1 ask 1", "member 1 order 2 ask 1"});
  CHECK(has(judges.calls[0].request.messages.back().content,
            "[Submission A]: mine\n***\n[Submission B]: 42\n"));
  CHECK(has(judges.calls[1].request.messages.back().content,
            "[Submission A]: 42\n***\n[Submission B]: mine\n"));
  CHECK(v.score == 1);
  CHECK(v.extracted == "WW");
  CHECK(verdict_of(panel("pairwise", {"a"}), {{"a", {"GRADE: B", "GRADE: A"}}}).score == 0);
  CHECK(verdict_of(panel("pairwise", {"a"}), {{"a", {"GRADE: tie", "GRADE: T"}}}).score == 0.5);
}

TEST_CASE("a judgement of a pair that depends on the order is a tie, and says so") {
  auto v = verdict_of(panel("pairwise", {"a"}), {{"a", {"GRADE: A"}}});
  CHECK(v.scored);
  CHECK(v.score == 0.5);
  CHECK(v.extracted == "WL");
  CHECK(has(v.explanation, "a WL (depends on the order)"));
  auto half = verdict_of(panel("pairwise", {"a"}), {{"a", {"GRADE: A", "GRADE: T"}}});
  CHECK(half.score == 0.5);
  CHECK(half.extracted == "WT");
}

TEST_CASE("each order of a pair is asked again by itself") {
  table judges(scripts{{"a", {"GRADE: A", "", "GRADE: B"}}});
  auto p = made(panel("pairwise", {"a"}))->make(answered("mine"));
  auto v = std::get<verdict>(judges.run(*p));
  CHECK(judges.labels().back() == "member 1 order 2 ask 2");
  CHECK(v.extracted == "WW");
  CHECK(verdict_of(panel("pairwise", {"a"}), {{"a", {"GRADE: A", ""}}}).extracted == "-");
}

TEST_CASE("a rubric names its items and weighs those that are met") {
  auto judge = panel("rubric", {"a"});
  judge.grader.rubric = {{"It is short.", 1}, {"It is right.", 3}};
  CHECK(has(prompt_of(judge, answered("42")), "1. It is short.\n2. It is right.\n"));
  auto v = verdict_of(judge, {{"a", {"ITEM 1: N\nITEM 2: Y"}}});
  CHECK(v.score == 0.75);
  CHECK(v.extracted == "NY");
}

TEST_CASE("refused and filtered answers score 0 without a call") {
  auto r = answered("");
  for (auto status : {outcome_status::refused, outcome_status::filtered}) {
    r.got.status = status;
    auto p = made(panel("scale", {"a"}))->make(r);
    CHECK(p->begin().empty());
    auto v = std::get<verdict>(p->end());
    CHECK(v.scored);
    CHECK(v.score == 0);
    CHECK_FALSE(v.judge_version.empty());
  }
}

TEST_CASE("an empty answer is judged like any other") {
  CHECK(verdict_of(panel("model_graded_qa", {"a"}), {{"a", {"GRADE: I"}}}, answered("")).score ==
        0);
}

TEST_CASE("the same results lead to the same calls, in any order of arrival") {
  auto judge = made(panel("model_graded_qa", {"a", "b"}));
  auto first = judge->make(answered("42")), second = judge->make(answered("42"));
  CHECK(first->begin().size() == second->begin().size());
  call_result one, two;
  one.label = "member 1 ask 1";
  two.label = "member 2 ask 1";
  two.reply.text = "GRADE: C";
  auto again = first->take(one);
  CHECK(first->take(two).empty());
  CHECK(second->take(two).empty());
  auto later = second->take(one);
  REQUIRE(again.size() == 1);
  REQUIRE(later.size() == 1);
  CHECK(again[0].label == later[0].label);
  CHECK(again[0].request == later[0].request);
}
