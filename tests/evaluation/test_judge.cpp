#include "evaluation/judge.hpp"

#include <algorithm>
#include <fstream>

#include "evaluation/dataset.hpp"
#include "evaluation/prompt.hpp"
#include "messages/known_names.hpp"
#include "tests/evaluation/judging.hpp"
#include "tests/shared_data.hpp"

using namespace assay;
using namespace assay::tests;

namespace {

record answered(const std::string& text, const std::string& target) {
  record r;
  r.asked.key.bytes[0] = 9;
  r.asked.item.targets = {target};
  r.got.reply.text = text;
  return r;
}

verdict recorded(const record& r) {
  auto settings = judge_of("exact");
  return evaluation::judge_record(**evaluation::make_judge(settings), settings, r);
}

}  // namespace

TEST_CASE("an unknown judge type is a problem with the nearest name") {
  CHECK(problem_of(judge_of("gsm8k-strct")).find("did you mean 'gsm8k-strict'?") !=
        std::string::npos);
  CHECK(problem_of(judge_of("")).rfind("judge 'test': there is no judge type ''", 0) == 0);
}

TEST_CASE("an option that the type does not have is a problem") {
  auto settings = judge_of("exact");
  settings.tolerance = 0.1;
  CHECK(problem_of(settings) ==
        "judge 'test': 'exact' has no option 'tolerance' (it takes ignore_case, "
        "ignore_punctuation, ignore_numbers, regexes_to_ignore)");
  settings = judge_of("choice");
  settings.ignore_case = true;
  CHECK(problem_of(settings) ==
        "judge 'test': 'choice' has no option 'ignore_case' (it takes filters only)");
  settings = judge_of("numeric");
  settings.k = 3;
  CHECK(problem_of(settings).find("no option 'k'") != std::string::npos);
  settings = judge_of("squad-f1");
  settings.pattern = "x";
  CHECK(problem_of(settings).find("no option 'pattern'") != std::string::npos);
}

TEST_CASE("an option that the type needs is asked for") {
  CHECK(problem_of(judge_of("regex")) ==
        "judge 'test': 'regex' needs the option 'pattern' (set pattern)");
  CHECK(problem_of(judge_of("json-fields")).find("'json_fields'") != std::string::npos);
  CHECK(problem_of(judge_of("json-schema")).find("'schema_file'") != std::string::npos);
}

TEST_CASE("bad patterns, tolerances and k are problems at the declaration") {
  auto settings = judge_of("regex");
  settings.declared_at = "run.toml:4:1";
  settings.pattern = "(";
  CHECK(problem_of(settings) ==
        "run.toml:4:1: judge 'test', pattern: the pattern '(' does not compile: missing closing "
        "parenthesis at offset 1");
  settings = judge_of("exact");
  settings.regexes_to_ignore = {"["};
  CHECK(problem_of(settings).rfind("judge 'test', regexes_to_ignore: the pattern", 0) == 0);
  settings = judge_of("numeric");
  settings.tolerance = -1;
  CHECK(problem_of(settings) == "judge 'test': a tolerance must not be negative");
  settings = judge_of("pass-at-k");
  settings.k = 0;
  CHECK(problem_of(settings) == "judge 'test': k must be at least 1");
}

TEST_CASE("an answered record is scored, with key, judge and version") {
  auto v = recorded(answered("a", "a"));
  CHECK(v.scored);
  CHECK(v.score == 1);
  CHECK(v.key.bytes[0] == 9);
  CHECK(v.judge == "test");
  CHECK(v.judge_version.size() == 32);
}

TEST_CASE("refused and filtered answers score 0, an error is not scored") {
  auto r = answered("a", "a");
  r.got.status = outcome_status::refused;
  CHECK(recorded(r).scored);
  CHECK(recorded(r).score == 0);
  r.got.status = outcome_status::filtered;
  CHECK(recorded(r).scored);
  CHECK(recorded(r).score == 0);
  r.got.status = outcome_status::error;
  r.got.error.kind = error_class::timeout;
  CHECK(!recorded(r).scored);
  CHECK(recorded(r).explanation == "no answer: timeout");
}

TEST_CASE("the version changes with every setting that changes a verdict, and with the target") {
  using evaluation::judge_version;
  sample item;
  item.targets = {"a"};
  auto base = judge_of("exact");
  auto version = judge_version(base, item);
  CHECK(judge_version(base, item) == version);
  std::vector<judge_settings> changed(10, base);
  changed[0].type = "includes";
  changed[1].ignore_case = true;
  changed[2].ignore_punctuation = true;
  changed[3].ignore_numbers = true;
  changed[4].regexes_to_ignore = {"x"};
  changed[5].tolerance = 1;
  changed[6].relative_tolerance = 1;
  changed[7].json_fields = {"x"};
  changed[8].filters = {{"strip", "", "", 0}};
  changed[9].pattern = "x";
  for (auto& settings : changed) CHECK(judge_version(settings, item) != version);
  auto renamed = base;
  renamed.name = "other";
  renamed.declared_at = "elsewhere";
  CHECK(judge_version(renamed, item) == version);
  auto other = item;
  other.targets = {"a", ""};
  CHECK(judge_version(base, other) != version);
  other = item;
  other.choices = {"a"};
  CHECK(judge_version(base, other) != version);
  other = item;
  other.input = "another question";
  CHECK(judge_version(base, other) == version);
}

TEST_CASE("the lists of names that the configuration knows are the real ones") {
  auto judges = evaluation::judge_types();
  CHECK(std::is_sorted(judges.begin(), judges.end()));
  CHECK(judges == std::vector<std::string_view>(known::judges.begin(), known::judges.end()));
  auto prompts = evaluation::template_library();
  CHECK(std::is_sorted(prompts.begin(), prompts.end()));
  CHECK(prompts == std::vector<std::string_view>(known::prompts.begin(), known::prompts.end()));
}

TEST_CASE("the gold answers of GSM8K are right by their own judges") {
  auto path = shared_data("gsm8k/test.jsonl");
  if (!path) {
    MESSAGE("skipped: gsm8k/test.jsonl not found");
    return;
  }
  dataset_settings data;
  data.path = *path;
  auto samples = evaluation::load_dataset(data);
  REQUIRE(samples);
  for (auto type : {"gsm8k-strict", "gsm8k-flexible", "numeric"}) {
    auto judge = evaluation::make_judge(judge_of(type)).value();
    int right = 0;
    for (auto& item : *samples) {
      answer reply;
      reply.text = item.targets.front();
      right += judge->score(item, reply).score == 1;
    }
    CAPTURE(type);
    CHECK(right == 1319);
  }
}

TEST_CASE("the gold letters of AQuA are right by the choice judge") {
  auto path = shared_data("aqua/aqua_test.jsonl");
  if (!path) {
    MESSAGE("skipped: aqua/aqua_test.jsonl not found");
    return;
  }
  dataset_settings data;
  data.path = *path;
  auto samples = evaluation::load_dataset(data);
  REQUIRE(samples);
  auto judge = evaluation::make_judge(judge_of("choice")).value();
  int right = 0, wrong = 0;
  for (auto& item : *samples) {
    answer reply;
    reply.text = "Some thoughts.\nANSWER: " + item.targets.front();
    right += judge->score(item, reply).score == 1;
    reply.text = std::string("ANSWER: ") + (item.targets.front() == "A" ? "B" : "A");
    wrong += judge->score(item, reply).score == 0;
  }
  CHECK(right == 254);
  CHECK(wrong == 254);
}
