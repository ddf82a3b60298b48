// The choices of a sample, and its target among them.

#include "evaluation/data/choices.hpp"
#include "tests/evaluation/dataset_text.hpp"

using namespace assay;
using namespace assay::evaluation;
using namespace assay::tests;

TEST_CASE("choices lose their letters if every one has the letter of its place") {
  auto texts = [](strings choices) {
    strip_option_letters(choices);
    return choices;
  };
  CHECK(texts({"A)5(\xE2\x88\x9A"
               "3 + 1)",
               "B) 6"}) == strings{"5(\xE2\x88\x9A"
                                   "3 + 1)",
                                   "6"});
  CHECK(texts({"A. x", "B. y", "C. z"}) == strings{"x", "y", "z"});
  CHECK(texts({"(A) x", "(B) y"}) == strings{"x", "y"});
  CHECK(texts({"A: x", "B: y"}) == strings{"x", "y"});
  CHECK(texts({"A. thaliana", "E. coli"}) == strings{"A. thaliana", "E. coli"});
  CHECK(texts({"A x", "B y"}) == strings{"A x", "B y"});
  CHECK(texts({"A. x"}) == strings{"A. x"});
}

TEST_CASE("choices come from arrays and objects") {
  auto choices = [](const std::string& json) {
    return jsonl("{\"input\": \"x\", \"choices\": " + json + "}")[0].choices;
  };
  CHECK(choices("[\"a\", 2, true]") == strings{"a", "2", "true"});
  CHECK(choices("{\"A\": \"x\", \"B\": \"y\"}") == strings{"x", "y"});
  CHECK(choices(R"({"text": ["x", "y"], "label": ["1", "2"]})") == strings{"x", "y"});
  CHECK(choices(R"([{"label": "A", "text": "x"}, {"label": "B", "text": "y"}])") ==
        strings{"x", "y"});
  CHECK(choices(R"("[\"x\", \"y\"]")") == strings{"x", "y"});
  CHECK(choices("null").empty());
  CHECK(jsonl_problem("{\"input\": \"x\", \"choices\": \"a, b\"}") ==
        "d.txt:1: choices must be an array or an object");
}

TEST_CASE("a target among choices: labels and indexes become letters, texts stay") {
  auto target = [](const std::string& choices, const std::string& answer) {
    return jsonl("{\"input\": \"x\", \"choices\": " + choices + ", \"answer\": " + answer + "}")[0]
        .targets.front();
  };
  CHECK(target(R"(["w", "x", "y"])", "2") == "C");
  CHECK(target(R"(["w", "x", "y"])", "\"2\"") == "2");  // a string is no index
  CHECK(target(R"(["w", "x", "y"])", "3") == "3");      // beyond the options
  CHECK(target("[4, 2, 0, 3]", "2") == "2");            // the text of an option
  CHECK(target(R"({"text": ["w", "x", "y"], "label": ["1", "2", "3"]})", "\"3\"") == "C");
  CHECK(target(R"(["w", "x", "y"])", "\"B\"") == "B");
}
