// The part `extractor`: reads a form and passages from a prompt and answers in the demanded form.

#include <doctest/doctest.h>

#include <map>

#include "providers/simulated/extraction_form.hpp"
#include "tests/providers/simulated/asking.hpp"

using namespace assay;
using namespace assay::tests;
using simulated::look_up;
using simulated::read_form;

namespace {

const std::string prompt = R"(Passages:

<passage id="1" document="a.txt" lines="1-2">
Customer: ACME, Inc.
Signed: December 31 , 2007
</passage>

<passage id="2" document="b.txt" lines="1-9">
- | 2007 | 2006
weighted average price of 2007 | $ 60.94 | ( 37 )
active: yes
goods: coal; iron ore
</passage>

Fields, an object a line:
{"id":1,"name":"customer","expects":"a text"}
{"id":2,"name":"signed","expects":"a date such as \"2007-12-31\""}
{"id":3,"name":"price","expects":"a number","description":"the row 'weighted average price of 2007', 2007"}
{"id":4,"name":"loss","expects":"a whole number","description":"the row 'weighted average price of 2007' in 2006"}
{"id":5,"name":"active","expects":"true or false"}
{"id":6,"name":"goods","expects":"a list of texts"}
{"id":7,"name":"kind","expects":"one of \"coal\", \"iron\"","description":"'goods'"}
{"id":8,"name":"nowhere","expects":"a text"}

Reply with one JSON list and nothing else
)";

/// The answers by the fields' numbers.
std::map<int, json> answers_of(double accuracy, const std::string& asked = prompt) {
  auto model = model_named("m", accuracy);
  model.plays = "extractor";
  simulated::service lab(mock_with(model), {});
  std::map<int, json> answers;
  for (const auto& item : json::parse(text_of(ask(lab, chat(asked)).what)))
    answers[item["id"]] = item["answer"];
  return answers;
}

}  // namespace

TEST_CASE("passages and fields of a prompt are read, whatever their element is called") {
  auto form = read_form(prompt);
  REQUIRE(form.passages.size() == 2);
  CHECK(form.passages[1].id == 2);
  CHECK(form.passages[0].text == "Customer: ACME, Inc.\nSigned: December 31 , 2007");
  REQUIRE(form.fields.size() == 8);
  CHECK(form.fields[2].name == "price");
  auto renamed = read_form("\n<passage-2- id=\"4\" document=\"d\">\n</passage>\n</passage-2->\n");
  REQUIRE(renamed.passages.size() == 1);
  CHECK(renamed.passages[0].id == 4);
  CHECK(renamed.passages[0].text == "</passage>");
  CHECK(read_form("\n<passage id=\"1\">\nwithout an end").passages.empty());
  CHECK(read_form("{\"id\": 1}\n{\"id\": broken").fields.empty());
}

TEST_CASE("a value is looked up by its label and year, and read as what is expected") {
  auto form = read_form(prompt);
  const std::pair<json, int> wanted[] = {
      {"ACME, Inc.", 1}, {"2007-12-31", 1},         {60.94, 2},  {-37, 2},
      {true, 2},         {{"coal", "iron ore"}, 2}, {"coal", 2}, {nullptr, 0}};
  for (std::size_t i = 0; i < form.fields.size(); ++i) {
    CAPTURE(form.fields[i].name);
    auto found = look_up(form, form.fields[i]);
    CHECK(found.value == wanted[i].first);
    CHECK(found.passage == wanted[i].second);
  }
}

TEST_CASE(
    "an extractor without a fault answers every field with its passage, or says it is nowhere") {
  auto answers = answers_of(1);
  REQUIRE(answers.size() == 8);
  CHECK(answers[3] == json{{"value", 60.94}, {"passage", 2}});
  CHECK(answers[8] == json{{"value", nullptr}});
}

TEST_CASE("an extractor with faults leaves fields out, mistakes their type, or names no source") {
  int left_out = 0, wrong_type = 0, no_source = 0;
  for (int i = 0; i < 40; ++i) {
    auto answers = answers_of(0, prompt + std::to_string(i));
    if (!answers.contains(3))
      ++left_out;
    else if (!answers[3].contains("passage"))
      ++no_source;
    else if (answers[3]["value"] == "about 60.94")
      ++wrong_type;
    CHECK(answers[8] == json{{"value", nullptr}});
  }
  CHECK(left_out + wrong_type + no_source == 40);
  CHECK(left_out > 4);
  CHECK(wrong_type > 4);
  CHECK(no_source > 4);
}

TEST_CASE("the same prompt is answered in the same way") {
  CHECK(answers_of(0.5) == answers_of(0.5));
}

TEST_CASE("an extractor answers other prompts as any model does") {
  CHECK(answers_of(1, prompt).size() == 8);
  auto model = model_named("m");
  model.plays = "extractor";
  simulated::service lab(mock_with(model), {});
  CHECK(text_of(ask(lab, chat("What is 2 + 3?")).what) == "5");
}
