#include "evaluation/judges/finqa_program.hpp"
#include "tests/evaluation/judging.hpp"

using namespace assay;
using namespace assay::tests;
using evaluation::finqa_result;
using evaluation::run_finqa_program;

TEST_CASE("numeric compares the last number, whatever its dress") {
  CHECK(judged("numeric", "1234.00", {"1,234"}).score == 1);
  CHECK(judged("numeric", "It costs $1,234.", {"1234"}).score == 1);
  CHECK(judged("numeric", "3 + 4 = 7", {"7"}).score == 1);
  CHECK(judged("numeric", "It is 18.", {"16 - 3 - 4 = 9, times 2 ...\n#### 18"}).score == 1);
  CHECK(judged("numeric", "7.001", {"7"}).score == 0);
  CHECK(judged("numeric", "minus seven", {"-7"}).extracted == "[invalid]");
  CHECK(!judged("numeric", "7", {"seven"}).scored);
  CHECK(judged("numeric", "(12)", {"-12"}).score == 1);
}

TEST_CASE("numeric: a tolerance is absolute or relative, the larger counts") {
  auto settings = judge_of("numeric");
  settings.tolerance = 0.5;
  CHECK(judged(settings, "100.5", {"100"}).score == 1);
  CHECK(judged(settings, "100.6", {"100"}).score == 0);
  settings.relative_tolerance = 0.01;
  CHECK(judged(settings, "101", {"100"}).score == 1);
  CHECK(judged(settings, "101.1", {"100"}).score == 0);
}

TEST_CASE("numeric: a unit on one side only is compared as printed too") {
  CHECK(judged("numeric", "12%", {"0.12"}).score == 1);
  auto v = judged("numeric", "12%", {"12"});
  CHECK(v.score == 1);
  CHECK(v.explanation == "the units differ; compared as printed");
  CHECK(judged("numeric", "1.5 million", {"1500000"}).score == 1);
  CHECK(judged("numeric", "12%", {"12 million"}).score == 0);
  CHECK(judged("numeric", "0.12", {"12"}).score == 0);
}

TEST_CASE("6.8 FinQA: str_to_num") {
  using evaluation::finqa_number;
  CHECK(finqa_number("1,234.5") == 1234.5);
  CHECK(finqa_number("8%") == 0.08);
  CHECK(finqa_number("const_100") == 100);
  CHECK(finqa_number("const_m1") == -1);
  CHECK(!finqa_number("abc"));
  CHECK(!finqa_number("$5"));
}

TEST_CASE("6.8 FinQA: programs are run step by step and rounded to five places") {
  CHECK(run_finqa_program("subtract(5829, 5735), divide(#0, 5735)", "") == finqa_result(0.01639));
  CHECK(run_finqa_program("add(1,000, const_m1)", "") == finqa_result(999.0));
  CHECK(run_finqa_program("multiply(8%, const_100)", "") == finqa_result(8.0));
  CHECK(run_finqa_program("exp(2, 10)", "") == finqa_result(1024.0));
  CHECK(run_finqa_program("greater(3, 2)", "") == finqa_result("yes"));
  CHECK(run_finqa_program("greater(2, 3)", "") == finqa_result("no"));
  auto table =
      R"j([["", "2008", "2007"], ["net sales", "$ 1,200", "800 (a)"], ["notes", "n/a", "1"]])j";
  CHECK(run_finqa_program("table_max(net sales, none)", table) == finqa_result(1200.0));
  CHECK(run_finqa_program("table_min(net sales, none)", table) == finqa_result(800.0));
  CHECK(run_finqa_program("table_sum(net sales, none)", table) == finqa_result(2000.0));
  CHECK(run_finqa_program("table_average(net sales, none), add(#0, 1)", table) ==
        finqa_result(1001.0));
}

TEST_CASE("6.8 FinQA: a program that is not valid has no result") {
  auto table = R"([["notes", "n/a", "1"]])";
  for (auto program :
       {"divide(1, 0)", "add(1)", "add(1, 2", "plus(1, 2)", "add(#1, 2)", "add(#0, 1)",
        "greater(1, 2), add(#0, 1)", "add(x, 1)", "exp(-8, 0.5)", "table_sum(notes, none)",
        "table_sum(absent, none)", "add(1, 2) add(#0, 1)", "", "add(add(1, 2), 3)"})
    CHECK_MESSAGE(!run_finqa_program(program, table), program);
}

TEST_CASE("6.8 FinQA: the rounded result must equal the gold one") {
  CHECK(judged("finqa", "0.08284", {"0.08284"}).score == 1);
  CHECK(judged("finqa", "Answer: 0.082841", {"0.08284"}).score == 1);
  CHECK(judged("finqa", "0.0829", {"0.08284"}).score == 0);
  CHECK(judged("finqa", "8.284%", {"0.08284"}).score == 1);
  CHECK(judged("finqa", "yes.", {"yes"}).score == 1);
  CHECK(judged("finqa", "no", {"yes"}).score == 0);
  CHECK(judged("finqa", "It grew by $ 94.", {"94.0"}).score == 1);
  CHECK(judged("finqa", "subtract(5829, 5735)", {"94.0"}).score == 1);
  CHECK(judged("finqa", "divide(1, 0)", {"94.0"}).explanation == "the program is not valid");
  sample item;
  item.targets = {"1200.0"};
  item.fields = {{"table", R"([["net sales", "$ 1,200", "800"]])"}};
  CHECK(judged_sample(judge_of("finqa"), "table_max(net sales, none)", item).score == 1);
}

TEST_CASE("6.8 DocFinQA: within 1 % or half a unit of the gold's last digit") {
  struct row {
    const char* answer;
    const char* gold;
    bool right;
    const char* explanation_starts;
  };
  const row rows[] = {
      {"0.08284", "8%", true, "relative error"},  // half a unit of 8% is 0.5 %
      {"8.284%", "8%", true, "relative error"},
      {"8.6%", "8%", false, "relative error"},
      {"9.34", "0.0934", true, "only after a factor of 100"},
      {"0.0934", "9.34", true, "only after a factor of 100"},
      {"9.34%", "0.0934", true, "relative error"},
      {"101", "100.0", true, "relative error"},
      {"101.1", "100.0", false, "relative error"},
      {"94.4", "94", true, "relative error"},    // half a unit: 0.5
      {"94.96", "94", false, "relative error"},  // 1 % is 0.94
      {"(12.5)", "-12.5", true, "relative error"},
      {"12.5", "-12.5", false, "relative error"},
      {"$ 1.2 million", "1200000", true, "relative error"},
      {"1.2", "1.2 million", true, "the units differ"},
      {"Some text.\nAnswer: 7", "7", true, "relative error"},
      {"Yes.", "yes", true, "compared as words"},
      {"no", "yes", false, "compared as words"},
      {"unknown", "7", false, "the answer has no number"},
      {"0.1", "0", true, "relative error undefined"},
      {"100", "0", false, "relative error undefined"},
  };
  for (auto& r : rows) {
    CAPTURE(r.answer);
    CAPTURE(r.gold);
    auto v = judged("docfinqa", r.answer, {r.gold});
    CHECK(v.scored);
    CHECK(v.score == (r.right ? 1 : 0));
    CHECK(v.explanation.rfind(r.explanation_starts, 0) == 0);
  }
}

TEST_CASE("6.8 DocFinQA: the explanation holds the relative error, for accuracy at other limits") {
  CHECK(judged("docfinqa", "102", {"100.0"}).explanation == "relative error 0.02");
  CHECK(judged("docfinqa", "100.5", {"100.0"}).explanation == "relative error 0.005");
}

TEST_CASE("6.8 ConvFinQA's float_equiv is numeric with a filter and an absolute tolerance") {
  auto settings = judge_of("numeric");
  settings.tolerance = 1e-6;
  settings.filters = {{"regex", R"([-+]?(?:(?:\d*\.\d+)|(?:\d+\.?))(?:[Ee][+-]?\d+)?)", "", 0}};
  CHECK(judged(settings, "1.424031 and 7", {"1.42403"}).score == 0);
  CHECK(judged(settings, "1.4240305 and 7", {"1.42403"}).score == 1);
  CHECK(judged(settings, "-3.5e1 dollars", {"-35"}).score == 1);
}
