#include <thread>

#include "evaluation/judges/program_runs.hpp"
#include "evaluation/judges/program_text.hpp"
#include "tests/evaluation/judging.hpp"

using namespace assay;
using namespace assay::evaluation;
using namespace assay::tests;
using namespace std::chrono_literals;

namespace {

/// Null where programs cannot be confined.
std::shared_ptr<const rule_judge> program_judge(judge_settings settings = judge_of("program")) {
  auto made = make_judge(settings);
  if (made) return *made;
  MESSAGE("skipped, there is no sandbox here: " << render(made.error()));
  return nullptr;
}

verdict score(const rule_judge& judge, const sample& item, const std::string& text) {
  answer reply;
  reply.text = text;
  return judge.score(item, reply);
}

sample with_target(const std::string& target) {
  sample item;
  item.targets = {target};
  return item;
}

/// A problem of HumanEval's form.
sample doubling() {
  sample item;
  item.input = "def helper(x):\n    return x + x\n\ndef double(x):\n    \"\"\" Twice x. \"\"\"\n";
  item.fields = {{"entry_point", "double"},
                 {"test", "def check(candidate):\n    assert candidate(2) == 4\n"}};
  return item;
}

std::string fenced(const std::string& code) { return "Here it is:\n```python\n" + code + "\n```"; }

}  // namespace

TEST_CASE("the program of an answer is its fenced block, as it stands there") {
  CHECK(extract_program("return 1") == "return 1");
  CHECK(extract_program("text\n```\n  x = 1\n```\nmore") == "  x = 1\n");
  CHECK(extract_program("```python\nx = 1") == "x = 1");
  CHECK(extract_program("```\n```") == "");
  CHECK(extract_program("a ``` b ``` c") == "a ``` b ``` c");
  CHECK(extract_program("  ```py\n  x\n  ```\n") == "  x\n  ");
}

TEST_CASE("of several blocks the one with the function counts, then Python, then the last") {
  auto text = "```python\ndef f(x): pass\n```\n```python\nf(1)\n```\n```\n1\n```\n";
  CHECK(extract_program(text, "f") == "def f(x): pass\n");
  CHECK(extract_program(text, "g") == "f(1)\n");
  CHECK(extract_program(text) == "f(1)\n");
  CHECK(extract_program("```\na\n```\n```\nb\n```") == "b\n");
}

TEST_CASE("a program with a test is right if the test passes") {
  auto judge = program_judge();
  if (!judge) return;
  auto item = doubling();
  for (auto good : {"    return 2 * x", "    return helper(x)"}) {
    CHECK(score(*judge, item, good).score == 1);
    CHECK(score(*judge, item, fenced(good)).score == 1);
  }
  CHECK(score(*judge, item, fenced("def double(x):\n    return helper(x)")).score == 1);
  auto wrong = score(*judge, item, "    return x");
  CHECK(wrong.scored);
  CHECK(wrong.score == 0);
  CHECK(wrong.explanation == "AssertionError");
  CHECK(score(*judge, item, "    return (").explanation == "SyntaxError: '(' was never closed");
  CHECK(score(*judge, item, fenced("")).explanation == "the answer has no program");
}

TEST_CASE("a program that leaves before its test has not passed it") {
  auto judge = program_judge();
  if (!judge) return;
  for (auto way : {"    return x\nimport sys\nsys.exit(0)", "    import os; os._exit(0)"}) {
    auto v = score(*judge, doubling(), way);
    CHECK(v.scored);
    CHECK(v.score == 0);
    CHECK(v.explanation == "it ended before its test did");
  }
}

TEST_CASE("a program without a test is judged by what it prints") {
  auto judge = program_judge();
  if (!judge) return;
  auto item = with_target("work\n#### 1,234");
  CHECK(score(*judge, item, "print(1234)").score == 1);
  CHECK(score(*judge, item, fenced("print('so', 1000 + 234)")).score == 1);
  auto wrong = score(*judge, item, "print(12)");
  CHECK(wrong.score == 0);
  CHECK(wrong.extracted == "12");
  CHECK(wrong.explanation == "12 is not 1234");
  CHECK(score(*judge, item, "x = 1234").explanation == "the program printed nothing");
  CHECK(score(*judge, item, "print(1234)\nraise ValueError('no')").explanation == "ValueError: no");
  CHECK(score(*judge, item, "import sys; print(1234); sys.exit(2)").explanation == "exit code 2");
}

TEST_CASE("compare names the judge of the output, and takes its options") {
  auto exact = judge_of("program");
  exact.compare = "exact";
  exact.ignore_case = true;
  auto judge = program_judge(exact);
  if (!judge) return;
  CHECK(score(*judge, with_target("Yes"), "print('yes')").score == 1);
  CHECK(score(*judge, with_target("Yes"), "print('no')").explanation == "wrong output");
  auto finqa = judge_of("program");
  finqa.compare = "finqa";
  CHECK(score(*program_judge(finqa), with_target("0.53571"), "print(15 / 28)").score == 1);
}

TEST_CASE("a limit that ends a program is named in its verdict") {
  auto settings = judge_of("program");
  settings.programs.wall = 400ms;
  settings.programs.output_kb = 1;
  auto judge = program_judge(settings);
  if (!judge) return;
  auto item = with_target("1");
  CHECK(score(*judge, item, "import time; time.sleep(9)").explanation == "time-out after 0.4 s");
  CHECK(score(*judge, item, "while True: print(1)").explanation == "more than 1 kB of output");
  settings.programs = {};
  CHECK(score(*program_judge(settings), item, "import os; os.abort()").explanation ==
        "ended by signal 6");
}

TEST_CASE("a program run without a sandbox says so in every verdict") {
  auto settings = judge_of("program");
  settings.programs.unsafe = true;
  auto judge = program_judge(settings);
  REQUIRE(judge);
  CHECK(score(*judge, with_target("1"), "print(1)").explanation == "run without a sandbox");
  CHECK(score(*judge, with_target("1"), "print(2)").explanation ==
        "2 is not 1, run without a sandbox");
}

TEST_CASE("a sample with neither target nor test leaves its program unscored") {
  auto settings = judge_of("program");
  settings.programs.unsafe = true;
  CHECK_FALSE(score(*program_judge(settings), sample{}, "print(1)").scored);
}

TEST_CASE("a program judge takes the options of the judge of its output and no others") {
  auto settings = judge_of("program");
  settings.compare = "exact";
  settings.tolerance = 1;
  CHECK(problem_of(settings) ==
        "judge 'test': 'exact' has no option 'tolerance' (it takes ignore_case, "
        "ignore_punctuation, ignore_numbers, regexes_to_ignore)");
  settings = judge_of("program");
  settings.compare = "program";
  CHECK(problem_of(settings) ==
        "judge 'test': compare cannot be 'program' (name the judge that "
        "reads what a program prints, e.g. numeric or exact)");
}

TEST_CASE("a program is judged again when its test changes") {
  auto item = doubling();
  auto before = judge_version(judge_of("program"), item);
  CHECK(judge_version(judge_of("program"), item) == before);
  item.fields[1].second += "    assert candidate(3) == 6\n";
  CHECK(judge_version(judge_of("program"), item) != before);
  CHECK(judge_version(judge_of("exact"), item) == judge_version(judge_of("exact"), doubling()));
}

TEST_CASE("many records are judged on as many threads as the judge asks for, in their order") {
  auto settings = judge_of("program");
  settings.programs.workers = 3;
  auto judge = program_judge(settings);
  if (!judge) return;
  CHECK(judge->blocks() == 3);
  std::vector<record> records(7);
  for (std::size_t i = 0; i < records.size(); ++i) {
    records[i].asked.item = with_target(std::to_string(i));
    records[i].got.reply.text = "print(" + std::to_string(i) + ")";
  }
  records[4].got.reply.text = "print(0)";
  auto verdicts = judge_records(*judge, settings, records);
  REQUIRE(verdicts.size() == 7);
  for (std::size_t i = 0; i < 7; ++i) CHECK(verdicts[i].score == (i == 4 ? 0 : 1));
}

// -- several judges -------------------------------------------------------------------------------

namespace {

/// Never prints the same twice.
const std::string by_chance = "import os\nprint(int.from_bytes(os.urandom(6), 'big'))";

/// Null where programs cannot be confined.
std::shared_ptr<program_runs> open_runs(std::size_t kept, std::size_t bytes) {
  auto box = sandbox::box::open({});
  if (!box) MESSAGE("skipped, there is no sandbox here: " << render(box.error()));
  return box ? std::make_shared<program_runs>(*box, kept, bytes) : nullptr;
}

std::string printed(program_runs& runs, const std::string& source) {
  auto r = runs.run({{"/usr/bin/python3", "-I", "-S", "p.py"}, {}, {{"p.py", source}}});
  REQUIRE(r);
  return r->out;
}

}  // namespace

TEST_CASE("judges of a run that differ in what they make of a program run it once") {
  auto first = program_judge();
  if (!first) return;
  auto settings = judge_of("program");
  settings.k = 5;
  settings.tolerance = 1;
  auto second = program_judge(settings);
  settings.programs.memory_mb = 600;
  auto elsewhere = program_judge(settings);
  auto item = with_target("1");
  auto was = score(*first, item, by_chance).extracted;
  CHECK(was.size() > 3);
  CHECK(score(*second, item, by_chance).extracted == was);
  CHECK(score(*elsewhere, item, by_chance).extracted != was);
  first = second = elsewhere = nullptr;
  CHECK(score(*program_judge(), item, by_chance).extracted != was);
}

TEST_CASE("a program that is running is waited for, from however many threads") {
  auto runs = open_runs(10, 1'000);
  if (!runs) return;
  std::vector<std::string> seen(8);
  std::vector<std::thread> threads;
  for (auto& out : seen) threads.emplace_back([&] { out = printed(*runs, by_chance); });
  for (auto& t : threads) t.join();
  for (const auto& out : seen) CHECK(out == seen[0]);
}

TEST_CASE("only so many results and so much output are remembered, the newest") {
  auto few = open_runs(2, 1'000'000);
  if (!few) return;
  auto was = printed(*few, by_chance);
  printed(*few, "print(1)");
  CHECK(printed(*few, by_chance) == was);
  printed(*few, "print(2)");
  CHECK(printed(*few, by_chance) != was);
  auto small = open_runs(100, 1'000);
  was = printed(*small, by_chance);
  printed(*small, "print('x' * 900)");
  CHECK(printed(*small, by_chance) == was);
  printed(*small, "print('y' * 900)");
  CHECK(printed(*small, by_chance) != was);
}
