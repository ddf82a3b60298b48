#include <array>
#include <nlohmann/json.hpp>

#include "stream_pieces.hpp"

// Tools in requests and answers: golden requests, and answers after the documentation of each API.
namespace assay::tests {

namespace {

using nlohmann::ordered_json;

const char* const schema =
    R"({"type":"object","properties":{"city":{"type":"string"},"at":{"type":"string"}}})";

/// Two calls at once, their results, and a question about them.
chat_request talk() {
  chat_request q;
  q.model = "m";
  q.messages = {
      {role::user, "How warm is it?"},
      {role::assistant,
       "I look.",
       {{"call_1", "weather", R"({"city":"Kyiv","at":"noon"})"}, {"call_2", "clock", ""}}},
      {role::tool, "21", {}, "call_1"},
      {role::tool, "12:00", {}, "call_2"},
      {role::user, "And now?"}};
  q.tools = {{"weather", "Degrees.", schema}, {"clock", "", ""}};
  q.stream = false;
  return q;
}

expected<http_request> made(std::string_view dialect, const chat_request& q) {
  provider_settings p;
  p.name = "p";
  p.base_url = "https://h";
  return dialects::find(dialect)->request(q, p, "k-1");
}

std::string member(std::string_view dialect, const chat_request& q, const char* name) {
  auto request = made(dialect, q);
  REQUIRE_MESSAGE(request.has_value(), render(request.error()));
  return ordered_json::parse(request->body)[name].dump();
}

/// JSON as it is sent: without blanks, in its own order.
std::string sent(const char* json) { return ordered_json::parse(json).dump(); }

const std::vector<tool_call> both{{"a", "weather", R"({"city": "Kyiv"})"}, {"b", "clock", "{}"}};

void check_calls(const exchange_result& r, const std::vector<tool_call>& calls) {
  check_answered(r);
  CHECK(r.reply.calls == calls);
  CHECK(r.reply.why == finish::tool_calls);
}

constexpr std::array openai_family{"openai",     "azure",     "groq",     "together", "deepseek",
                                   "openrouter", "dashscope", "llamacpp", "ollama",   "vllm"};

std::string openai_whole(std::string_view message, std::string_view finish = "tool_calls") {
  return R"({"id":"c-1","object":"chat.completion","choices":[{"index":0,"message":)" +
         std::string(message) + R"(,"finish_reason":")" + std::string(finish) +
         R"("}],"usage":{"prompt_tokens":9,"completion_tokens":8}})";
}

std::string openai_end(std::string_view finish = "\"tool_calls\"") {
  return chunk("{}", finish) + "data: [DONE]\n\n";
}

/// A chunk with one piece of a tool call.
std::string piece(const std::string& call) { return chunk(R"({"tool_calls":[)" + call + "]}"); }

std::string gemini_answer(const std::string& parts, std::string_view finish) {
  return R"({"candidates":[{"content":{"parts":[)" + parts + R"(],"role":"model"})" +
         (finish.empty() ? "" : R"(,"finishReason":")" + std::string(finish) + "\"") + R"(}]})";
}

std::string named(std::string_view type, const std::string& rest) {
  return "event: " + std::string(type) + "\ndata: {\"type\":\"" + std::string(type) + "\"" + rest +
         "}\n\n";
}

std::string anthropic_stream(const std::string& blocks, std::string_view stop = "tool_use") {
  return named("message_start", R"(,"message":{"id":"msg_1","role":"assistant","content":[]})") +
         blocks +
         named("message_delta", R"(,"delta":{"stop_reason":")" + std::string(stop) + "\"}") +
         named("message_stop", "");
}

std::string block_piece(int index, const std::string& json) {
  return named("content_block_delta", R"(,"index":)" + std::to_string(index) +
                                          R"(,"delta":{"type":"input_json_delta","partial_json":)" +
                                          ordered_json(json).dump() + "}");
}

}  // namespace

// -- requests -------------------------------------------------------------------------------------

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

TEST_CASE("gemini: the signature of a call goes back with it") {
  auto read =
      play("gemini", json_of(gemini_answer(
                         R"({"functionCall":{"name":"f","args":{}},"thoughtSignature":"c2ln"},
                                    {"functionCall":{"name":"g","args":{}}},
                                    {"thoughtSignature":"Zg==","functionCall":{"name":"h"}})",
                         "STOP")));
  check_calls(read,
              {{"call_1.c2ln", "f", "{}"}, {"call_2", "g", "{}"}, {"call_3.Zg==", "h", "{}"}});
  auto q = talk();
  q.messages = {{role::user, "?"}, {role::assistant, "", read.reply.calls}};
  for (const auto& call : read.reply.calls) q.messages.push_back({role::tool, "x", {}, call.id});
  auto contents = ordered_json::parse(member("gemini", q, "contents"));
  CHECK(contents[1]["parts"].dump() ==
        sent(R"([{"functionCall":{"name":"f","args":{}},"thoughtSignature":"c2ln"},
                 {"functionCall":{"name":"g","args":{}}},
                 {"functionCall":{"name":"h","args":{}},"thoughtSignature":"Zg=="}])"));
  CHECK(contents[2]["parts"][2]["functionResponse"]["name"] == "h");
}

// -- thinking -------------------------------------------------------------------------------------

/// The second message of a talk that goes on after this answer, as it is sent to a dialect.
ordered_json said_again(std::string_view dialect, const answer& said) {
  auto q = talk();
  q.messages = {{role::user, "?"}, {role::assistant, said.text, said.calls, {}, said.thinking}};
  for (const auto& call : said.calls) q.messages.push_back({role::tool, "x", {}, call.id});
  return ordered_json::parse(member(dialect, q, "messages"))[1];
}

TEST_CASE("anthropic: thinking goes back before the calls, block by block and with its signature") {
  auto whole = play_at_every_cut("anthropic", json_of(R"({"content":[
      {"type":"thinking","thinking":"Look it \"up\".","signature":"c2ln+/="},
      {"signature":"eA==","thinking":"","type":"thinking"},
      {"type":"redacted_thinking","data":"aGlkZGVu"},
      {"type":"text","text":"So."},{"type":"tool_use","id":"a","name":"clock","input":{}}],
    "stop_reason":"tool_use","usage":{"input_tokens":9,"output_tokens":8}})"));
  auto streamed = play_at_every_cut(
      "anthropic",
      stream_of(anthropic_stream(
          named("content_block_start",
                R"(,"index":0,"content_block":{"type":"thinking","thinking":"","signature":""})") +
          named("content_block_delta",
                R"(,"index":0,"delta":{"type":"thinking_delta","thinking":"Look it "})") +
          named("content_block_start",
                R"(,"index":1,"content_block":{"type":"thinking","thinking":"","signature":""})") +
          named("content_block_delta",
                R"(,"index":0,"delta":{"type":"thinking_delta","thinking":"\"up\"."})") +
          named("content_block_delta",
                R"(,"index":1,"delta":{"type":"signature_delta","signature":"eA=="})") +
          named("content_block_delta",
                R"(,"index":0,"delta":{"type":"signature_delta","signature":"c2ln+/="})") +
          named("content_block_start",
                R"(,"index":2,"content_block":{"type":"redacted_thinking","data":"aGlkZGVu"})") +
          named("content_block_start",
                R"(,"index":3,"content_block":{"type":"text","text":"So."})") +
          named(
              "content_block_start",
              R"(,"index":4,"content_block":{"type":"tool_use","id":"a","name":"clock","input":{}})"))));
  for (const auto& r : {whole, streamed}) {
    check_calls(r, {{"a", "clock", "{}"}});
    CHECK(r.reply.reasoning == "Look it \"up\".");
    CHECK(said_again("anthropic", r.reply)["content"].dump() == sent(R"([
      {"type":"thinking","thinking":"Look it \"up\".","signature":"c2ln+/="},
      {"type":"thinking","thinking":"","signature":"eA=="},
      {"type":"redacted_thinking","data":"aGlkZGVu"},
      {"type":"text","text":"So."},
      {"type":"tool_use","id":"a","name":"clock","input":{}}])"));
  }
}

TEST_CASE(
    "deepseek: reasoning goes back with the calls; at other servers of the format it does not") {
  const auto body = openai_whole(R"({"content":"So.","reasoning_content":"I \"look\".",
      "tool_calls":[{"id":"a","function":{"name":"clock","arguments":"{}"}}]})");
  for (auto dialect : openai_family) {
    CAPTURE(dialect);
    auto r = play(dialect, json_of(body));
    CHECK(r.reply.reasoning == "I \"look\".");
    bool back = std::string_view(dialect) == "deepseek";
    CHECK(said_again(dialect, r.reply).contains("reasoning_content") == back);
    if (back) CHECK(said_again(dialect, r.reply)["reasoning_content"] == "I \"look\".");
  }
}

TEST_CASE(
    "thinking is kept only if tools were called, and left out of another dialect's requests") {
  auto plain = play("anthropic", json_of(R"({"content":[
      {"type":"thinking","thinking":"t","signature":"s"},{"type":"text","text":"So."}],
    "stop_reason":"end_turn"})"));
  check_answered(plain);
  CHECK(plain.reply.reasoning == "t");
  CHECK(plain.reply.thinking.empty());
  CHECK(play("deepseek",
             json_of(openai_whole(R"({"content":"So.","reasoning_content":"t"})", "stop")))
            .reply.thinking.empty());

  answer claude, deepseek, broken;
  claude.calls = deepseek.calls = broken.calls = {{"a", "clock", "{}"}};
  claude.thinking = R"([{"type":"thinking","thinking":"t","signature":"s"}])";
  deepseek.thinking = R"({"reasoning_content":"t"})";
  broken.thinking = R"([{"type":)";
  CHECK(said_again("anthropic", claude)["content"].size() == 2);
  CHECK(said_again("anthropic", deepseek)["content"].size() == 1);
  CHECK(said_again("anthropic", broken)["content"].size() == 1);
  CHECK(said_again("deepseek", claude) == said_again("openai", claude));
  CHECK(said_again("deepseek", broken) == said_again("openai", broken));
}

// -- requests, odd --------------------------------------------------------------------------------

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

// -- answers --------------------------------------------------------------------------------------

TEST_CASE("openai: a whole answer with calls and no text, in every API of the family") {
  for (auto dialect : openai_family) {
    CAPTURE(dialect);
    auto r = play_at_every_cut(dialect, json_of(openai_whole(R"({"role":"assistant","content":null,
      "tool_calls":[
        {"id":"a","type":"function","function":{"name":"weather","arguments":"{\"city\": \"Kyiv\"}"}},
        {"id":"b","type":"function","function":{"name":"clock","arguments":""}}]})")));
    check_calls(r, both);
    CHECK(r.reply.text == "");
    CHECK(r.reply.usage.output == 8);
  }
}

TEST_CASE("openai: an answer with calls may say that it just stopped, or nothing") {
  auto call =
      R"({"content":"So.","tool_calls":[{"id":"a","function":{"name":"f","arguments":"{}"}}]})";
  check_calls(play("ollama", json_of(openai_whole(call, "stop"))), {{"a", "f", "{}"}});
  auto silent = openai_whole(call);
  silent.replace(silent.find(",\"finish_reason\":\"tool_calls\""), 29, "");
  auto r = play("together", json_of(silent));
  check_calls(r, {{"a", "f", "{}"}});
  silent.replace(silent.find("\"So.\""), 5, "null");
  check_calls(play("together", json_of(silent)), {{"a", "f", "{}"}});
  CHECK(r.reply.text == "So.");
  CHECK(play("openai", json_of(openai_whole(call, "length"))).reply.why == finish::length);
}

TEST_CASE("openai: pieces are put together by their index, whatever stands between") {
  for (auto dialect : openai_family) {
    CAPTURE(dialect);
    auto r = play_at_every_cut(
        dialect,
        stream_of(
            chunk(R"({"role":"assistant","content":"I look."})") +
            piece(
                R"({"index":0,"id":"a","type":"function","function":{"name":"wea","arguments":""}})") +
            piece(
                R"({"index":1,"id":"b","type":"function","function":{"name":"clock","arguments":"{"}})") +
            piece(R"({"function":{"name":"ther","arguments":"{\"city\""},"index":0})") +
            piece(
                R"({"index":1,"function":{"arguments":"}"}},{"index":0,"function":{"arguments":": \"Kyiv\"}"}})") +
            openai_end()));
    check_calls(r, both);
    CHECK(r.reply.text == "I look.");
    CHECK(r.tried.content_events == 5);
  }
}

TEST_CASE("openai: servers that number all calls 0, number none, or give no ids") {
  auto numbered_alike =
      play("vllm",
           stream_of(piece(R"({"index":0,"id":"a","function":{"name":"f","arguments":"{\"x\""}})") +
                     piece(R"({"index":0,"id":"a","function":{"arguments":":1}"}})") +
                     piece(R"({"index":0,"id":"b","function":{"name":"g","arguments":"{"}})") +
                     piece(R"({"index":0,"function":{"arguments":"}"}})") + openai_end()));
  check_calls(numbered_alike, {{"a", "f", R"({"x":1})"}, {"b", "g", "{}"}});
  auto unnumbered = play(
      "llamacpp", stream_of(piece(R"({"id":"a","function":{"name":"f","arguments":"{"}})") +
                            piece(R"({"function":{"arguments":"}"}})") +
                            piece(R"({"id":"b","function":{"name":"g","arguments":"{"}})") +
                            piece(R"({"id":"b","function":{"arguments":"}"}})") + openai_end()));
  check_calls(unnumbered, {{"a", "f", "{}"}, {"b", "g", "{}"}});
  auto nameless =
      play("ollama", stream_of(piece(R"({"index":0,"function":{"name":"f","arguments":"{}"}})") +
                               piece(R"({"index":1,"function":{"name":"g","arguments":"{}"}})") +
                               openai_end("\"stop\"")));
  check_calls(nameless, {{"call_1", "f", "{}"}, {"call_2", "g", "{}"}});
}

TEST_CASE("calls of other choices are not ours") {
  auto second = event(
      R"({"choices":[{"delta":{"tool_calls":[{"index":0,"id":"z","function":{"name":"z","arguments":"z"}}]},"index":1}]})");
  auto r = play_at_every_cut(
      "openai",
      stream_of(second + piece(R"({"index":0,"id":"a","function":{"name":"f","arguments":"{"}})") +
                second + piece(R"({"index":0,"function":{"arguments":"}"}})") + openai_end()));
  check_calls(r, {{"a", "f", "{}"}});
}

TEST_CASE("anthropic: a whole answer; the input is kept in its own words, without blanks") {
  auto r =
      play_at_every_cut("anthropic", json_of(R"({"id":"msg_1","type":"message","role":"assistant",
    "content":[
      {"type":"tool_use","id":"a","name":"weather","input":{ "city" : "K\"y iv", "at": [1, 2.50, {"b": null}] }},
      {"input":{},"name":"clock","id":"b","type":"tool_use"},
      {"type":"server_tool_use","id":"s","name":"web_search","input":{"query":"x"}}],
    "stop_reason":"tool_use","usage":{"input_tokens":9,"output_tokens":8}})"));
  check_calls(r, {{"a", "weather", R"({"city":"K\"y iv","at":[1,2.50,{"b":null}]})"},
                  {"b", "clock", "{}"}});
}

TEST_CASE("anthropic: input comes in pieces, block by block; other blocks are not ours") {
  auto r = play_at_every_cut(
      "anthropic",
      stream_of(anthropic_stream(
          named("content_block_start", R"(,"index":0,"content_block":{"type":"text","text":""})") +
          named("content_block_delta", R"(,"index":0,"delta":{"type":"text_delta","text":"So."})") +
          named("content_block_stop", R"(,"index":0)") +
          named(
              "content_block_start",
              R"(,"index":1,"content_block":{"type":"tool_use","id":"a","name":"weather","input":{}})") +
          block_piece(1, "") + block_piece(1, R"({"city")") +
          named(
              "content_block_start",
              R"(,"content_block":{"type":"server_tool_use","id":"s","name":"web_search","input":{}},"index":2)") +
          block_piece(2, R"({"query": "x"})") + named("ping", "") + block_piece(1, R"(: "Kyiv"})") +
          named("content_block_stop", R"(,"index":1)") +
          named(
              "content_block_start",
              R"(,"content_block":{"type":"tool_use","id":"b","name":"clock","input":{}},"index":3)") +
          named("content_block_stop", R"(,"index":3)"))));
  check_calls(r, both);
  CHECK(r.reply.text == "So.");
}

TEST_CASE("gemini: calls get numbers, their arguments lose their blanks") {
  auto r = play_at_every_cut("gemini", json_of(gemini_answer(R"({"text":"So."},
      {"functionCall":{"name":"weather","args":{ "city": "Kyiv" }}},
      {"functionCall":{"args":{},"name":"clock"}},{"functionCall":{"name":"now"}})",
                                                             "STOP")));
  check_calls(r, {{"call_1", "weather", R"({"city":"Kyiv"})"},
                  {"call_2", "clock", "{}"},
                  {"call_3", "now", "{}"}});
  CHECK(r.reply.text == "So.");
}

TEST_CASE("gemini: calls of a stream are numbered through") {
  auto r = play_at_every_cut(
      "gemini",
      stream_of(event(gemini_answer(R"({"functionCall":{"name":"weather","args":{"city":"Kyiv"}}})",
                                    "")) +
                event(gemini_answer(R"({"functionCall":{"name":"clock","args":{}}})", "")) +
                event(gemini_answer(R"({"text":""})", "STOP"))));
  check_calls(r, {{"call_1", "weather", R"({"city":"Kyiv"})"}, {"call_2", "clock", "{}"}});
  CHECK(r.tried.content_events == 2);
}

TEST_CASE("bytes that are not UTF-8 do not double a call") {
  auto r = play("openai", stream_of(piece("{\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"f\","
                                          "\"arguments\":\"\xff\"}}") +
                                    openai_end()));
  check_calls(r, {{"a", "f", "\xEF\xBF\xBD"}});
}

// -- malformed ------------------------------------------------------------------------------------

TEST_CASE("malformed calls are an error of the answer that says what is wrong") {
  struct row {
    const char* dialect;
    std::string body;
    std::string message;
  };
  const auto openai = [](const std::string& calls) {
    return openai_whole(R"({"content":null,"tool_calls":[)" + calls + "]}");
  };
  const auto claude = [](const std::string& block) {
    return R"({"content":[)" + block + R"(],"stop_reason":"tool_use"})";
  };
  const auto google = [](const std::string& call) {
    return gemini_answer(R"({"functionCall":)" + call + "}", "STOP");
  };
  const row rows[] = {
      {"openai", openai(R"({"id":"a","function":{"arguments":"{}"}})"),
       "a tool call of the answer has no name"},
      {"openai", openai("7"), "choices[].tool_calls[] is a number, an object was expected"},
      {"openai", openai(R"({"id":"a","function":{"name":"f","arguments":{"x":1}}})"),
       "tool_calls[].function.arguments is an object, text was expected"},
      {"openai", openai(R"({"id":"a","function":{"name":["f"],"arguments":"{}"}})"),
       "tool_calls[].function.name is an array, text was expected"},
      {"openai", openai(R"({"id":1,"function":{"name":"f","arguments":"{}"}})"),
       "tool_calls[].id is a number, text was expected"},
      {"anthropic", claude(R"({"type":"tool_use","id":"a","input":{}})"),
       "a tool call of the answer has no name"},
      {"anthropic", claude(R"({"type":"tool_use","id":"a","name":"f","input":"x"})"),
       "content[].input is a string, an object was expected"},
      {"anthropic", claude(R"({"type":"tool_use","id":"a","name":"f","input":[1]})"),
       "content[].input is an array, an object was expected"},
      {"anthropic", claude("null"), "content[] is null, an object was expected"},
      {"gemini", google(R"({"args":{}})"), "a tool call of the answer has no name"},
      {"gemini", google("\"f\""),
       "candidates[].content.parts[].functionCall is a string, an object was expected"},
      {"gemini", google(R"({"name":"f","args":true})"),
       "functionCall.args is true or false, an object was expected"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.body);
    auto r = play_at_every_cut(row.dialect, json_of(row.body));
    CHECK(r.tried.error.kind == error_class::server_error);
    CHECK(r.tried.error.message == row.message);
    CHECK(r.reply.calls.empty());
  }
}

TEST_CASE("a thousand calls are read, more are an error, and so are far more") {
  const auto calls = [](int n) {
    std::string all;
    for (int i = 0; i < n; ++i)
      all += piece(R"({"index":)" + std::to_string(i) +
                   R"(,"function":{"name":"f","arguments":"{}"}})");
    return stream_of(all + openai_end());
  };
  CHECK(play("openai", calls(1000)).reply.calls.size() == 1000);
  auto more = play("openai", calls(1001));
  CHECK(more.tried.error.message == "the answer has more than 1000 tool calls");
  CHECK(more.reply.calls.empty());
  std::string pieces = R"({"index":0,"function":{"name":"f"}})";
  for (int i = 0; i < 200'000; ++i) pieces += R"(,{"index":0})";
  auto far_more = play("openai", stream_of(piece(pieces) + openai_end()));
  CHECK(far_more.tried.error.message == "the answer has more than 1000 tool calls");
}

TEST_CASE("an answer that breaks off keeps no calls") {
  auto cut =
      play("openai",
           stream_of(piece(R"({"index":0,"id":"a","function":{"name":"f","arguments":"{"}})")));
  CHECK(cut.tried.error.kind == error_class::transport);
  CHECK(cut.reply.calls.empty());
  CHECK(cut.reply.why != finish::tool_calls);
}

}  // namespace assay::tests
