#include "tools.hpp"

// Calls in answers, whole and in pieces.
namespace assay::tests {

namespace {

const std::vector<tool_call> both{{"a", "weather", R"({"city": "Kyiv"})"}, {"b", "clock", "{}"}};

std::string block_piece(int index, const std::string& json) {
  return named("content_block_delta", R"(,"index":)" + std::to_string(index) +
                                          R"(,"delta":{"type":"input_json_delta","partial_json":)" +
                                          ordered_json(json).dump() + "}");
}

}  // namespace

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
