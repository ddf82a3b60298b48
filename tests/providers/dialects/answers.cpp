#include "play.hpp"

// A whole (not streamed) answer of each wire format.
namespace assay::tests {

namespace {

exchange_result answered(std::string_view dialect, std::string body) {
  auto r = play_at_every_cut(dialect, json_of(std::move(body)));
  CHECK(r.tried.error.kind == error_class::none);
  CHECK(r.tried.error.message == "");
  return r;
}

}  // namespace

TEST_CASE("openai: a whole answer") {
  auto r = answered(
      "openai",
      R"({"id":"chatcmpl-1","object":"chat.completion","created":1700000000,"model":"gpt-4o-2024-08-06","service_tier":"default",
 "choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":"Hello","refusal":null,"annotations":[]},"logprobs":null}],
 "usage":{"prompt_tokens":19,"completion_tokens":10,"total_tokens":29,"prompt_tokens_details":{"cached_tokens":3,"audio_tokens":0},
 "completion_tokens_details":{"reasoning_tokens":6,"audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}},
 "system_fingerprint":"fp_x"})");
  CHECK(r.reply.text == "Hello");
  CHECK(r.reply.why == finish::stop);
  CHECK(r.reply.response_id == "chatcmpl-1");
  CHECK(r.reply.model == "gpt-4o-2024-08-06");
  CHECK(r.reply.system_fingerprint == "fp_x");
  CHECK(r.reply.service_tier == "default");
  CHECK(r.reply.usage.input == 19);
  CHECK(r.reply.usage.cached_input == 3);
  CHECK(r.reply.usage.output == 10);
  CHECK(r.reply.usage.reasoning == 6);
  CHECK_FALSE(r.reply.usage.billed_usd.has_value());
}

TEST_CASE("openai: a refusal in a whole answer") {
  auto r = play(
      "openai",
      json_of(
          R"({"id":"x","choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":null,"refusal":"I'm sorry."}}]})"));
  CHECK(r.tried.error.kind == error_class::refusal);
  CHECK(r.reply.refusal == "I'm sorry.");
  CHECK(r.reply.why == finish::refusal);
}

TEST_CASE("azure: a whole answer with filter results; the model is the version") {
  auto r = answered(
      "azure",
      R"({"id":"chatcmpl-2","object":"chat.completion","created":1700000000,"model":"gpt-4o-2024-05-13","prompt_filter_results":[{"prompt_index":0,"content_filter_results":{"hate":{"filtered":false,"severity":"safe"}}}],"choices":[{"finish_reason":"length","index":0,"content_filter_results":{"error":{"code":"content_filter_error","message":"The contents are not filtered"}},"message":{"role":"assistant","content":"Hi"}}],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}})");
  CHECK(r.reply.text == "Hi");
  CHECK(r.reply.why == finish::length);
  CHECK(r.reply.model == "gpt-4o-2024-05-13");
}

TEST_CASE("groq: a whole answer with reasoning and timings in usage") {
  auto r = answered(
      "groq",
      R"({"id":"chatcmpl-3","object":"chat.completion","created":1700000000,"model":"openai/gpt-oss-20b","choices":[{"index":0,"message":{"role":"assistant","content":"7","reasoning":"3+4"},"logprobs":null,"finish_reason":"stop"}],"usage":{"queue_time":0.05,"prompt_tokens":80,"prompt_time":0.01,"completion_tokens":20,"completion_time":0.02,"total_tokens":100,"total_time":0.03,"prompt_tokens_details":{"cached_tokens":64}},"usage_breakdown":null,"system_fingerprint":"fp_g","x_groq":{"id":"req_1"},"service_tier":"on_demand"})");
  CHECK(r.reply.text == "7");
  CHECK(r.reply.reasoning == "3+4");
  CHECK(r.reply.service_tier == "on_demand");
  CHECK(r.reply.usage.input == 80);
  CHECK(r.reply.usage.cached_input == 64);
  CHECK(r.reply.usage.output == 20);
}

TEST_CASE("together: a whole answer, `eos` is a stop") {
  auto r = answered(
      "together",
      R"({"id":"t-1","object":"chat.completion","created":1700000000,"model":"meta-llama/Llama-3-8b","prompt":[],"choices":[{"finish_reason":"eos","seed":123,"logprobs":null,"index":0,"message":{"role":"assistant","content":"Hi","tool_calls":[]}}],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}})");
  CHECK(r.reply.text == "Hi");
  CHECK(r.reply.why == finish::stop);
}

TEST_CASE("openrouter: a whole answer with its cost") {
  auto r = answered(
      "openrouter",
      R"({"id":"gen-1","provider":"Groq","model":"meta-llama/llama-3.1-8b","object":"chat.completion","created":1700000000,"choices":[{"logprobs":null,"finish_reason":"stop","native_finish_reason":"stop","index":0,"message":{"role":"assistant","content":"ok","refusal":null,"reasoning":"r","reasoning_details":[{"type":"reasoning.text","text":"r"}]}}],"usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15,"cost":0.0012,"is_byok":false,"cost_details":{"upstream_inference_cost":null},"prompt_tokens_details":{"cached_tokens":2},"completion_tokens_details":{"reasoning_tokens":1}}})");
  CHECK(r.reply.reasoning == "r");
  CHECK(r.reply.usage.billed_usd == 0.0012);
  CHECK(r.reply.usage.cached_input == 2);
}

TEST_CASE("dashscope: a whole answer with reasoning_content") {
  auto r = answered(
      "dashscope",
      R"({"choices":[{"message":{"role":"assistant","content":"是","reasoning_content":"想"},"finish_reason":"stop","index":0,"logprobs":null}],"object":"chat.completion","usage":{"prompt_tokens":9,"completion_tokens":4,"total_tokens":13},"created":1700000000,"system_fingerprint":null,"model":"qwen-plus","id":"chatcmpl-d"})");
  CHECK(r.reply.text == "是");
  CHECK(r.reply.reasoning == "想");
  CHECK(r.reply.system_fingerprint == "");
}

TEST_CASE("deepseek: blank lines before a whole answer are passed over") {
  auto r = answered(
      "deepseek",
      "\n\n\r\n\n"
      R"({"id":"d-1","object":"chat.completion","created":1700000000,"model":"deepseek-chat","choices":[{"index":0,"message":{"role":"assistant","content":"ok","reasoning_content":"why"},"logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":20,"completion_tokens":1,"total_tokens":21,"prompt_cache_hit_tokens":16,"prompt_cache_miss_tokens":4},"system_fingerprint":"fp_d"})");
  CHECK(r.reply.text == "ok");
  CHECK(r.reply.reasoning == "why");
  CHECK(r.reply.usage.input == 20);
  CHECK(r.reply.usage.cached_input == 16);
}

TEST_CASE("vllm: a whole answer, details of usage null") {
  auto r = answered(
      "vllm",
      R"({"id":"chatcmpl-v","object":"chat.completion","created":1700000000,"model":"Qwen/Qwen3-8B","choices":[{"index":0,"message":{"role":"assistant","reasoning_content":null,"content":"ok","tool_calls":[]},"logprobs":null,"finish_reason":"stop","stop_reason":null}],"usage":{"prompt_tokens":5,"total_tokens":7,"completion_tokens":2,"prompt_tokens_details":null},"prompt_logprobs":null})");
  CHECK(r.reply.text == "ok");
  CHECK_FALSE(r.reply.usage.cached_input.has_value());
}

TEST_CASE("llamacpp: a whole answer with timings") {
  auto r = answered(
      "llamacpp",
      R"({"choices":[{"finish_reason":"length","index":0,"message":{"role":"assistant","content":"ok"}}],"created":1700000000,"model":"gguf","system_fingerprint":"b1","object":"chat.completion","usage":{"completion_tokens":2,"prompt_tokens":5,"total_tokens":7},"id":"chatcmpl-l","timings":{"prompt_n":5,"predicted_n":2}})");
  CHECK(r.reply.text == "ok");
  CHECK(r.reply.why == finish::length);
}

TEST_CASE("ollama: a whole answer with reasoning") {
  auto r = answered(
      "ollama",
      R"({"id":"chatcmpl-1","object":"chat.completion","created":1700000000,"model":"qwen3","system_fingerprint":"fp_ollama","choices":[{"index":0,"message":{"role":"assistant","content":"ok","reasoning":"hm"},"finish_reason":"stop"}],"usage":{"prompt_tokens":12,"completion_tokens":4,"total_tokens":16}})");
  CHECK(r.reply.reasoning == "hm");
  CHECK(r.reply.usage.output == 4);
}

TEST_CASE("anthropic: a whole answer; tool input is no text") {
  auto r = answered(
      "anthropic",
      R"({"id":"msg_01","type":"message","role":"assistant","model":"claude-sonnet-4-5","content":[{"type":"thinking","thinking":"t","signature":"s"},{"type":"text","text":"A"},{"type":"text","text":"B"},{"type":"tool_use","id":"toolu_1","name":"f","input":{"text":"no"}}],"stop_reason":"tool_use","stop_sequence":null,"usage":{"input_tokens":10,"cache_creation_input_tokens":2,"cache_read_input_tokens":3,"output_tokens":5,"cache_creation":{"ephemeral_5m_input_tokens":2,"ephemeral_1h_input_tokens":0},"output_tokens_details":{"thinking_tokens":1},"server_tool_use":null,"service_tier":"standard"}})");
  CHECK(r.reply.text == "AB");
  CHECK(r.reply.reasoning == "t");
  CHECK(r.reply.why == finish::tool_calls);
  CHECK(r.reply.usage.input == 15);
  CHECK(r.reply.usage.cached_input == 3);
  CHECK(r.reply.usage.cache_write == 2);
  CHECK(r.reply.usage.output == 5);
  CHECK(r.reply.usage.reasoning == 1);
  CHECK(r.reply.service_tier == "standard");
}

TEST_CASE("gemini: a whole answer; a function call is the reason to stop") {
  auto r = answered(
      "gemini",
      R"({"candidates":[{"content":{"parts":[{"text":"think","thought":true},{"text":"A"},{"functionCall":{"name":"f","args":{"text":"no"}}}],"role":"model"},"finishReason":"STOP","index":0},{"content":{"parts":[{"text":"second"}]},"index":1}],"usageMetadata":{"promptTokenCount":4,"candidatesTokenCount":3,"totalTokenCount":9,"thoughtsTokenCount":2},"modelVersion":"gemini-2.5-flash","responseId":"r1"})");
  CHECK(r.reply.text == "A");
  CHECK(r.reply.reasoning == "think");
  CHECK(r.reply.why == finish::tool_calls);
  CHECK(r.reply.usage.output == 5);
  CHECK(r.reply.usage.reasoning == 2);
}

TEST_CASE("gemini: a stream as one JSON array (without alt=sse) is read as a whole") {
  auto r = answered("gemini", R"([{"candidates":[{"content":{"parts":[{"text":"Par"}]},"index":0}]},
{"candidates":[{"content":{"parts":[{"text":"is"}]},"finishReason":"STOP","index":0}],"usageMetadata":{"promptTokenCount":4}},
{"usageMetadata":{"promptTokenCount":5}}])");
  CHECK(r.reply.text == "Paris");
  CHECK(r.reply.usage.input == 5);
}

TEST_CASE("content given as a list of text parts is joined") {
  auto r = answered(
      "openai",
      R"({"choices":[{"index":0,"finish_reason":"stop","message":{"content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}}]})");
  CHECK(r.reply.text == "ab");
}

TEST_CASE("a stream that was not asked for is read, and so is a document instead of a stream") {
  auto reader = dialects::find("openai")->reader({});
  reader->head(200, {{"content-type", "text/event-stream"}}, at_ms(1));
  reader->body(
      event(R"({"choices":[{"index":0,"delta":{"content":"a"},"finish_reason":"stop"}]})") +
          "data: [DONE]\n\n",
      at_ms(2));
  CHECK(reader->finish({}, at_ms(3)).reply.text == "a");
  auto whole =
      play("openai", wire{200,
                          {{"content-type", "text/plain"}},
                          R"({"choices":[{"message":{"content":"b"},"finish_reason":"stop"}]})"});
  CHECK(whole.reply.text == "b");
}

TEST_CASE("usage that is missing, null or of a wrong type is unknown, never 0") {
  for (std::string_view usage :
       {R"("usage":null)", R"("usage":{})", R"("usage":"none")", R"("usage":[1])",
        R"("usage":{"prompt_tokens":null,"completion_tokens":-1})",
        R"("usage":{"prompt_tokens":"x","completion_tokens":{}})", R"("n":1)"}) {
    CAPTURE(usage);
    auto r = play("openai",
                  json_of(R"({"choices":[{"message":{"content":"a"},"finish_reason":"stop"}],)" +
                          std::string(usage) + "}"));
    CHECK(r.tried.error.kind == error_class::none);
    CHECK(r.reply.usage == token_usage{});
  }
}

TEST_CASE("limits told by the headers come with the answer") {
  auto w = json_of(R"({"choices":[{"message":{"content":"a"},"finish_reason":"stop"}]})");
  w.headers.emplace_back("X-RateLimit-Limit-Requests", "30,000");
  w.headers.emplace_back("x-ratelimit-remaining-requests", "29999");
  w.headers.emplace_back("x-ratelimit-reset-requests", "2ms");
  auto r = play("openai", w);
  REQUIRE(r.tried.limits.size() == 1);
  CHECK(r.tried.limits[0].limit == 30'000);
  CHECK(play("vllm", w).tried.limits.empty());
}

}  // namespace assay::tests
