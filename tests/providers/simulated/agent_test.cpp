#include <doctest/doctest.h>

#include "providers/simulated/tool_script.hpp"
#include "tests/providers/simulated/asking.hpp"

using namespace assay;
using namespace assay::tests;
using namespace assay::simulated;

namespace {

constexpr auto script = R"([
  [{"name": "search", "arguments": {"query": "price"}}, {"name": "list", "arguments": {}}],
  {"name": "calculator", "arguments": {"expression": "{{1}} * 2"}},
  "It is {{3}}, said \"{{2}}\"."])";

const json tools = json::parse(R"([{"type": "function", "function": {"name": "calculator",
  "description": "Counts.", "parameters": {"type": "object", "properties": {"expression":
  {"type": "string"}, "digits": {"type": "integer", "minimum": 2}, "extra": {}},
  "required": ["expression", "digits"]}}}])");

sample scripted(const std::string& text = script) {
  auto one = item("q", "What do two of them cost?", "42");
  one.fields = {{"script", text}, {"other", "x"}};
  return one;
}

/// Plays a conversation to its end; what is said at each step, results being `result N`.
struct talk {
  service lab;
  json messages = {{{"role", "user"}, {"content", "What do two of them cost?"}}};
  int results = 0;

  explicit talk(const sample& about, double accuracy = 1) : lab(mock_of(accuracy), {about}) {}

  static mock_settings mock_of(double accuracy) {
    auto model = model_named("m", accuracy);
    model.plays = "agent";
    return mock_with(model);
  }

  json step() {
    auto handled = ask(lab, json{{"model", "m"}, {"messages", messages}, {"tools", tools}}.dump());
    REQUIRE(handled.what.status == 200);
    json said = body_of(handled.what)["choices"][0]["message"];
    messages.push_back(said);
    for (const auto& call : said.value("tool_calls", json::array()))
      messages.push_back({{"role", "tool"},
                          {"tool_call_id", call["id"]},
                          {"content", "result " + std::to_string(++results) + "\n"}});
    return said;
  }

  static std::string arguments(const json& said, std::size_t i = 0) {
    return said["tool_calls"][i]["function"]["arguments"].get<std::string>();
  }
};

}  // namespace

TEST_CASE("a model that plays an agent says its script, step by step, with the results so far") {
  talk t(scripted());
  auto first = t.step();
  REQUIRE(first["tool_calls"].size() == 2);
  CHECK(first["tool_calls"][0]["function"]["name"] == "search");
  CHECK(talk::arguments(first) == R"({"query":"price"})");
  CHECK(talk::arguments(first, 1) == "{}");
  auto second = t.step();
  REQUIRE(second["tool_calls"].size() == 1);
  CHECK(talk::arguments(second) == R"({"expression":"result 1 * 2"})");
  auto last = t.step();
  CHECK_FALSE(last.contains("tool_calls"));
  CHECK(last["content"] == "It is result 3, said \"result 2\".");
}

TEST_CASE("a script without last words ends in the right answer") {
  talk t(scripted(R"([{"name": "calculator", "arguments": {}}])"));
  t.step();
  CHECK(t.step()["content"] == "42");
}

TEST_CASE("without a script each tool that is offered is called once, as its schema requires") {
  talk t(item("q", "What do two of them cost?", "42"));
  auto first = t.step();
  REQUIRE(first["tool_calls"].size() == 1);
  CHECK(talk::arguments(first) == R"({"digits":2,"expression":"1 + 1"})");
  CHECK(t.step()["content"] == "42");
}

TEST_CASE("a malformed call is followed by the same step again, and its result does not count") {
  talk t(scripted(), 0.5);
  int malformed = 0;
  json said;
  for (int steps = 0; steps < 100; ++steps) {
    said = t.step();
    if (!said.contains("tool_calls")) break;
    auto name = said["tool_calls"][0]["function"]["name"].get<std::string>();
    auto given = json::parse(talk::arguments(said), nullptr, false);
    malformed +=
        given.is_discarded() || name.ends_with("_tool") || given.contains("no_such_argument");
  }
  CHECK(malformed > 0);
  CHECK_FALSE(said.contains("tool_calls"));
}

TEST_CASE("a model that is always wrong never gets beyond its first step") {
  talk t(scripted(), 0);
  for (int steps = 0; steps < 20; ++steps) CHECK(t.step().contains("tool_calls"));
  talk without(scripted("[\"right\"]"), 0);
  CHECK(without.step()["content"] != "right");
}

TEST_CASE("a script that is none says nothing, and steps of another form are left out") {
  CHECK(read_script("").empty());
  CHECK(read_script("{}").empty());
  CHECK(read_script("[1, null, [], {\"name\": 5}, [{\"arguments\": {}}]]").empty());
  auto two = read_script(R"(["end", {"name": "calculator"}])");
  CHECK(two == tool_script{{"end", {}}});
}
