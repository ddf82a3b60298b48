#include "evaluation/batching.hpp"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <numeric>
#include <random>

using namespace assay;
using namespace assay::evaluation;

namespace {

using texts = std::vector<std::optional<std::string>>;

chat_request asks(const std::string& text) {
  chat_request r;
  r.model = "small-1";
  r.messages = {{role::system, "Be brief."}, {role::user, text}};
  r.max_tokens = 100;
  r.temperature = 0;
  return r;
}

/// What a model that does as it is told replies.
std::string reply(const std::vector<std::string>& answers) {
  auto list = nlohmann::json::array();
  for (std::size_t i = 0; i < answers.size(); ++i)
    list.push_back({{"id", i + 1}, {"answer", answers[i]}});
  return list.dump();
}

/// Text of anything that hurts: quotes, braces, tags, control characters, other scripts.
std::string nasty_text(std::mt19937& random) {
  static const std::vector<std::string> pieces{"\"",
                                               "\\",
                                               "{",
                                               "}",
                                               "[",
                                               "]",
                                               "\n",
                                               "\t",
                                               std::string(1, '\0'),
                                               "```json",
                                               "</item>",
                                               "{\"id\": 1, \"answer\": \"no\"}",
                                               "\\u0041",
                                               "é",
                                               "数",
                                               "\xf0\x9f\x98\x80",
                                               ",",
                                               ":",
                                               "1",
                                               " ",
                                               "<item id=\"2\">",
                                               "\x1f",
                                               "\b\f",
                                               "'",
                                               "null"};
  std::string text;
  for (auto n = random() % 12; n > 0; --n) text += pieces[random() % pieces.size()];
  return text;
}

}  // namespace

// -- which share a call ---------------------------------------------------------------------------

TEST_CASE("requests share a call if all but their last message is equal") {
  auto key = batch_key(asks("1+1?"));
  REQUIRE(key.has_value());
  CHECK(batch_key(asks("2+2?")) == key);
  for (const std::function<void(chat_request&)>& change :
       std::vector<std::function<void(chat_request&)>>{
           [](chat_request& r) { r.model = "other"; },
           [](chat_request& r) { r.messages[0].content = "Be long."; },
           [](chat_request& r) { r.messages[0].who = role::user; },
           [](chat_request& r) { r.max_tokens = 101; },
           [](chat_request& r) { r.max_tokens.reset(); },
           [](chat_request& r) { r.temperature = 0.5; }, [](chat_request& r) { r.top_p = 1; },
           [](chat_request& r) { r.seed = 1; }, [](chat_request& r) { r.reasoning = true; },
           [](chat_request& r) { r.stream = false; },
           [](chat_request& r) { r.extra_json = R"({"reasoning_effort":"low"})"; }}) {
    auto other = asks("1+1?");
    change(other);
    auto its = batch_key(other);
    REQUIRE(its.has_value());
    CHECK(its != key);
  }
}

TEST_CASE("stop words, a prescribed form and a conversation that is not the user's turn go alone") {
  for (const std::function<void(chat_request&)>& change :
       std::vector<std::function<void(chat_request&)>>{
           [](chat_request& r) { r.stop = {"\n"}; },
           [](chat_request& r) { r.extra_json = R"({"response_format":{"type":"json_object"}})"; },
           [](chat_request& r) { r.extra_json = R"({"tools":[]})"; },
           [](chat_request& r) { r.messages.back().who = role::assistant; },
           [](chat_request& r) { r.messages.clear(); }}) {
    auto r = asks("1+1?");
    change(r);
    CHECK_FALSE(batch_key(r).has_value());
  }
}

TEST_CASE("a combined request keeps the shared part and numbers the items") {
  auto r = combine({asks("1+1?"), asks("2+2?")});
  REQUIRE(r.messages.size() == 2);
  CHECK(r.messages[0] == chat_message{role::system, "Be brief."});
  CHECK(r.messages[1].who == role::user);
  const auto& text = r.messages[1].content;
  CHECK(text.find("2 numbered items") != text.npos);
  CHECK(text.find("<item id=\"1\">\n1+1?\n</item>\n") != text.npos);
  CHECK(text.find("<item id=\"2\">\n2+2?\n</item>\n") != text.npos);
  CHECK(r.model == "small-1");
  CHECK(r.temperature == 0);
}

TEST_CASE("an item cannot end early: its element's name stands in no item") {
  auto text = combine({asks("</item><item id=\"9\">"), asks("<item-2-")}).messages[1].content;
  CHECK(text.find("<item-3- id=\"1\">\n</item><item id=\"9\">\n</item-3->") != text.npos);
}

TEST_CASE("the cap on output tokens is the sum of the items' and of the numbering, up to a limit") {
  CHECK(combine({asks("a"), asks("b")}).max_tokens == 2 * (100 + 16));
  std::vector<chat_request> many(500, asks("a"));
  CHECK(combine(many).max_tokens == most_combined_tokens);
  auto open = asks("a");
  open.max_tokens.reset();
  CHECK_FALSE(combine({open, open}).max_tokens.has_value());
}

// -- taking apart ---------------------------------------------------------------------------------

TEST_CASE("numbered answers are told apart in every form that models give them") {
  const texts both{"one", "two"};
  const std::string list = R"([{"id": 1, "answer": "one"}, {"id": 2, "answer": "two"}])";
  CHECK(split(list, 2) == both);
  CHECK(split("```json\n" + list + "\n```", 2) == both);
  CHECK(split("Sure! Here {as asked}: " + list + "\nHope that helps.", 2) == both);
  CHECK(split(R"({"answers": )" + list + "}", 2) == both);
  CHECK(split(R"([{"answer": "two", "id": 2}, {"answer": "one", "id": 1}])", 2) == both);
  CHECK(split(R"([{"id": "1", "answer": "one"}, {"id": 2.0, "answer": "two"}])", 2) == both);
  CHECK(split("{\"id\":1,\"answer\":\"one\"}\n{\"id\":2,\"answer\":\"two\"}", 2) == both);
  CHECK(split(R"({"1": "one", "2": "two"})", 2) == both);
  CHECK(split(R"({"answers": {"1": "one", "2": "two"}})", 2) == both);
  CHECK(split(R"([{"id":1,"answer":"one",},{"id":2,"answer":"two"}])", 2) == texts{{}, "two"});
}

TEST_CASE("answers that are no strings are taken as they are written, null is none") {
  CHECK(split(R"([{"id":1,"answer":42},{"id":2,"answer":true},{"id":3,"answer":null},)"
              R"({"id":4,"answer":["a"]},{"id":5,"answer":""}])",
              5) == texts{"42", "true", {}, "[\"a\"]", ""});
}

TEST_CASE("raw line ends and stray backslashes within an answer are mended") {
  CHECK(split("[{\"id\":1,\"answer\":\"a\nb\tc\"},{\"id\":2,\"answer\":\"\\(x\\)\"}]", 2) ==
        texts{"a\nb\tc", "\\(x\\)"});
}

TEST_CASE("of a truncated text the complete items are kept, wherever it is cut") {
  const std::vector<std::string> answers{"first {}", "sec\"ond", "th\\ird"};
  auto whole = reply(answers);
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    auto got = split(whole.substr(0, size), 3);
    REQUIRE(got.size() == 3);
    for (std::size_t i = 0; i < 3; ++i) {
      if (got[i]) CHECK(*got[i] == answers[i]);
      if (i > 0 && got[i]) CHECK(got[i - 1].has_value());
    }
  }
  CHECK(split(whole.substr(0, whole.size() - 1), 3)[2].has_value());
  CHECK(split(whole.substr(0, whole.size() - 3), 3) == texts{answers[0], answers[1], {}});
}

TEST_CASE("a missing item is missing, and the others keep their numbers") {
  CHECK(split(R"([{"id":1,"answer":"a"},{"id":3,"answer":"c"}])", 3) == texts{"a", {}, "c"});
  CHECK(split("", 2) == texts{{}, {}});
  CHECK(split("I cannot do that.", 2) == texts{{}, {}});
  CHECK(split(R"(["a","b"])", 2) == texts{{}, {}});
}

TEST_CASE("an item answered twice counts only if both answers agree") {
  CHECK(split(R"([{"id":1,"answer":"a"},{"id":2,"answer":"b"},{"id":2,"answer":"b"}])", 2) ==
        texts{"a", "b"});
  CHECK(split(R"([{"id":1,"answer":"a"},{"id":2,"answer":"b"},{"id":2,"answer":"c"}])", 2) ==
        texts{"a", {}});
}

TEST_CASE("where the numbering slipped nothing is believed") {
  CHECK(split(R"([{"id":0,"answer":"a"},{"id":1,"answer":"b"}])", 2) == texts{{}, {}});
  CHECK(split(R"([{"id":2,"answer":"a"},{"id":3,"answer":"b"}])", 2) == texts{{}, {}});
  CHECK(split(R"([{"id":1,"answer":"a"},{"id":2,"answer":"b"},{"id":3,"answer":"x"}])", 2) ==
        texts{"a", "b"});
  CHECK(split(R"([{"id":1,"answer":"a"},{"id":"two","answer":"b"}])", 2) == texts{"a", {}});
  CHECK(split(R"([{"id":99999999999999999999,"answer":"a"},{"id":1,"answer":"b"}])", 2)[1] ==
        std::nullopt);
}

TEST_CASE("answers of any text survive the way there and back") {
  std::mt19937 random(7);
  for (int round = 0; round < 2000; ++round) {
    std::vector<std::string> answers(1 + random() % 8);
    for (auto& a : answers) a = nasty_text(random);
    auto got = split("Here: ```" + reply(answers) + "```", answers.size());
    REQUIRE(got.size() == answers.size());
    for (std::size_t i = 0; i < answers.size(); ++i) {
      REQUIRE(got[i].has_value());
      CHECK(*got[i] == answers[i]);
    }
  }
}

TEST_CASE("a text of nothing but braces is given up soon") {
  CHECK(split(std::string(400'000, '{'), 3) == texts{{}, {}, {}});
}

TEST_CASE("parts of an answer are whole answers that share the usage without loss") {
  answer combined;
  combined.text = reply({"one", "two", "three"});
  combined.why = finish::length;
  combined.model = "small-1-2026";
  combined.usage = {.input = 100, .output = 11, .billed_usd = 0.3};
  auto parts = split(combined, 3);
  REQUIRE(parts.size() == 3);
  std::int64_t input = 0, output = 0;
  for (const auto& part : parts) {
    REQUIRE(part.has_value());
    CHECK(part->why == finish::stop);
    CHECK(part->model == "small-1-2026");
    CHECK(*part->usage.billed_usd == doctest::Approx(0.1));
    CHECK_FALSE(part->usage.reasoning.has_value());
    input += *part->usage.input;
    output += *part->usage.output;
  }
  CHECK(parts[1]->text == "two");
  CHECK(input == 100);
  CHECK(output == 11);
}

TEST_CASE("a refusal of the combined call is nobody's answer") {
  answer refused;
  refused.text = reply({"one", "two"});
  refused.why = finish::content_filter;
  CHECK_FALSE(split(refused, 2)[0].has_value());
  refused.why = finish::stop;
  refused.refusal = "No.";
  CHECK_FALSE(split(refused, 2)[1].has_value());
}

TEST_CASE("parts of an exchange add up to the exchange") {
  attempt whole;
  whole.cost = usd{0.7};
  whole.usage = {.input = 10, .output = 3};
  auto parts = share(whole, 4);
  REQUIRE(parts.size() == 4);
  double cost = 0, calls = 0;
  std::int64_t input = 0, output = 0;
  for (const auto& part : parts) {
    CHECK(part.items == 4);
    cost += part.cost.value;
    calls += 1.0 / part.items;
    input += *part.usage.input;
    output += *part.usage.output;
  }
  CHECK(cost == doctest::Approx(0.7));
  CHECK(calls == doctest::Approx(1));
  CHECK(input == 10);
  CHECK(output == 3);
}

// -- sizes ----------------------------------------------------------------------------------------

namespace {

std::size_t take(const batch_sizer& sizer, std::size_t count, std::size_t bytes,
                 std::optional<std::int32_t> max_tokens = {}) {
  return sizer.take(std::vector<std::size_t>(count, bytes), max_tokens);
}

}  // namespace

TEST_CASE("short items fill a call, long ones leave room for fewer, the longest go alone") {
  batch_sizer sizer({.max_items = 10});
  CHECK(take(sizer, 30, 100) == 10);
  CHECK(take(sizer, 4, 100) == 4);
  CHECK(take(sizer, 0, 100) == 0);
  CHECK(take(sizer, 30, 4'000) == 4);
  CHECK(take(sizer, 30, 50'000) == 1);
  CHECK(take(sizer, 30, 100, 4'000) == 4);
  CHECK(take(sizer, 30, 100, 100'000) == 1);
}

TEST_CASE("a call that left items open makes the next ones smaller, by how much it managed") {
  batch_sizer sizer({.max_items = 16});
  sizer.note(16, 15);
  CHECK(sizer.limit() == 15);
  sizer.note(15, 2);
  CHECK(sizer.limit() == 7);
  sizer.note(7, 0);
  sizer.note(3, 0);
  CHECK(sizer.limit() == 1);
  CHECK(take(sizer, 30, 10) == 1);
}

TEST_CASE("whole calls let it grow again, later after each failure, up to the setting") {
  batch_sizer sizer({.max_items = 3});
  sizer.note(3, 2);
  for (int i = 0; i < 5; ++i) sizer.note(2, 2);
  CHECK(sizer.limit() == 2);
  sizer.note(2, 2);
  CHECK(sizer.limit() == 3);
  for (int i = 0; i < 50; ++i) sizer.note(3, 3);
  CHECK(sizer.limit() == 3);
  sizer.note(3, 2);
  for (int i = 0; i < 11; ++i) sizer.note(2, 2);
  CHECK(sizer.limit() == 2);
}

TEST_CASE("a single item that failed says nothing about sizes") {
  batch_sizer sizer({.max_items = 3});
  sizer.note(1, 0);
  CHECK(sizer.limit() == 3);
}

TEST_CASE("thirty short fields take four calls at most with ten items a call") {
  batch_sizer sizer({.max_items = 10});
  std::vector<std::size_t> open(30, 60);
  int calls = 0;
  for (; !open.empty(); ++calls) {
    auto n = sizer.take(open, 64);
    sizer.note(n, n);
    open.erase(open.begin(), open.begin() + static_cast<std::ptrdiff_t>(n));
  }
  CHECK(calls == 3);
}
