#include "evaluation/judge.hpp"
#include "evaluation/judges/assertion.hpp"
#include "tests/evaluation/judging.hpp"

using namespace assay;
using namespace assay::tests;

namespace {

verdict asserted(const std::string& assertions, const std::string& text) {
  sample item;
  item.fields = {{"assert", assertions}};
  return judged_sample(judge_of("assertions"), text, item);
}

/// 1 right, 0 wrong, -1 unscored.
int came_to(const std::string& assertions, const std::string& text) {
  auto v = asserted(assertions, text);
  return v.scored ? static_cast<int>(v.score) : -1;
}

int one(const std::string& members, const std::string& text) {
  return came_to("[{" + members + "}]", text);
}

}  // namespace

TEST_CASE("assertions about texts") {
  CHECK(one(R"("type":"equals","value":"Paris")", "Paris") == 1);
  CHECK(one(R"("type":"equals","value":"Paris")", "Paris.") == 0);
  CHECK(one(R"("type":"equals","value":4)", "4") == 1);
  CHECK(one(R"("type":"equals","value":{"a":[1,2]})", " {\"a\": [1, 2.0]}") == 1);
  CHECK(one(R"("type":"equals","value":{"a":1})", "a") == 0);
  CHECK(one(R"("type":"contains","value":"aris")", "in Paris") == 1);
  CHECK(one(R"("type":"contains","value":"paris")", "in Paris") == 0);
  CHECK(one(R"("type":"icontains","value":"PARIS")", "in Paris") == 1);
  CHECK(one(R"("type":"starts-with","value":"Yes")", "Yes, it is") == 1);
  CHECK(one(R"("type":"starts-with","value":"Yes")", " Yes") == 0);
  CHECK(one(R"("type":"contains-all","value":["a","b"])", "b and a") == 1);
  CHECK(one(R"("type":"contains-all","value":["a","z"])", "b and a") == 0);
  CHECK(one(R"("type":"contains-any","value":"z, and")", "b and a") == 1);
  CHECK(one(R"("type":"contains-any","value":["z"])", "b and a") == 0);
  CHECK(one(R"("type":"icontains-all","value":["A","B"])", "b and a") == 1);
  CHECK(one(R"("type":"icontains-any","value":["Z","AND"])", "b and a") == 1);
  CHECK(one(R"("type":"regex","value":"^\\d{3}$")", "123") == 1);
  CHECK(one(R"("type":"regex","value":"^\\d{3}$")", "1234") == 0);
  CHECK(one(R"("type":"levenshtein","value":"kitten","threshold":3)", "sitting") == 1);
  CHECK(one(R"("type":"levenshtein","value":"kitten","threshold":2)", "sitting") == 0);
  CHECK(one(R"("type":"levenshtein","value":"aaaaaa")", "") == 0);
  CHECK(one(R"("type":"levenshtein","value":"äöü","threshold":1)", "äöu") == 1);
  CHECK(one(R"("type":"word-count","value":3)", "one two  three") == 1);
  CHECK(one(R"("type":"word-count","value":{"min":2,"max":3})", "one") == 0);
}

TEST_CASE("assertions about JSON, with or without a schema") {
  CHECK(one(R"("type":"is-json")", " {\"a\": 1}\n") == 1);
  CHECK(one(R"("type":"is-json")", "Here: {\"a\": 1}") == 0);
  CHECK(one(R"("type":"contains-json")", "Here: {\"a\": 1}") == 1);
  CHECK(one(R"("type":"contains-json")", "none") == 0);
  auto schema = R"("value":{"type":"object","required":["b"]})";
  CHECK(one(std::string(R"("type":"is-json",)") + schema, "{\"b\":1}") == 1);
  CHECK(one(std::string(R"("type":"is-json",)") + schema, "{\"a\":1}") == 0);
  CHECK(one(std::string(R"("type":"contains-json",)") + schema, "x {\"a\":1}") == 0);
  CHECK(one(R"("type":"is-json","value":"{\"type\":\"array\"}")", "[1]") == 1);
}

TEST_CASE("not- turns an assertion around, but not what is unknown") {
  CHECK(one(R"("type":"not-contains","value":"x")", "abc") == 1);
  CHECK(one(R"("type":"not-contains","value":"b")", "abc") == 0);
  CHECK(one(R"("type":"not-regex","value":"(")", "abc") == -1);
  CHECK(one(R"("type":"contains","value":"b","transform":"trim")", "abc") == -1);
  CHECK(one(R"("type":"not-javascript","value":"x")", "abc") == -1);
}

TEST_CASE("all assertions must pass; what is not understood leaves only a failure certain") {
  auto both = [](const char* second) {
    return std::string(R"([{"type":"contains","value":"a"},)") + second + "]";
  };
  CHECK(came_to(both(R"({"type":"contains","value":"b"})"), "ab") == 1);
  CHECK(came_to(both(R"({"type":"contains","value":"b"})"), "a") == 0);
  auto script = both(R"({"type":"javascript","value":"output.length > 3"})");
  CHECK(came_to(script, "a") == -1);
  CHECK(came_to(script, "b") == 0);
  CHECK(asserted(script, "a").explanation == "assertion 'javascript' is not understood");
  CHECK(asserted(script, "b").explanation ==
        "contains \"a\" failed; assertion 'javascript' is not understood");
}

TEST_CASE("with a threshold the weighted score decides, as far as it is known") {
  auto set = [](const char* threshold) {
    return std::string(R"({"threshold":)") + threshold +
           R"(,"assert":[{"type":"contains","value":"a","weight":3},
             {"type":"contains","value":"b"}]})";
  };
  CHECK(came_to(set("0.75"), "a") == 1);
  CHECK(came_to(set("0.76"), "a") == 0);
  CHECK(came_to(set("0.25"), "b") == 1);
  CHECK(came_to(set("0"), "a") == 0);
  auto script = [](const char* threshold) {
    return std::string(R"({"threshold":)") + threshold +
           R"(,"assert":[{"type":"contains","value":"a"},{"type":"python","value":"x"}]})";
  };
  CHECK(came_to(script("0.5"), "a") == 1);
  CHECK(came_to(script("0.6"), "a") == -1);
  CHECK(came_to(script("0.6"), "b") == 0);
}

TEST_CASE("sets within the list, and weight 0, which only looks") {
  CHECK(came_to(R"([{"type":"assert-set","threshold":0.5,"assert":[
      {"type":"equals","value":"x"},{"type":"contains","value":"a"}]}])",
                "a") == 1);
  CHECK(came_to(R"([{"type":"contains","value":"z","weight":0},
      {"type":"contains","value":"a"}])",
                "a") == 1);
}

TEST_CASE("samples that assert nothing usable are unscored") {
  CHECK(came_to("[]", "a") == -1);
  CHECK(came_to("not json", "a") == -1);
  CHECK(came_to("7", "a") == -1);
  CHECK(came_to("[7]", "a") == -1);
  CHECK(came_to("[{}]", "a") == -1);
  CHECK(one(R"("type":"equals")", "a") == -1);
  CHECK(one(R"("type":"word-count","value":"many")", "a") == -1);
  CHECK(one(R"("type":"is-json","value":{"type":"nonsense"})", "[]") == -1);
  CHECK_FALSE(judged_sample(judge_of("assertions"), "a", {}).scored);
}

TEST_CASE("another assertion is another version of the judge") {
  sample a, b;
  a.fields = {{"assert", "[1]"}};
  b.fields = {{"assert", "[2]"}};
  auto version = [](const char* type, const sample& s) {
    return evaluation::judge_version(judge_of(type), s);
  };
  CHECK(version("assertions", a) != version("assertions", b));
  CHECK(version("exact", a) == version("exact", b));
}
