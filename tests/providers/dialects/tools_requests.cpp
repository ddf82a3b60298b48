#include "tools.hpp"

// Tools in requests, golden.
namespace assay::tests {

TEST_CASE("openai: tools, calls and results in a request, in every API of the family") {
  for (auto dialect : openai_family) {
    CAPTURE(dialect);
    CHECK(member(dialect, talk(), "tools") == sent(R"([
      {"type":"function","function":{"name":"weather","description":"Degrees.",
        "parameters":{"type":"object","properties":{"city":{"type":"string"},"at":{"type":"string"}}}}},
      {"type":"function","function":{"name":"clock","parameters":{"type":"object","properties":{}}}}])"));
    CHECK(member(dialect, talk(), "messages") == sent(R"([
      {"role":"user","content":"How warm is it?"},
      {"role":"assistant","content":"I look.","tool_calls":[
        {"id":"call_1","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Kyiv\",\"at\":\"noon\"}"}},
        {"id":"call_2","type":"function","function":{"name":"clock","arguments":"{}"}}]},
      {"role":"tool","content":"21","tool_call_id":"call_1"},
      {"role":"tool","content":"12:00","tool_call_id":"call_2"},
      {"role":"user","content":"And now?"}])"));
  }
  auto silent = talk();
  silent.messages[1].content.clear();
  CHECK(ordered_json::parse(member("openai", silent, "messages"))[1]["content"] == nullptr);
}

TEST_CASE("anthropic: results of several tools are one message of the user, after the calls") {
  CHECK(member("anthropic", talk(), "tools") == sent(R"([
    {"name":"weather","description":"Degrees.",
     "input_schema":{"type":"object","properties":{"city":{"type":"string"},"at":{"type":"string"}}}},
    {"name":"clock","input_schema":{"type":"object","properties":{}}}])"));
  CHECK(member("anthropic", talk(), "messages") == sent(R"([
    {"role":"user","content":"How warm is it?"},
    {"role":"assistant","content":[{"type":"text","text":"I look."},
      {"type":"tool_use","id":"call_1","name":"weather","input":{"city":"Kyiv","at":"noon"}},
      {"type":"tool_use","id":"call_2","name":"clock","input":{}}]},
    {"role":"user","content":[{"type":"tool_result","tool_use_id":"call_1","content":"21"},
      {"type":"tool_result","tool_use_id":"call_2","content":"12:00"}]},
    {"role":"user","content":"And now?"}])"));
}

TEST_CASE("gemini: a result has the name of the tool, which the call before it tells") {
  CHECK(member("gemini", talk(), "tools") == sent(R"([{"functionDeclarations":[
    {"name":"weather","description":"Degrees.","parametersJsonSchema":
      {"type":"object","properties":{"city":{"type":"string"},"at":{"type":"string"}}}},
    {"name":"clock","description":"","parametersJsonSchema":{"type":"object","properties":{}}}]}])"));
  CHECK(member("gemini", talk(), "contents") == sent(R"([
    {"role":"user","parts":[{"text":"How warm is it?"}]},
    {"role":"model","parts":[{"text":"I look."},
      {"functionCall":{"name":"weather","args":{"city":"Kyiv","at":"noon"}}},
      {"functionCall":{"name":"clock","args":{}}}]},
    {"role":"user","parts":[{"functionResponse":{"name":"weather","response":{"output":"21"}}},
      {"functionResponse":{"name":"clock","response":{"output":"12:00"}}}]},
    {"role":"user","parts":[{"text":"And now?"}]}])"));
}

TEST_CASE("gemini: ids repeat from answer to answer, so the nearest call before a result counts") {
  auto q = talk();
  q.messages = {{role::user, "?"},
                {role::assistant, "", {{"call_1", "weather", "{}"}}},
                {role::tool, "21", {}, "call_1"},
                {role::assistant, "", {{"call_1", "clock", "{}"}}},
                {role::tool, "12:00", {}, "call_1"}};
  auto contents = ordered_json::parse(member("gemini", q, "contents"));
  CHECK(contents[2]["parts"][0]["functionResponse"]["name"] == "weather");
  CHECK(contents[4]["parts"][0]["functionResponse"]["name"] == "clock");
}

TEST_CASE("arguments that are no object are wrapped where an API wants one, and kept elsewhere") {
  auto q = talk();
  const std::string deep(70, '[');
  const std::string too_deep = "{\"x\":" + deep + std::string(70, ']') + "}";
  for (const std::string& bad : {std::string(R"({"city":)"), std::string("[1]"), too_deep}) {
    q.messages[1].calls[0].arguments = bad;
    auto claude = ordered_json::parse(member("anthropic", q, "messages"));
    CHECK(claude[1]["content"][1]["input"] == ordered_json{{"INVALID_JSON", bad}});
    auto google = ordered_json::parse(member("gemini", q, "contents"));
    CHECK(google[1]["parts"][1]["functionCall"]["args"] == ordered_json{{"INVALID_JSON", bad}});
    auto openai = ordered_json::parse(member("openai", q, "messages"));
    CHECK(openai[1]["tool_calls"][0]["function"]["arguments"] == bad);
  }
}

TEST_CASE("a tool whose schema is no object is a problem that names it") {
  for (auto* bad : {"[]", "{\"type\":", "7"})
    for (auto dialect : {"openai", "anthropic", "gemini"}) {
      auto q = talk();
      q.tools[0].parameters = bad;
      auto request = made(dialect, q);
      REQUIRE_FALSE(request.has_value());
      CHECK(render(request.error()) ==
            "tool weather: the schema of its arguments is no JSON object (write one such as "
            R"({"type": "object", "properties": {}}))");
    }
  auto q = talk();
  q.tools[0].parameters = "{\"x\":" + std::string(100'000, '[') + std::string(100'000, ']') + "}";
  for (auto dialect : {"openai", "anthropic", "gemini"}) CHECK_FALSE(made(dialect, q).has_value());
}

}  // namespace assay::tests
