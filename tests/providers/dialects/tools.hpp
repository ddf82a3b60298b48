#pragma once

#include <array>
#include <nlohmann/json.hpp>

#include "stream_pieces.hpp"

/// A talk with tools, the parts of a request that it becomes, and answers with calls, after the
/// documentation of each API.
namespace assay::tests {

using nlohmann::ordered_json;

inline constexpr const char* tool_schema =
    R"({"type":"object","properties":{"city":{"type":"string"},"at":{"type":"string"}}})";

/// Two calls at once, their results, and a question about them.
inline chat_request talk() {
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
  q.tools = {{"weather", "Degrees.", tool_schema}, {"clock", "", ""}};
  q.stream = false;
  return q;
}

inline expected<http_request> made(std::string_view dialect, const chat_request& q) {
  provider_settings p;
  p.name = "p";
  p.base_url = "https://h";
  return dialects::find(dialect)->request(q, p, "k-1");
}

inline std::string member(std::string_view dialect, const chat_request& q, const char* name) {
  auto request = made(dialect, q);
  REQUIRE_MESSAGE(request.has_value(), render(request.error()));
  return ordered_json::parse(request->body)[name].dump();
}

/// JSON as it is sent: without blanks, in its own order.
inline std::string sent(const char* json) { return ordered_json::parse(json).dump(); }

inline void check_calls(const exchange_result& r, const std::vector<tool_call>& calls) {
  check_answered(r);
  CHECK(r.reply.calls == calls);
  CHECK(r.reply.why == finish::tool_calls);
}

inline constexpr std::array openai_family{"openai",   "azure",      "groq",      "together",
                                          "deepseek", "openrouter", "dashscope", "llamacpp",
                                          "ollama",   "vllm"};

inline std::string openai_whole(std::string_view message, std::string_view finish = "tool_calls") {
  return R"({"id":"c-1","object":"chat.completion","choices":[{"index":0,"message":)" +
         std::string(message) + R"(,"finish_reason":")" + std::string(finish) +
         R"("}],"usage":{"prompt_tokens":9,"completion_tokens":8}})";
}

inline std::string openai_end(std::string_view finish = "\"tool_calls\"") {
  return chunk("{}", finish) + "data: [DONE]\n\n";
}

/// A chunk with one piece of a tool call.
inline std::string piece(const std::string& call) {
  return chunk(R"({"tool_calls":[)" + call + "]}");
}

inline std::string gemini_answer(const std::string& parts, std::string_view finish) {
  return R"({"candidates":[{"content":{"parts":[)" + parts + R"(],"role":"model"})" +
         (finish.empty() ? "" : R"(,"finishReason":")" + std::string(finish) + "\"") + R"(}]})";
}

inline std::string named(std::string_view type, const std::string& rest) {
  return "event: " + std::string(type) + "\ndata: {\"type\":\"" + std::string(type) + "\"" + rest +
         "}\n\n";
}

inline std::string anthropic_stream(const std::string& blocks, std::string_view stop = "tool_use") {
  return named("message_start", R"(,"message":{"id":"msg_1","role":"assistant","content":[]})") +
         blocks +
         named("message_delta", R"(,"delta":{"stop_reason":")" + std::string(stop) + "\"}") +
         named("message_stop", "");
}

}  // namespace assay::tests
