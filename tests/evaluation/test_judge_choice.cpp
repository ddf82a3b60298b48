#include "tests/evaluation/judging.hpp"

using namespace assay;
using namespace assay::tests;

namespace {
const std::vector<std::string> four = {"red", "green", "blue", "none of these"};

std::string choice(const std::string& text) {
  return judged("choice", text, {"B"}, four).extracted;
}
std::string simple(const std::string& text) {
  return judged("mmlu-simple", text, {"B"}, four).extracted;
}
}  // namespace

TEST_CASE("6.5 simple-evals: the first 'Answer: X', its case as it stands") {
  CHECK(simple("Answer: B") == "B");
  CHECK(judged("mmlu-simple", "Answer: B", {"B"}, four).score == 1);
  CHECK(simple("Answer: b") == "b");
  CHECK(judged("mmlu-simple", "Answer: b", {"B"}, four).score == 0);
  CHECK(simple("Answer: (A)") == "[invalid]");
  CHECK(simple("Answer: Because") == "B");
  CHECK(simple("answer:\t$C$") == "C");
  CHECK(simple("Answer: A\nAnswer: B") == "A");
  CHECK(simple("Answer:\nB") == "[invalid]");  // [ \t] only
  CHECK(simple("It is B") == "[invalid]");
}

TEST_CASE("6.5 inspect choice: 'ANSWER: X' on a line of its own, the last one, in any case") {
  CHECK(choice("ANSWER: B") == "B");
  CHECK(choice("reasons\nanswer: b") == "B");
  CHECK(choice("ANSWER: A\nno, wait\nANSWER: C.") == "C");
  CHECK(choice("ANSWER : B  ") == "B");
}

TEST_CASE("6.5 inspect choice: within a line only if no line starts with it") {
  CHECK(choice("So I say ANSWER: C.") == "C");
  CHECK(choice("ANSWER: A\nthough some say ANSWER: C") == "A");
}

TEST_CASE("6.5 inspect choice: anything but one letter of the choices is no answer") {
  CHECK(choice("I think ANSWER: C because") == "C BECAUSE");
  CHECK(judged("choice", "I think ANSWER: C because", {"C"}, four).score == 0);
  CHECK(judged("choice", "ANSWER: A,B", {"A"}, four).score == 0);
  CHECK(judged("choice", "ANSWER: E", {"B"}, four).score == 0);
  CHECK(choice("B") == "[invalid]");
  CHECK(judged("choice", "B", {"B"}, four).explanation == "no line of the form 'ANSWER: X'");
}

TEST_CASE("a target may be a letter, the text of an option, or an index from 0") {
  for (auto target : {"B", "b", "(B)", "B)", "B.", "green", " Green ", "1"}) {
    CAPTURE(target);
    CHECK(judged("choice", "ANSWER: B", {target}, four).score == 1);
    CHECK(judged("choice", "ANSWER: C", {target}, four).score == 0);
  }
  CHECK(!judged("choice", "ANSWER: B", {"purple"}, four).scored);
  CHECK(!judged("choice", "ANSWER: B", {"4"}, four).scored);
  CHECK(judged("choice", "ANSWER: B", {"A", "B"}, four).score == 1);  // either is acceptable
}

TEST_CASE("the text of an option goes before an index") {
  CHECK(judged("choice", "ANSWER: C", {"1"}, {"3", "2", "1"}).score == 1);
}

TEST_CASE("with filters of its own, choice reads their result as letter or option text") {
  auto settings = judge_of("choice");
  settings.filters = {{"last_line", "", "", 0}};
  CHECK(judged(settings, "hm\n(B)", {"B"}, four).score == 1);
  CHECK(judged(settings, "hm\n**b**", {"B"}, four).score == 1);
  CHECK(judged(settings, "hm\nGreen", {"B"}, four).score == 1);
  CHECK(judged(settings, "hm\npurple", {"B"}, four).explanation ==
        "neither a letter nor the text of an option");
}
