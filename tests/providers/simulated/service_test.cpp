#include <doctest/doctest.h>

#include <cmath>
#include <map>

#include "tests/providers/simulated/asking.hpp"

using namespace assay;
using namespace assay::tests;

namespace {

int count_right(simulated::service& s, const std::vector<sample>& samples) {
  int right = 0;
  for (const auto& item : samples) {
    const auto h = ask(s, chat("Q: " + item.input));
    s.release();
    CHECK(h.log.sample_id == item.id);
    const bool says_it = text_of(h.what) == item.targets[0];
    CHECK(h.log.right == says_it);
    right += says_it ? 1 : 0;
  }
  return right;
}

}  // namespace

TEST_CASE("the truth log says of every answer whether it is right, and it is") {
  const auto samples = numbered(2'000);
  for (const double accuracy : {0.0, 0.3, 0.8, 1.0}) {
    simulated::service s(mock_with(model_named("m", accuracy)), samples);
    const double spread = 4 * std::sqrt(accuracy * (1 - accuracy) / 2'000);
    CHECK(std::abs(count_right(s, samples) / 2'000.0 - accuracy) <= spread);
  }
}

TEST_CASE("answers, lengths and latencies are functions of seed, model and prompt alone") {
  auto settings = mock_with(model_named("m", 0.5));
  settings.models[0].first_token_ms = {100, 900};
  settings.models[0].output_tokens = {20, 90};
  const auto samples = numbered(50);
  simulated::service a(settings, samples), b(settings, samples);
  auto other = settings;
  other.seed = 2;
  simulated::service c(other, samples);
  int differ = 0;
  for (int i = 0; i < 50; ++i) {
    const auto first = ask(a, chat(samples[i].input));
    const auto second = ask(b, chat(samples[49 - i].input));  // another order, another time
    const auto same = ask(b, chat(samples[i].input), start + std::chrono::hours(1));
    CHECK(text_of(first.what) == text_of(same.what));
    CHECK(first.what.ends_after == same.what.ends_after);
    differ += ask(c, chat(samples[i].input)).what.ends_after != first.what.ends_after ? 1 : 0;
  }
  CHECK(differ == 50);
}

TEST_CASE("the same question gets the same answer in every wire format, streamed or not") {
  auto settings = mock_with(model_named("m", 0.5));
  settings.models[0].output_tokens = {9, 40};
  const auto samples = numbered(20);
  simulated::service s(settings, samples);
  for (const auto& item : samples) {
    const auto expected = text_of(ask(s, chat(item.input)).what);
    std::string streamed;
    for (const auto& e : events_of(bytes_of(ask(s, chat(item.input, {{"stream", true}})).what)))
      if (e.data != "[DONE]")
        streamed += json::parse(e.data)["choices"][0]["delta"].value("content", "");
    CHECK(streamed == expected);
    const auto claude = ask(s, chat(item.input, {{"max_tokens", 500}}), start, "/v1/messages");
    CHECK(body_of(claude.what)["content"][0]["text"] == expected);
    const json body = {{"contents", {{{"parts", {{{"text", item.input}}}}}}}};
    const auto google = ask(s, body.dump(), start, "/v1beta/models/m:generateContent");
    CHECK(body_of(google.what)["candidates"][0]["content"]["parts"][0]["text"] == expected);
  }
}

TEST_CASE("tokens come at the model's speed after the first-token latency") {
  auto settings = mock_with(model_named("m"));
  settings.models[0].first_token_ms = {200, 200};
  settings.models[0].output_tokens = {11, 11};
  settings.models[0].tokens_per_second = 50;
  simulated::service s(settings, numbered(3));
  const auto h = ask(s, chat("How much is item no. 1 worth?", {{"stream", true}}));
  REQUIRE(h.what.pieces.size() == 11);
  for (int i = 0; i < 11; ++i) CHECK(h.what.pieces[i].after == milliseconds(200 + 20 * i));
  CHECK(h.what.ends_after == milliseconds(400));
  const auto whole = ask(s, chat("How much is item no. 1 worth?"));
  REQUIRE(whole.what.pieces.size() == 1);
  CHECK(whole.what.pieces[0].after == milliseconds(400));
  CHECK(body_of(whole.what)["usage"]["completion_tokens"] == 11);
}

TEST_CASE("without a token speed the answer comes at once, as several events") {
  auto settings = mock_with(model_named("m"));
  settings.models[0].output_tokens = {40, 40};
  simulated::service s(settings, numbered(3));
  const auto h = ask(s, chat("How much is item no. 1 worth?", {{"stream", true}}));
  REQUIRE(h.what.pieces.size() == 1);
  CHECK(h.what.pieces[0].after == milliseconds(50));
  CHECK(events_of(bytes_of(h.what)).size() == 7);  // role, 4 of content, finish, [DONE]
}

TEST_CASE("answers have the length that was asked for, padded in front of the answer") {
  auto settings = mock_with(model_named("m"));
  settings.models[0].output_tokens = {30, 30};
  simulated::service s(settings, numbered(3));
  const auto h = ask(s, chat("How much is item no. 1 worth?"));
  CHECK(body_of(h.what)["usage"]["completion_tokens"] == 30);
  CHECK(text_of(h.what).ends_with("\n1001"));
  CHECK(h.log.right);
  const auto capped = ask(s, chat("How much is item no. 1 worth?", {{"max_tokens", 10}}));
  CHECK(body_of(capped.what)["usage"]["completion_tokens"] == 10);
  CHECK(body_of(capped.what)["choices"][0]["finish_reason"] == "stop");
  CHECK(text_of(capped.what).ends_with("\n1001"));
}

TEST_CASE("prompts it does not know get a sum or an echo") {
  simulated::service s(mock_with(model_named("m")), {});
  const auto sum = ask(s, chat("What is 20 + 22?"));
  CHECK(text_of(sum.what) == "42");
  CHECK(sum.log.right);
  CHECK(sum.log.sample_id.empty());
  const auto echo = ask(s, chat("Hello there"));
  CHECK(text_of(echo.what) == "echo: Hello there");
  CHECK_FALSE(echo.log.right);
  simulated::service wrong(mock_with(model_named("m", 0)), {});
  CHECK(text_of(ask(wrong, chat("What is 20 + 22?")).what) == "43");
}

TEST_CASE("the sample is looked for in the last user message only") {
  simulated::service s(mock_with(model_named("m")), numbered(3));
  const json messages = {{{"role", "system"}, {"content", "How much is item no. 0 worth?"}},
                         {{"role", "user"}, {"content", "How much is item no. 1 worth?"}},
                         {{"role", "assistant"}, {"content", "1001"}},
                         {{"role", "user"}, {"content", "How much is item no. 2 worth?"}}};
  CHECK(ask(s, chat("", {{"messages", messages}})).log.sample_id == "q2");
}

TEST_CASE("a sample without a target is answered wrongly, never rightly") {
  auto bare = item("bare", "What is the meaning of it all?", "");
  bare.targets.clear();
  simulated::service s(mock_with(model_named("m")), {bare});
  const auto h = ask(s, chat("What is the meaning of it all?"));
  CHECK(h.log.sample_id == "bare");
  CHECK_FALSE(h.log.right);
}

TEST_CASE("the truth log counts attempts per model and prompt, and tells arrival and load") {
  auto settings = mock_with(model_named("m"));
  settings.models.push_back(model_named("n"));
  simulated::service s(settings, numbered(3));
  CHECK(ask(s, chat("How much is item no. 1 worth?")).log.attempt == 1);
  CHECK(ask(s, chat("How much is item no. 1 worth?", {{"model", "n"}})).log.attempt == 1);
  CHECK(ask(s, chat("How much is item no. 2 worth?")).log.attempt == 1);
  const auto again = ask(s, chat("How much is item no. 1 worth?"), start + milliseconds(1500));
  CHECK(again.log.attempt == 2);
  CHECK(again.log.in_flight == 4);
  CHECK(again.log.at_s == doctest::Approx(1.5));
  s.release();
  s.release();
  CHECK(ask(s, chat("x"), start + milliseconds(1500)).log.in_flight == 3);
  CHECK(simulated::to_json(again.log) ==
        R"({"mock":"lab","at_s":1.500000,"path":"/v1/chat/completions","model":"m",)"
        R"("sample_id":"q1","attempt":2,"status":200,"fault":"","right":true,"in_flight":4})");
}

TEST_CASE("a model of programs gives the dataset's solution, or prints the answer") {
  auto settings = mock_with(model_named("m", 1));
  settings.models[0].programs = true;
  sample solved{.id = "s", .input = "def twice(x):\n    \"\"\" Twice x. \"\"\""};
  solved.fields = {{"canonical_solution", "    return 2 * x\n"}, {"other", "field"}};
  sample counted{.id = "c", .input = "How many eggs are left?", .targets = {"so\n#### 18"}};
  simulated::service right(settings, {solved, counted});
  CHECK(text_of(ask(right, chat("Complete:\n" + solved.input)).what) ==
        "```python\n    return 2 * x\n```");
  auto printed = ask(right, chat(counted.input));
  CHECK(text_of(printed.what) == "```python\nanswer = '18'\nprint(answer)\n```");
  CHECK(printed.log.right);
  settings.models[0].accuracy = 0;
  simulated::service wrong(settings, {solved, counted});
  auto answer = ask(wrong, chat("Complete:\n" + solved.input));
  CHECK(text_of(answer.what).find("2 * x") == std::string::npos);
  CHECK(text_of(answer.what).starts_with("```python\n    "));
  CHECK_FALSE(answer.log.right);
}

TEST_CASE("a model that draws again answers the same prompt rightly in its share of attempts") {
  auto settings = mock_with(model_named("m", 0.6));
  const auto samples = numbered(200);
  settings.models[0].resample = true;
  simulated::service s(settings, samples);
  int right = 0;
  int changed = 0;
  for (const auto& item : samples) {
    int of_this = 0;
    for (int epoch = 0; epoch < 5; ++epoch) {
      const auto h = ask(s, chat("Q: " + item.input));
      s.release();
      CHECK(h.log.right == (text_of(h.what) == item.targets[0]));
      of_this += h.log.right ? 1 : 0;
    }
    right += of_this;
    changed += of_this > 0 && of_this < 5 ? 1 : 0;
  }
  CHECK(std::abs(right / 1'000.0 - 0.6) <= 4 * std::sqrt(0.6 * 0.4 / 1'000));
  CHECK(changed > 150);  // 1 - 0.6^5 - 0.4^5 = 91 %
}
