#include "evaluation/graders/model_judge.hpp"
#include "tests/evaluation/judging.hpp"

using namespace assay;
using namespace assay::tests;

TEST_CASE("6.1 exact compares without stripping anything") {
  CHECK(judged("exact", "Paris", {"Paris"}).score == 1);
  CHECK(judged("exact", "Paris\n", {"Paris"}).score == 0);
  CHECK(judged("exact", "paris", {"Paris"}).score == 0);
  CHECK(judged("exact", "Lyon", {"Paris", "Lyon"}).score == 1);
  CHECK(judged("exact", "", {""}).score == 1);
}

TEST_CASE("6.1 exact ignores patterns, case, punctuation and digits on both sides") {
  auto settings = judge_of("exact");
  settings.ignore_case = true;
  CHECK(judged(settings, "\xC3\x89T\xC3\x89", {"\xC3\xA9t\xC3\xA9"}).score == 1);
  settings = judge_of("exact");
  settings.ignore_punctuation = true;
  CHECK(judged(settings, "it's, well!", {"its well"}).score == 1);
  CHECK(judged(settings, "it\xE2\x80\x99s", {"its"}).score == 0);  // curly: not ASCII
  settings = judge_of("exact");
  settings.ignore_numbers = true;
  CHECK(judged(settings, "a1b2", {"a3b"}).score == 1);
}

TEST_CASE("6.1 patterns are deleted before the case is lowered, in their order") {
  auto settings = judge_of("exact");
  settings.ignore_case = true;
  settings.regexes_to_ignore = {"[A-Z]"};
  CHECK(judged(settings, "Xa", {"Ya"}).score == 1);
  CHECK(judged(settings, "Xa", {"xa"}).score == 0);
  settings.regexes_to_ignore = {"b", "aa"};
  CHECK(judged(settings, "abac", {"c"}).score == 1);
  settings.regexes_to_ignore = {"aa", "b"};
  CHECK(judged(settings, "abac", {"c"}).score == 0);
}

TEST_CASE("6.2 gsm8k: vectors for the gold answer '... #### 1,234'") {
  struct row {
    const char* response;
    const char* strict;
    bool strict_right;
    const char* flexible;
    bool flexible_right;
  };
  const row rows[] = {
      {"#### 1234", "1234", true, "1234", true},
      {"#### 1,234.", "1,234.", true, "1,234.", true},
      {"The total is $1,234.", "[invalid]", false, "$1,234.", true},
      {"#### $1234", "[invalid]", false, "$1234", true},
      {"Answer: 1234.00", "[invalid]", false, "1234.00", false},
      {"so 1234 eggs...", "[invalid]", false, "...", false},
      {"#### 1234\n#### 99", "1234", true, "99", false},
      {"= 1234 (about 3/4)", "[invalid]", false, "4", false},
  };
  for (auto& r : rows) {
    CAPTURE(r.response);
    auto strict = judged("gsm8k-strict", r.response, {"She has 1,200 + 34.\n#### 1,234"});
    CHECK(strict.scored);
    CHECK(strict.extracted == r.strict);
    CHECK(strict.score == (r.strict_right ? 1 : 0));
    auto flexible = judged("gsm8k-flexible", r.response, {"She has 1,200 + 34.\n#### 1,234"});
    CHECK(flexible.scored);
    CHECK(flexible.extracted == r.flexible);
    CHECK(flexible.score == (r.flexible_right ? 1 : 0));
  }
}

TEST_CASE("6.2 gsm8k reads negative numbers and compares texts, not values") {
  CHECK(judged("gsm8k-strict", "#### -5", {"#### -5"}).score == 1);
  CHECK(judged("gsm8k-strict", "#### 5.0", {"#### 5"}).score == 0);
  CHECK(judged("gsm8k-flexible", "no digits", {"#### 5"}).extracted == "[invalid]");
}

TEST_CASE("6.2 MMLU-Pro's and OpenCompass's extractions can be written as filters") {
  auto settings = judge_of("exact");
  settings.filters = {{"regex", R"(answer is \(?([ABCDEFGHIJ])\)?)", "", 0}};
  CHECK(judged(settings, "So the answer is (C).", {"C"}).score == 1);
  CHECK(judged(settings, "So it is C.", {"C"}).extracted == "[invalid]");
  settings = judge_of("numeric");
  settings.filters = {{"before", "Question:", "", 0}, {"regex", R"(\-?\d+\.\d+|\-?\d+)", "", -1}};
  CHECK(judged(settings, "12 then 1,234\nQuestion: 7", {"1234"}).extracted == "234");
}

TEST_CASE("pass-at-k scores each row by exact comparison after its filters") {
  auto settings = judge_of("pass-at-k");
  settings.k = 5;
  settings.filters = {{"last_line", "", "", 0}};
  CHECK(judged(settings, "reasons\n42", {"42"}).score == 1);
  CHECK(judged(settings, "reasons\n41", {"42"}).score == 0);
}

TEST_CASE("includes finds a target anywhere and never scores an empty one") {
  CHECK(judged("includes", "It is Paris, of course", {"Paris"}).score == 1);
  CHECK(judged("includes", "It is paris", {"Paris"}).score == 0);
  CHECK(judged("includes", "It is Lyon", {"Paris", "Lyon"}).extracted == "Lyon");
  CHECK(!judged("includes", "anything", {""}).scored);
  auto settings = judge_of("includes");
  settings.ignore_case = true;
  CHECK(judged(settings, "It is paris", {"Paris"}).score == 1);
}

TEST_CASE("regex without a group asks for a match, with a group for the target in it") {
  auto settings = judge_of("regex");
  settings.pattern = "^\\d{4}-\\d{2}$";
  CHECK(judged(settings, "2024-05", std::vector<std::string>{}).score == 1);
  CHECK(judged(settings, "2024-5", std::vector<std::string>{}).score == 0);
  settings.pattern = "code: (\\w+)";
  CHECK(judged(settings, "code: ABC", {"ABC"}).score == 1);
  CHECK(judged(settings, "code: ABD", {"ABC"}).score == 0);
  CHECK(!judged(settings, "code: ABC", std::vector<std::string>{}).scored);
  settings.ignore_case = true;
  CHECK(judged(settings, "CODE: abc", {"ABC"}).score == 1);
}

TEST_CASE("a pattern that backtracks too much leaves the answer unscored, with the reason") {
  auto settings = judge_of("exact");
  settings.filters = {{"regex", "(a+)+[bc]", "", 0}};
  auto v = judged(settings, std::string(60, 'a'), {"a"});
  CHECK(!v.scored);
  CHECK(v.explanation ==
        "filter 1 (regex '(a+)+[bc]') gave up: its pattern backtracks too much on this answer");
  settings = judge_of("regex");
  settings.pattern = "(a+)+[bc]";
  CHECK(!judged(settings, std::string(60, 'a'), {"a"}).scored);
  settings = judge_of("exact");
  settings.regexes_to_ignore = {"(a+)+[bc]"};
  CHECK(!judged(settings, std::string(60, 'a'), {"a"}).scored);
}

TEST_CASE("a sample without target is unscored, not wrong") {
  for (auto type : {"exact", "includes", "gsm8k-strict", "gsm8k-flexible", "pass-at-k", "squad-em",
                    "squad-f1", "drop", "finqa", "docfinqa", "numeric", "choice", "mmlu-simple"}) {
    CAPTURE(type);
    auto v = judged(type, "Answer: A #### 5", std::vector<std::string>{}, {"x", "y"});
    CHECK(!v.scored);
    CHECK(!v.explanation.empty());
  }
}

TEST_CASE("malformed UTF-8, NUL and emptiness are judged like any answer") {
  const std::string answers[] = {
      "\xFF\xFE#### 5\xC3",      std::string("#### 5\0", 7), "",
      std::string(300'000, '('), std::string(300'000, '{'),  "Answer: \xED\xA0\x80"};
  for (auto type : evaluation::judge_types()) {
    auto settings = judge_of(std::string(type));
    if (type == "regex") settings.pattern = "x";
    if (type == "json-fields") settings.json_fields = {"a"};
    if (type == "json-schema" || type == "command") continue;  // need a file: tested elsewhere
    if (evaluation::asks_models(type)) continue;
    sample item;
    item.targets = {"5", "\xFF", "{\"a\": 1}", "A"};
    item.choices = {"x", "y"};
    item.fields = {{"assert", R"([{"type": "icontains-all", "value": ["x"]}])"}};
    for (auto& text : answers) {
      auto v = judged_sample(settings, text, item);
      CAPTURE(type);
      CHECK(v.scored);
      CHECK(v.extracted.size() < 600);
    }
  }
  CHECK(judged("gsm8k-strict", "\xFF\xFE#### 5\xC3", {"#### 5"}).score == 1);
}
