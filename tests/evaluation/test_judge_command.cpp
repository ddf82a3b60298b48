#include <filesystem>
#include <fstream>

#include "tests/evaluation/judging.hpp"
#include "tests/folder.hpp"

using namespace assay;
using namespace assay::tests;

namespace {

judge_settings command_of(std::vector<std::string> words) {
  auto settings = judge_of("command");
  settings.command = std::move(words);
  settings.programs.wall = milliseconds(2'000);
  return settings;
}

/// A judge that is this Python program.
judge_settings python(const std::string& program) { return command_of({"python3", "-c", program}); }

/// False where the sandbox does not work; the tests of it say why.
bool can_run() {
  auto made = evaluation::make_judge(python("pass"));
  if (!made) MESSAGE("skipped: " << render(made.error()));
  return made.has_value();
}

}  // namespace

TEST_CASE("a command judges on another machine by the files that go along") {
  if (!can_run()) return;
  tests::folder here;
  here.write("judge.py", "print('{\"score\": 0.5}')");
  auto path = (here.path / "judge.py").string();
  auto settings = command_of({"python3", path});
  auto files = evaluation::files_of(settings);
  REQUIRE(files);
  REQUIRE(files->size() == 1);
  std::filesystem::remove(path);
  CHECK_FALSE(evaluation::make_judge(settings));
  auto made = evaluation::make_judge(settings, *files);
  REQUIRE(made);
  CHECK((*made)->score({}, {}).score == 0.5);
  CHECK_FALSE(evaluation::make_judge(settings, {}));
}

TEST_CASE("a command gets sample and answer as JSON and gives a score with its reason") {
  if (!can_run()) return;
  sample item;
  item.id = "s1";
  item.input = "6 x 7?";
  item.targets = {"42"};
  item.choices = {"41", "42"};
  item.fields = {{"unit", "\u20ac"}};
  auto v = judged_sample(
      python("import json, sys\n"
             "q = json.load(sys.stdin)\n"
             "s = q['sample']\n"
             "seen = [s['id'], s['input'], s['targets'], s['choices'], s['fields'], q['answer']]\n"
             "print(json.dumps({'score': 0.25, 'explanation': repr(seen), 'extracted': 'x'}))"),
      "it is 42", item);
  CHECK(v.scored);
  CHECK(v.score == 0.25);
  CHECK(v.extracted == "x");
  CHECK(v.explanation == "['s1', '6 x 7?', ['42'], ['41', '42'], {'unit': '\u20ac'}, 'it is 42']");
}

TEST_CASE("whatever is no score leaves the answer unscored, with the reason") {
  if (!can_run()) return;
  struct bad {
    std::string program, why;
  };
  for (const auto& [program, why] : std::vector<bad>{
           {"print('fine')", "the command printed no JSON object: fine"},
           {"pass", "the command printed no JSON object: "},
           {"print('[1]')", "the command printed no JSON object: [1]"},
           {"print('{}')", "the command's JSON has no score"},
           {"print('{\"score\": \"good\"}')", "the command's score is no number"},
           {"print('{\"score\": 1.5}')", "the command's score is 1.5, not within 0 and 1"},
           {"print('{\"score\": null}')", "the command gave no score"},
           {"print('{\"score\": null, \"explanation\": \"too long\"}')", "too long"},
           {"raise ValueError('lost')", "the command failed: ValueError: lost"},
           {"import sys; sys.exit(3)", "the command failed: exit code 3"},
           {"while True: pass", "the command failed: time-out after 2 s"}}) {
    CAPTURE(program);
    auto v = judged(python(program), "42", {"42"});
    CHECK_FALSE(v.scored);
    CHECK(v.explanation == why);
  }
}

TEST_CASE("true and false are scores") {
  if (!can_run()) return;
  CHECK(judged(python("print('{\"score\": true}')"), "42", {"42"}).score == 1);
  auto v = judged(python("print('{\"score\": false}')"), "42", {"42"});
  CHECK(v.scored);
  CHECK(v.score == 0);
}

TEST_CASE("a file of the command is copied into the sandbox, and belongs to the judge's version") {
  if (!can_run()) return;
  auto path = std::filesystem::temp_directory_path() / "assay_grade_test.py";
  auto write = [&](const char* program) { std::ofstream(path) << program; };
  write("print('{\"score\": 1}')");
  auto settings = command_of({"python3", path.string()});
  CHECK(judged(settings, "42", {"42"}).score == 1);
  CHECK(evaluation::judge_version(settings, {}) !=
        evaluation::judge_version(command_of({"python3"}), {}));
  std::filesystem::remove(path);
  CHECK(problem_of(settings) == "judge 'test': command: the file " + path.string() +
                                    " cannot be read (paths are seen from the folder of the "
                                    "experiment file)");
}

TEST_CASE("a command that cannot be started says so before the run") {
  CHECK(problem_of(command_of({})) ==
        "judge 'test': 'command' needs the option 'command' (set command)");
  CHECK(problem_of(command_of({"no-such-program"})) ==
        "judge 'test': command: there is no program /usr/bin/no-such-program, and the sandbox has "
        "/usr only");
  CHECK(
      problem_of(command_of({"./grade.py"})) ==
      "judge 'test': command: the sandbox does not start './grade.py' by itself (name the program "
      "that runs it first: [\"python3\", \"./NAME.py\"])");
}
