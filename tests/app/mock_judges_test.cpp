#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "evaluation/dataset.hpp"
#include "evaluation/judge.hpp"
#include "providers/simulated/service.hpp"
#include "tests/shared_data.hpp"

// The judges must come to what the mock's truth log says, sample by sample.

using namespace assay;
using nlohmann::json;

namespace {

constexpr instant start{std::chrono::hours(1)};

std::vector<sample> load(const dataset_settings& settings) {
  auto loaded = evaluation::load_dataset(settings);
  REQUIRE(loaded);
  return std::move(*loaded);
}

std::string prompt_of(const sample& s) {
  std::string prompt = "Answer this.\n\n" + s.input;
  for (std::size_t i = 0; i < s.choices.size(); ++i)
    prompt += std::string("\n") + static_cast<char>('A' + i) + ") " + s.choices[i];
  return prompt;
}

/// How many answers the judge and the truth log see differently; some of both must be there.
int disagreements(const std::vector<sample>& samples, const judge_settings& rule,
                  bool programs = false) {
  const auto judge = evaluation::make_judge(rule);
  REQUIRE(judge);
  mock_settings settings;
  settings.name = "lab";
  settings.models.push_back(
      {.name = "m", .accuracy = 0.5, .programs = programs, .output_tokens = {40, 100}});
  simulated::service mock(settings, samples);
  int differ = 0, right = 0;
  for (const auto& s : samples) {
    const json body = {{"model", "m"},
                       {"messages", {{{"role", "user"}, {"content", prompt_of(s)}}}}};
    const auto h = mock.handle("POST", "/v1/chat/completions", {}, body.dump(), start);
    mock.release();
    answer reply;
    reply.text = json::parse(h.what.pieces.at(0).bytes)["choices"][0]["message"]["content"];
    const auto verdict = (*judge)->score(s, reply);
    const bool agree =
        verdict.scored && h.log.sample_id == s.id && verdict.score == (h.log.right ? 1.0 : 0.0);
    differ += agree ? 0 : 1;
    right += h.log.right ? 1 : 0;
    if (!agree && differ < 4) MESSAGE(s.id << ": " << reply.text << " judged " << verdict.score);
  }
  CHECK(right > static_cast<int>(samples.size()) / 3);
  CHECK(right < static_cast<int>(samples.size()) * 2 / 3);
  return differ;
}

judge_settings rule(std::string type) {
  judge_settings j;
  j.name = type;
  j.type = std::move(type);
  return j;
}

}  // namespace

TEST_CASE("GSM8K's judges agree with the mock on every sample") {
  const auto path = tests::shared_data("gsm8k/test.jsonl");
  if (!path) {
    MESSAGE("skipped: gsm8k/test.jsonl not found");
    return;
  }
  dataset_settings d;
  d.path = *path;
  d.fields.input = "question";
  d.fields.target = "answer";
  const auto samples = load(d);
  CHECK(disagreements(samples, rule("gsm8k-strict")) == 0);
  CHECK(disagreements(samples, rule("gsm8k-flexible")) == 0);
}

TEST_CASE("the choice judge agrees with the mock on every sample of AQuA") {
  const auto path = tests::shared_data("aqua/aqua_test.jsonl");
  if (!path) {
    MESSAGE("skipped: aqua/aqua_test.jsonl not found");
    return;
  }
  dataset_settings d;
  d.path = *path;
  d.fields.input = "question";
  d.fields.target = "correct";
  d.fields.choices = "options";
  CHECK(disagreements(load(d), rule("choice")) == 0);
}

TEST_CASE("numeric and includes agree with the mock on numbers and words") {
  std::vector<sample> numbers, words;
  for (int i = 0; i < 400; ++i) {
    sample s;
    s.id = std::to_string(i);
    s.input = "What comes out at place " + s.id + " of the list?";
    s.targets = {i % 3 == 0 ? std::to_string(i) : "-" + std::to_string(i) + ".25"};
    numbers.push_back(s);
    s.targets = {i % 2 ? "yes" : "no"};
    words.push_back(s);
  }
  auto near = rule("numeric");
  near.relative_tolerance = 0.05;
  CHECK(disagreements(numbers, near) == 0);
  auto includes = rule("includes");
  includes.ignore_case = true;
  CHECK(disagreements(words, includes) == 0);
}

TEST_CASE("programs: HumanEval and GSM8K run in the sandbox come to what the truth log says") {
  auto program = rule("program");
  if (auto judge = evaluation::make_judge(program); !judge) {
    MESSAGE("skipped, there is no sandbox here: " << render(judge.error()));
    return;
  }
  if (auto file = tests::shared_data("humaneval/HumanEval.jsonl.gz")) {
    auto plain = std::filesystem::temp_directory_path() / "assay-humaneval.jsonl";
    REQUIRE(std::system(("zcat " + *file + " > " + plain.string()).c_str()) == 0);
    dataset_settings problems{.name = "humaneval", .path = plain.string()};
    problems.limit = 40;
    CHECK(disagreements(load(problems), program, true) == 0);
    std::filesystem::remove(plain);
  } else {
    MESSAGE("skipped, there is no humaneval/HumanEval.jsonl.gz");
  }
  if (auto file = tests::shared_data("gsm8k/test.jsonl")) {
    dataset_settings words{.name = "gsm8k", .path = *file};
    words.limit = 40;
    CHECK(disagreements(load(words), program, true) == 0);
  } else {
    MESSAGE("skipped, there is no gsm8k/test.jsonl");
  }
}
