#include <doctest/doctest.h>

#include "tests/providers/simulated/asking.hpp"

// Expected shapes are written by hand after docs of the providers (see docs/mock.md).

using namespace assay;
using namespace assay::tests;

namespace {

simulated::service lab(mock_settings s = mock_with(model_named("m"))) {
  std::vector<sample> samples = {item("q1", "What is the capital of France?", "Paris is it")};
  return simulated::service(std::move(s), std::move(samples));
}

const std::string question = "What is the capital of France?";

std::string anthropic(const json& more = json::object()) {
  json body = {{"model", "m"},
               {"max_tokens", 100},
               {"messages", {{{"role", "user"}, {"content", question}}}}};
  body.update(more);
  return body.dump();
}

std::string gemini(const json& more = json::object()) {
  json body = {{"contents", {{{"role", "user"}, {"parts", {{{"text", question}}}}}}}};
  body.update(more);
  return body.dump();
}

/// Takes the id out, after a look at its prefix.
json without_id(json object, const std::string& prefix, const char* name = "id") {
  CHECK(object.value(name, "").rfind(prefix, 0) == 0);
  object.erase(name);
  return object;
}

}  // namespace

TEST_CASE("an OpenAI answer has the shape of a chat completion") {
  auto s = lab();
  const auto h = ask(s, chat(question));
  CHECK(h.what.status == 200);
  CHECK(header_of(h.what, "content-type") == "application/json");
  CHECK(header_of(h.what, "content-length") == std::to_string(bytes_of(h.what).size()));
  const auto expected = json::parse(R"({
    "object": "chat.completion", "created": 1700000000, "model": "m", "service_tier": "default",
    "system_fingerprint": "fp_simulated",
    "choices": [{"index": 0, "finish_reason": "stop", "logprobs": null,
                 "message": {"role": "assistant", "content": "Paris is it", "refusal": null}}],
    "usage": {"prompt_tokens": 8, "completion_tokens": 3, "total_tokens": 11,
              "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
              "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0,
                "accepted_prediction_tokens": 0, "rejected_prediction_tokens": 0}}})");
  CHECK(without_id(body_of(h.what), "chatcmpl-") == expected);
}

TEST_CASE("an OpenAI stream is role, content, finish, usage, [DONE]") {
  auto s = lab();
  const auto h =
      ask(s, chat(question, {{"stream", true}, {"stream_options", {{"include_usage", true}}}}));
  CHECK(header_of(h.what, "content-type") == "text/event-stream; charset=utf-8");
  const auto events = events_of(bytes_of(h.what));
  REQUIRE(events.size() == 7);
  const auto chunk = [](const char* choices, const char* usage) {
    return json::parse(std::string(R"({"object":"chat.completion.chunk","created":1700000000,)"
                                   R"("model":"m","service_tier":"default",)"
                                   R"("system_fingerprint":"fp_simulated","choices":)") +
                       choices + R"(,"usage":)" + usage + "}");
  };
  const auto got = [&](std::size_t i) {
    return without_id(json::parse(events[i].data), "chatcmpl-");
  };
  CHECK(got(0) == chunk(R"([{"index":0,"delta":{"role":"assistant","content":"","refusal":null},
                             "logprobs":null,"finish_reason":null}])",
                        "null"));
  const char* const pieces[] = {"Pari", "s is", " it"};
  for (std::size_t i = 0; i < 3; ++i)
    CHECK(got(i + 1) == chunk((R"([{"index":0,"delta":{"content":")" + std::string(pieces[i]) +
                               R"("},"logprobs":null,"finish_reason":null}])")
                                  .c_str(),
                              "null"));
  CHECK(got(4) ==
        chunk(R"([{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}])", "null"));
  CHECK(got(5)["choices"] == json::array());
  CHECK(got(5)["usage"]["prompt_tokens"] == 8);
  CHECK(got(5)["usage"]["completion_tokens"] == 3);
  CHECK(got(5)["usage"]["total_tokens"] == 11);
  CHECK(events[6].data == "[DONE]");
}

TEST_CASE("without include_usage an OpenAI stream has no usage at all") {
  auto s = lab();
  const auto h = ask(s, chat(question, {{"stream", true}}));
  CHECK(bytes_of(h.what).find("usage") == std::string::npos);
  CHECK(events_of(bytes_of(h.what)).back().data == "[DONE]");
}

TEST_CASE("an Anthropic answer has the shape of a message") {
  auto s = lab();
  const auto h = ask(s, anthropic(), start, "/v1/messages");
  CHECK(h.what.status == 200);
  CHECK(header_of(h.what, "request-id").rfind("req_", 0) == 0);
  const auto expected = json::parse(R"({
    "type": "message", "role": "assistant", "model": "m",
    "content": [{"type": "text", "text": "Paris is it"}],
    "stop_reason": "end_turn", "stop_sequence": null,
    "usage": {"input_tokens": 8, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0,
              "output_tokens": 3, "service_tier": "standard"}})");
  CHECK(without_id(body_of(h.what), "msg_") == expected);
}

TEST_CASE("an Anthropic stream follows the documented sequence of events") {
  auto s = lab();
  const auto h = ask(s, anthropic({{"stream", true}}), start, "/v1/messages");
  const auto events = events_of(bytes_of(h.what));
  std::vector<std::string> names;
  for (const auto& e : events) {
    names.push_back(e.name);
    CHECK(json::parse(e.data)["type"] == e.name);
  }
  const std::vector<std::string> expected = {
      "message_start",       "content_block_start", "ping",
      "content_block_delta", "content_block_delta", "content_block_delta",
      "content_block_stop",  "message_delta",       "message_stop"};
  REQUIRE(names == expected);
  CHECK(without_id(json::parse(events[0].data)["message"], "msg_") == json::parse(R"({
    "type": "message", "role": "assistant", "model": "m", "content": [],
    "stop_reason": null, "stop_sequence": null,
    "usage": {"input_tokens": 8, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0,
              "output_tokens": 1, "service_tier": "standard"}})"));
  CHECK(json::parse(events[1].data) == json::parse(R"({"type": "content_block_start", "index": 0,
    "content_block": {"type": "text", "text": ""}})"));
  CHECK(json::parse(events[3].data) == json::parse(R"({"type": "content_block_delta", "index": 0,
    "delta": {"type": "text_delta", "text": "Pari"}})"));
  CHECK(json::parse(events[7].data) == json::parse(R"({"type": "message_delta",
    "delta": {"stop_reason": "end_turn", "stop_sequence": null}, "usage": {"output_tokens": 3}})"));
}

TEST_CASE("a Gemini answer carries candidates and usageMetadata") {
  auto s = lab();
  const auto h = ask(s, gemini(), start, "/v1beta/models/m:generateContent");
  CHECK(h.what.status == 200);
  auto body = body_of(h.what);
  CHECK(body.erase("responseId") == 1);
  CHECK(body == json::parse(R"({
    "candidates": [{"content": {"parts": [{"text": "Paris is it"}], "role": "model"},
                    "finishReason": "STOP", "index": 0}],
    "usageMetadata": {"promptTokenCount": 8, "candidatesTokenCount": 3, "totalTokenCount": 11},
    "modelVersion": "m"})"));
}

TEST_CASE("a Gemini stream has cumulative usage and ends with the chunk that has a finishReason") {
  auto s = lab();
  const auto h = ask(s, gemini(), start, "/v1beta/models/m:streamGenerateContent?alt=sse");
  const auto events = events_of(bytes_of(h.what));
  REQUIRE(events.size() == 4);
  std::string text;
  for (std::size_t i = 0; i < events.size(); ++i) {
    const auto chunk = json::parse(events[i].data);
    text += chunk["candidates"][0]["content"]["parts"][0]["text"].get<std::string>();
    CHECK(chunk["candidates"][0].contains("finishReason") == (i == 3));
    CHECK(chunk["usageMetadata"]["candidatesTokenCount"] == std::min<std::size_t>(i + 1, 3));
  }
  CHECK(text == "Paris is it");
}

TEST_CASE("Gemini's stream without alt=sse is an array of answers") {
  auto s = lab();
  const auto h = ask(s, gemini(), start, "/v1beta/models/m:streamGenerateContent");
  const auto body = body_of(h.what);
  REQUIRE(body.is_array());
  CHECK(body[0]["candidates"][0]["finishReason"] == "STOP");
  CHECK(header_of(h.what, "content-length") == std::to_string(bytes_of(h.what).size()));
}

TEST_CASE("max_tokens cuts the answer and names its own finish reason in every format") {
  auto s = lab();
  const auto openai = ask(s, chat(question, {{"max_completion_tokens", 2}}));
  CHECK(text_of(openai.what) == "Paris is");
  CHECK(body_of(openai.what)["choices"][0]["finish_reason"] == "length");
  CHECK(body_of(openai.what)["usage"]["completion_tokens"] == 2);
  CHECK_FALSE(openai.log.right);
  const auto claude = ask(s, anthropic({{"max_tokens", 2}}), start, "/v1/messages");
  CHECK(body_of(claude.what)["stop_reason"] == "max_tokens");
  const auto google = ask(s, gemini({{"generationConfig", {{"maxOutputTokens", 2}}}}), start,
                          "/v1beta/models/m:generateContent");
  CHECK(body_of(google.what)["candidates"][0]["finishReason"] == "MAX_TOKENS");
}

TEST_CASE("models are listed in the shape of whoever asks") {
  auto settings = mock_with(model_named("m"));
  settings.models.push_back(model_named("n"));
  auto s = lab(settings);
  const auto openai = s.handle("GET", "/v1/models", {}, "", start);
  CHECK(body_of(openai.what) == json::parse(R"({"object": "list", "data": [
    {"id": "m", "object": "model", "created": 1700000000, "owned_by": "mock"},
    {"id": "n", "object": "model", "created": 1700000000, "owned_by": "mock"}]})"));
  CHECK_FALSE(openai.holds_slot);
  const auto claude =
      s.handle("GET", "/v1/models?limit=20", {{"Anthropic-Version", "2023-06-01"}}, "", start);
  CHECK(body_of(claude.what) == json::parse(R"({"data": [
    {"type": "model", "id": "m", "display_name": "m", "created_at": "2023-11-14T22:13:20Z"},
    {"type": "model", "id": "n", "display_name": "n", "created_at": "2023-11-14T22:13:20Z"}],
    "has_more": false, "first_id": "m", "last_id": "n"})"));
  const auto google = s.handle("GET", "/v1beta/models", {}, "", start);
  CHECK(body_of(google.what)["models"][0]["name"] == "models/m");
  CHECK(body_of(google.what)["models"].size() == 2);
}

TEST_CASE("each format has its own words for each error") {
  struct row {
    std::string name;
    std::string path;
    std::string body;
    header_list headers;
    int status;
    const char* expected;  ///< merge-compared: these members must be so
  };
  const header_list good = {{"authorization", "Bearer made-up"}};
  const header_list bad = {{"authorization", "Bearer else"}};
  const std::vector<row> rows = {
      {"openai: bad JSON", "/v1/chat/completions", "{\"model\":", good, 400,
       R"({"error":{"type":"invalid_request_error","param":null,"code":null}})"},
      {"openai: no messages", "/v1/chat/completions", R"({"model":"m"})", good, 400,
       R"({"error":{"type":"invalid_request_error","param":"messages","code":null}})"},
      {"openai: no model", "/v1/chat/completions",
       R"({"messages":[{"role":"user","content":"x"}]})", good, 400,
       R"({"error":{"type":"invalid_request_error","param":"model","code":null}})"},
      {"openai: wrong key", "/v1/chat/completions", chat("x"), bad, 401,
       R"({"error":{"type":"invalid_request_error","param":null,"code":"invalid_api_key"}})"},
      {"openai: unknown model", "/v1/chat/completions", chat("x", {{"model", "gone"}}), good, 404,
       R"({"error":{"type":"invalid_request_error","param":"model","code":"model_not_found"}})"},
      {"openai: unknown path", "/v1/nothing", "{}", good, 404,
       R"({"error":{"type":"invalid_request_error","param":null,"code":"unknown_url"}})"},
      {"anthropic: bad JSON",
       "/v1/messages",
       "[]",
       {{"x-api-key", "made-up"}},
       400,
       R"({"type":"error","error":{"type":"invalid_request_error"}})"},
      {"anthropic: no max_tokens",
       "/v1/messages",
       chat("x"),
       {{"x-api-key", "made-up"}},
       400,
       R"({"type":"error","error":{"type":"invalid_request_error","message":"max_tokens: Field required"}})"},
      {"anthropic: wrong key",
       "/v1/messages",
       anthropic(),
       {{"x-api-key", "else"}},
       401,
       R"({"type":"error","error":{"type":"authentication_error"}})"},
      {"anthropic: unknown model",
       "/v1/messages",
       anthropic({{"model", "gone"}}),
       {{"x-api-key", "made-up"}},
       404,
       R"({"type":"error","error":{"type":"not_found_error"}})"},
      {"anthropic: unknown path",
       "/v1/nothing",
       "{}",
       {{"x-api-key", "made-up"}, {"anthropic-version", "2023-06-01"}},
       404,
       R"({"type":"error","error":{"type":"not_found_error"}})"},
      {"gemini: no contents",
       "/v1beta/models/m:generateContent",
       "{}",
       {{"x-goog-api-key", "made-up"}},
       400,
       R"({"error":{"code":400,"status":"INVALID_ARGUMENT"}})"},
      {"gemini: wrong key",
       "/v1beta/models/m:generateContent",
       gemini(),
       {},
       400,
       R"({"error":{"code":400,"status":"INVALID_ARGUMENT","details":[
           {"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"API_KEY_INVALID","domain":"googleapis.com"}]}})"},
      {"gemini: unknown model",
       "/v1beta/models/gone:generateContent",
       gemini(),
       {{"x-goog-api-key", "made-up"}},
       404,
       R"({"error":{"code":404,"status":"NOT_FOUND"}})"},
  };
  auto settings = mock_with(model_named("m"));
  settings.api_key = "made-up";
  auto s = lab(settings);
  for (const auto& r : rows) {
    CAPTURE(r.name);
    const auto h = ask(s, r.body, start, r.path, r.headers);
    CHECK(h.what.status == r.status);
    CHECK(h.log.status == r.status);
    CHECK_FALSE(h.holds_slot);
    const auto body = body_of(h.what);
    auto merged = body;
    merged.update(json::parse(r.expected), true);
    CHECK(merged == body);
    CHECK_FALSE(body["error"]["message"].get<std::string>().empty());
  }
}

TEST_CASE("a wrong method is refused on known paths") {
  auto s = lab();
  CHECK(s.handle("GET", "/v1/chat/completions", {}, "", start).what.status == 405);
  CHECK(s.handle("GET", "/v1/messages", {}, "", start).what.status == 405);
  CHECK(s.handle("POST", "/v1/models", {}, "", start).what.status == 405);
  CHECK(s.handle("GET", "/", {}, "", start).what.status == 404);
}

TEST_CASE("chat completions are found under any prefix and under Azure's deployments") {
  auto s = lab();
  for (const auto* path :
       {"/chat/completions", "/v1/chat/completions", "/openai/v1/chat/completions",
        "/openai/deployments/m/chat/completions?api-version=2024-10-21"}) {
    CAPTURE(path);
    CHECK(ask(s, chat(question), start, path).what.status == 200);
  }
  CHECK(ask(s, chat(question), start, "/openai/deployments/gone/chat/completions").what.status ==
        404);
  CHECK(ask(s, gemini(), start, "/v1beta/models/%6D:generateContent").what.status == 200);
}

TEST_CASE("keys are taken from every place where a provider takes them") {
  auto settings = mock_with(model_named("m"));
  settings.api_key = "made-up";
  auto s = lab(settings);
  CHECK(ask(s, chat(question), start, "/v1/chat/completions", {{"Authorization", "Bearer made-up"}})
            .what.status == 200);
  CHECK(ask(s, chat(question), start, "/openai/deployments/m/chat/completions",
            {{"api-key", "made-up"}})
            .what.status == 200);
  CHECK(ask(s, anthropic(), start, "/v1/messages", {{"X-Api-Key", "made-up"}}).what.status == 200);
  CHECK(ask(s, gemini(), start, "/v1beta/models/m:generateContent", {{"x-goog-api-key", "made-up"}})
            .what.status == 200);
  CHECK(ask(s, gemini(), start, "/v1beta/models/m:generateContent?key=made%2Dup").what.status ==
        200);
  CHECK(ask(s, chat(question)).what.status == 401);
}

TEST_CASE("no body, however foreign, does more than fail") {
  auto s = lab();
  const std::string deep(200'000, '[');
  const std::string deeper = R"({"model":"m","messages":)" + deep;
  const std::vector<std::string> bodies = {
      "",
      "null",
      "7",
      "\xff\xfe",
      deep,
      deeper,
      R"({"model":7,"messages":[{"role":"user","content":"x"}]})",
      R"({"model":"m","messages":{}})",
      R"({"model":"m","messages":[]})",
      R"({"model":"m","messages":[7]})",
      R"({"model":"m","messages":[{"content":"x"}]})"};
  for (const auto& body : bodies)
    for (const auto* path :
         {"/v1/chat/completions", "/v1/messages", "/v1beta/models/m:generateContent"})
      CHECK(ask(s, body, start, path).what.status == 400);
  const auto odd =
      ask(s, R"({"model":"m","messages":[{"role":"user","content":[7,{"text":8},{"text":"1 + 1"}]}],
                              "max_tokens":"many","stream":"yes","stream_options":3})");
  CHECK(odd.what.status == 200);
  CHECK(text_of(odd.what) == "2");
  CHECK(ask(s, chat(question, {{"max_tokens", 0}})).what.status == 400);
  CHECK(ask(s, chat(question, {{"max_tokens", -5}})).what.status == 400);
}
