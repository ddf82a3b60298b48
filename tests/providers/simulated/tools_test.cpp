#include <doctest/doctest.h>

#include "providers/simulated/play.hpp"
#include "tests/providers/simulated/asking.hpp"

// Expected shapes are written by hand after the documentation of each API.

using namespace assay;
using namespace assay::tests;
using simulated::anthropic_wire;
using simulated::completion;
using simulated::gemini_wire;
using simulated::openai_wire;

namespace {

/// A question, two calls at once, their results.
std::vector<chat_message> talk(const std::string& first_id, const std::string& second_id) {
  return {
      {role::system, "Use the tools."},
      {role::user, "How warm is it?"},
      {role::assistant,
       "I look.",
       {{first_id, "weather", R"({"city":"Kyiv"})"}, {second_id, "weather", R"({"city":"Bonn"})"}}},
      {role::tool, "21", {}, first_id},
      {role::tool, "18", {}, second_id}};
}

const std::string schema = R"({"properties":{"city":{"type":"string"}},"type":"object"})";
const std::vector<tool_declaration> offered{{"weather", "Degrees.", schema}};

const char* const openai_talk = R"({"model":"m","messages":[
  {"role":"system","content":"Use the tools."},
  {"role":"user","content":"How warm is it?"},
  {"role":"assistant","content":"I look.","tool_calls":[
    {"id":"call_a","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Kyiv\"}"}},
    {"id":"call_b","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Bonn\"}"}}]},
  {"role":"tool","tool_call_id":"call_a","content":"21"},
  {"role":"tool","tool_call_id":"call_b","content":"18"}],
  "tools":[{"type":"function","function":{"name":"weather","description":"Degrees.",
    "parameters":{"type":"object","properties":{"city":{"type":"string"}}}}}]})";

const char* const anthropic_talk =
    R"({"model":"m","max_tokens":9,"system":"Use the tools.","messages":[
  {"role":"user","content":"How warm is it?"},
  {"role":"assistant","content":[{"type":"text","text":"I look."},
    {"type":"tool_use","id":"toolu_a","name":"weather","input":{"city":"Kyiv"}},
    {"type":"tool_use","id":"toolu_b","name":"weather","input":{"city":"Bonn"}}]},
  {"role":"user","content":[
    {"type":"tool_result","tool_use_id":"toolu_a","content":"21"},
    {"type":"tool_result","tool_use_id":"toolu_b","content":[{"type":"text","text":"18"}]}]}],
  "tools":[{"name":"weather","description":"Degrees.",
    "input_schema":{"type":"object","properties":{"city":{"type":"string"}}}}]})";

const char* const gemini_talk =
    R"({"systemInstruction":{"parts":[{"text":"Use the tools."}]},"contents":[
  {"role":"user","parts":[{"text":"How warm is it?"}]},
  {"role":"model","parts":[{"text":"I look."},
    {"functionCall":{"name":"weather","args":{"city":"Kyiv"}}},
    {"functionCall":{"name":"weather","args":{"city":"Bonn"}}}]},
  {"role":"user","parts":[{"functionResponse":{"name":"weather","response":{"output":"21"}}},
    {"functionResponse":{"name":"weather","response":{"output":"18"}}}]}],
  "tools":[{"functionDeclarations":[{"name":"weather","description":"Degrees.",
    "parameters":{"type":"object","properties":{"city":{"type":"string"}}}}]}]})";

std::string without(std::string text, const std::string& part) {
  auto at = text.find(part);
  REQUIRE(at != std::string::npos);
  return text.erase(at, part.size());
}

/// An answer with a little text and two calls.
completion wish() {
  completion c;
  c.id = "1f";
  c.model = "m";
  c.text = "I look.";
  c.calls = {{"1f1", "weather", R"({"city":"Kyiv"})"}, {"1f2", "clock", "{}"}};
  c.input_tokens = 7;
  c.output_tokens = 10;
  return c;
}

std::vector<sse_event> stream_of(const simulated::wire_format& format, const completion& c) {
  return events_of(bytes_of(simulated::play_stream(format, c, {}, simulated::fault::none)));
}

}  // namespace

TEST_CASE("a conversation with tools is read alike in every format") {
  auto openai = openai_wire().read(openai_talk);
  REQUIRE(openai.has_value());
  CHECK(openai->messages == talk("call_a", "call_b"));
  CHECK(openai->tools == offered);
  CHECK(openai->prompt == "How warm is it?");
  auto claude = anthropic_wire().read(anthropic_talk);
  REQUIRE(claude.has_value());
  CHECK(claude->messages == talk("toolu_a", "toolu_b"));
  CHECK(claude->tools == offered);
  auto google = gemini_wire().read(gemini_talk);
  REQUIRE(google.has_value());
  CHECK(google->messages == talk("call_1", "call_2"));
  CHECK(google->tools == offered);
  CHECK(claude->conversation == openai->conversation);
  CHECK(google->conversation == openai->conversation);
  CHECK(claude->input_tokens == openai->input_tokens);
}

TEST_CASE("calls, results and tools count as input, and results change what is drawn") {
  auto whole = openai_wire().read(openai_talk);
  auto shorter = std::string(openai_talk);
  shorter.replace(shorter.find("\"18\""), 4, "\"1800\"");
  auto other = openai_wire().read(shorter);
  REQUIRE((whole.has_value() && other.has_value()));
  CHECK(other->conversation != whole->conversation);
  CHECK(whole->before == other->before);
  // 14 + 15 + 7 characters of text, 2 x (7 + 15) of calls, 2 + 2 of results, 7 + 8 + 62 of a tool.
  CHECK(whole->input_tokens == 4 + 4 + 2 + 2 * 6 + 1 + 1 + (7 + 8 + schema.size() + 3) / 4);
}

TEST_CASE("a call without its result, and a result without its call, are refused") {
  const auto refused = [](const simulated::wire_format& format, const std::string& body) {
    auto read = format.read(body);
    return !read.has_value() && read.error().why == simulated::failure::bad_request;
  };
  CHECK(refused(openai_wire(), without(openai_talk, R"(,
  {"role":"tool","tool_call_id":"call_b","content":"18"})")));
  CHECK(
      refused(openai_wire(),
              without(openai_talk, R"({"role":"tool","tool_call_id":"call_a","content":"21"},)")));
  auto twice = std::string(openai_talk);
  CHECK(refused(openai_wire(), twice.insert(twice.find("],\n  \"tools\""), R"(,
    {"role":"tool","tool_call_id":"call_b","content":"18"})")));
  auto between = std::string(openai_talk);
  CHECK(refused(openai_wire(), between.insert(between.find(R"({"role":"tool")"),
                                              R"({"role":"user","content":"And?"},)")));
  auto strange = std::string(openai_talk);
  CHECK(refused(openai_wire(), strange.replace(strange.rfind("call_b"), 6, "call_c")));
  CHECK(refused(anthropic_wire(),
                without(anthropic_talk,
                        R"({"type":"tool_result","tool_use_id":"toolu_a","content":"21"},)")));
  CHECK(refused(gemini_wire(),
                without(gemini_talk,
                        R"({"functionResponse":{"name":"weather","response":{"output":"21"}}},)")));
  auto unnamed = std::string(gemini_talk);
  CHECK(refused(gemini_wire(),
                unnamed.replace(unnamed.rfind("\"weather\",\"response\""), 9, "\"clock\"")));
}

TEST_CASE("an OpenAI answer with tool calls, whole and streamed in pieces by index") {
  auto c = wish();
  auto choice = json::parse(openai_wire().whole(c))["choices"][0];
  CHECK(choice["finish_reason"] == "tool_calls");
  CHECK(choice["message"] == json::parse(R"({"role":"assistant","content":"I look.","refusal":null,
    "tool_calls":[
      {"id":"call_1f1","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Kyiv\"}"}},
      {"id":"call_1f2","type":"function","function":{"name":"clock","arguments":"{}"}}]})"));
  auto events = stream_of(openai_wire(), c);
  std::vector<json> deltas;
  for (std::size_t i = 0; i + 1 < events.size(); ++i)
    deltas.push_back(json::parse(events[i].data)["choices"][0]["delta"]);
  const auto piece = [](const char* index, const char* rest) {
    return json::parse(std::string(R"({"tool_calls":[{"index":)") + index + "," + rest + "}]}");
  };
  REQUIRE(deltas.size() == 11);
  CHECK(deltas[3] == piece("0", R"("id":"call_1f1","type":"function",
                                   "function":{"name":"weather","arguments":""})"));
  CHECK(deltas[4] == piece("0", R"("function":{"arguments":"{\"ci"})"));
  CHECK(deltas[7] == piece("0", R"("function":{"arguments":"v\"}"})"));
  CHECK(deltas[8] == piece("1", R"("id":"call_1f2","type":"function",
                                   "function":{"name":"clock","arguments":""})"));
  CHECK(deltas[9] == piece("1", R"("function":{"arguments":"{}"})"));
  CHECK(deltas[10] == json::object());
  c.text.clear();
  CHECK(json::parse(openai_wire().whole(c))["choices"][0]["message"]["content"] == nullptr);
}

TEST_CASE("an Anthropic answer with tool calls, whole and streamed as blocks") {
  auto c = wish();
  auto whole = json::parse(anthropic_wire().whole(c));
  CHECK(whole["stop_reason"] == "tool_use");
  CHECK(whole["content"] == json::parse(R"([{"type":"text","text":"I look."},
    {"type":"tool_use","id":"toolu_1f1","name":"weather","input":{"city":"Kyiv"}},
    {"type":"tool_use","id":"toolu_1f2","name":"clock","input":{}}])"));
  std::string shape;
  std::vector<json> data;
  for (const auto& e : stream_of(anthropic_wire(), c)) {
    data.push_back(json::parse(e.data));
    shape += e.name + (data.back().contains("index") ? data.back()["index"].dump() : "") + " ";
  }
  CHECK(shape ==
        "message_start content_block_start0 ping content_block_delta0 content_block_delta0 "
        "content_block_stop0 content_block_start1 content_block_delta1 content_block_delta1 "
        "content_block_delta1 content_block_delta1 content_block_stop1 content_block_start2 "
        "content_block_delta2 content_block_stop2 message_delta message_stop ");
  CHECK(data[6]["content_block"] ==
        json::parse(R"({"type":"tool_use","id":"toolu_1f1","name":"weather","input":{}})"));
  CHECK(data[7]["delta"] == json::parse(R"({"type":"input_json_delta","partial_json":"{\"ci"})"));
  c.text.clear();
  CHECK(json::parse(anthropic_wire().whole(c))["content"].size() == 2);
  auto silent = stream_of(anthropic_wire(), c);
  CHECK(silent[1].name == "ping");
  CHECK(json::parse(silent[2].data)["index"] == 0);
}

TEST_CASE("a Gemini answer with tool calls, whole and streamed, each call in one piece") {
  auto c = wish();
  auto whole = json::parse(gemini_wire().whole(c))["candidates"][0];
  CHECK(whole["finishReason"] == "STOP");
  CHECK(whole["content"]["parts"] == json::parse(R"([{"text":"I look."},
    {"functionCall":{"name":"weather","args":{"city":"Kyiv"}}},
    {"functionCall":{"name":"clock","args":{}}}])"));
  auto events = stream_of(gemini_wire(), c);
  REQUIRE(events.size() == 5);
  const auto part = [&](std::size_t i) {
    return json::parse(events[i].data)["candidates"][0]["content"]["parts"][0];
  };
  CHECK(part(2) == json::parse(R"({"functionCall":{"name":"weather","args":{"city":"Kyiv"}}})"));
  CHECK(part(3) == json::parse(R"({"functionCall":{"name":"clock","args":{}}})"));
}

TEST_CASE("arguments that are no object are sent as they are where the format has text for them") {
  auto c = wish();
  c.calls = {{"1", "clock", "{\"zone\":"}};
  CHECK(json::parse(openai_wire().whole(
            c))["choices"][0]["message"]["tool_calls"][0]["function"]["arguments"] == "{\"zone\":");
  CHECK(json::parse(anthropic_wire().whole(c))["content"][1]["input"] == json::object());
  CHECK(bytes_of(simulated::play_stream(anthropic_wire(), c, {}, simulated::fault::none))
            .find(R"("partial_json":"{\"zo")") != std::string::npos);
  CHECK(json::parse(gemini_wire().whole(
            c))["candidates"][0]["content"]["parts"][1]["functionCall"]["args"] == json::object());
}

TEST_CASE("a body that nests without end is refused, wherever it nests") {
  simulated::service lab(mock_with(model_named("m")), {});
  const std::size_t levels = 200'000;
  const auto deep = std::string(levels, '[') + std::string(levels, ']');
  auto body = R"({"model":"m","max_tokens":9,"messages":[{"role":"user","content":"x"}],"contents":[
    {"parts":[{"text":"x"}]}],"tools":[{"input_schema":)" +
              deep + R"(,"function":{"parameters":)" + deep +
              R"(},"functionDeclarations":[{"parameters":)" + deep + "}]}]}";
  for (const auto* path :
       {"/v1/chat/completions", "/v1/messages", "/v1beta/models/m:generateContent"})
    CHECK(ask(lab, body, start, path).what.status == 400);
}
