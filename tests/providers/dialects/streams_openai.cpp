#include "stream_pieces.hpp"

// Streams of the OpenAI format at its origin and at the hosts that took it over.
namespace assay::tests {

TEST_CASE("openai: a stream gives text, usage of the extra chunk, fingerprint and tier") {
  auto w = stream_of(
      event(
          R"({"id":"chatcmpl-7","object":"chat.completion.chunk","created":1700000000,"model":"gpt-4o-2024-08-06","service_tier":"default","system_fingerprint":"fp_a1","choices":[{"index":0,"delta":{"role":"assistant","content":"","refusal":null},"logprobs":null,"finish_reason":null}],"usage":null,"obfuscation":"xYz"})") +
      event(
          R"({"id":"chatcmpl-7","object":"chat.completion.chunk","created":1700000000,"model":"gpt-4o-2024-08-06","service_tier":"default","system_fingerprint":"fp_a1","choices":[{"index":0,"delta":{"content":"Grüße, "},"logprobs":null,"finish_reason":null}],"usage":null})") +
      event(
          R"({"id":"chatcmpl-7","object":"chat.completion.chunk","created":1700000000,"model":"gpt-4o-2024-08-06","service_tier":"default","system_fingerprint":"fp_a1","choices":[{"index":0,"delta":{"content":"\u4e16\ud83d\ude00\n\"42\""},"logprobs":null,"finish_reason":null}],"usage":null})") +
      event(
          R"({"id":"chatcmpl-7","object":"chat.completion.chunk","created":1700000000,"model":"gpt-4o-2024-08-06","service_tier":"default","system_fingerprint":"fp_a1","choices":[{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}],"usage":null})") +
      event(
          R"({"id":"chatcmpl-7","object":"chat.completion.chunk","created":1700000000,"model":"gpt-4o-2024-08-06","service_tier":"default","system_fingerprint":"fp_a1","choices":[],"usage":{"prompt_tokens":11,"completion_tokens":7,"total_tokens":18,"prompt_tokens_details":{"cached_tokens":4,"audio_tokens":0,"cache_write_tokens":2},"completion_tokens_details":{"reasoning_tokens":3,"audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}}})") +
      "data: [DONE]\n\n");
  w.headers.emplace_back("X-Request-ID", "req_abc");
  auto r = play_at_every_cut("openai", w);
  check_answered(r);
  CHECK(r.reply.text == "Grüße, 世😀\n\"42\"");
  CHECK(r.reply.why == finish::stop);
  CHECK(r.reply.finish_reason == "stop");
  CHECK(r.reply.response_id == "chatcmpl-7");
  CHECK(r.reply.model == "gpt-4o-2024-08-06");
  CHECK(r.reply.system_fingerprint == "fp_a1");
  CHECK(r.reply.service_tier == "default");
  CHECK(r.tried.request_id == "req_abc");
  CHECK(r.tried.http_status == 200);
  CHECK(r.tried.content_events == 2);
  CHECK(r.tried.bytes_received == static_cast<std::int64_t>(w.body.size()));
  auto expected = tokens(11, 7);
  expected.cached_input = 4;
  expected.cache_write = 2;
  expected.reasoning = 3;
  CHECK(r.reply.usage == expected);
}

TEST_CASE("azure: the first chunk without choices and annotations after the finish are no tokens") {
  auto r = play_at_every_cut(
      "azure",
      stream_of(
          event(
              R"({"choices":[],"created":0,"id":"","model":"","object":"","prompt_filter_results":[{"prompt_index":0,"content_filter_results":{"hate":{"filtered":false,"severity":"safe"},"jailbreak":{"filtered":false,"detected":false}}}]})") +
          event(
              R"({"choices":[{"content_filter_results":{},"delta":{"content":"","role":"assistant"},"finish_reason":null,"index":0}],"created":1700000000,"id":"chatcmpl-az","model":"gpt-4o-2024-05-13","object":"chat.completion.chunk"})") +
          event(
              R"({"choices":[{"content_filter_results":{"hate":{"filtered":false,"severity":"safe"}},"delta":{"content":"Yes"},"finish_reason":null,"index":0}],"created":1700000000,"id":"chatcmpl-az","model":"gpt-4o-2024-05-13","object":"chat.completion.chunk"})") +
          event(
              R"({"choices":[{"content_filter_results":{},"delta":{},"finish_reason":"stop","index":0}],"created":1700000000,"id":"chatcmpl-az","model":"gpt-4o-2024-05-13","object":"chat.completion.chunk"})") +
          event(
              R"({"choices":[{"content_filter_offsets":{"check_offset":44,"start_offset":44,"end_offset":198},"content_filter_results":{"hate":{"filtered":false,"severity":"safe"}},"finish_reason":null,"index":0}],"created":0,"id":"","model":"","object":""})") +
          event(
              R"({"choices":[],"created":1700000000,"id":"chatcmpl-az","model":"gpt-4o-2024-05-13","object":"chat.completion.chunk","usage":{"completion_tokens":1,"prompt_tokens":9,"total_tokens":10}})") +
          "data: [DONE]\n\n"));
  check_answered(r);
  CHECK(r.reply.text == "Yes");
  CHECK(r.reply.why == finish::stop);
  CHECK(r.reply.response_id == "chatcmpl-az");
  CHECK(r.reply.model == "gpt-4o-2024-05-13");
  CHECK(r.tried.content_events == 1);
  CHECK(r.reply.usage == tokens(9, 1));
}

TEST_CASE("azure: a content_filter finish without usage keeps the text and leaves usage unknown") {
  auto r =
      play_at_every_cut("azure", stream_of(chunk(R"({"role":"assistant","content":"Well, "})") +
                                           chunk("{}", "\"content_filter\"") + "data: [DONE]\n\n"));
  CHECK(r.tried.error.kind == error_class::content_filtered);
  CHECK(r.tried.error.code == "content_filter");
  CHECK(r.reply.text == "Well, ");
  CHECK(r.reply.why == finish::content_filter);
  CHECK(r.reply.usage == token_usage{});
}

TEST_CASE("groq: usage comes in x_groq of the last chunk, reasoning in `reasoning`") {
  auto r = play_at_every_cut(
      "groq",
      stream_of(
          event(
              R"({"id":"chatcmpl-g","object":"chat.completion.chunk","created":1700000000,"model":"qwen/qwen3-32b","system_fingerprint":"fp_g","choices":[{"index":0,"delta":{"role":"assistant","content":null},"logprobs":null,"finish_reason":null}],"x_groq":{"id":"req_01"}})") +
          event(
              R"({"id":"chatcmpl-g","object":"chat.completion.chunk","created":1700000000,"model":"qwen/qwen3-32b","system_fingerprint":"fp_g","choices":[{"index":0,"delta":{"reasoning":"6 times 7"},"logprobs":null,"finish_reason":null}]})") +
          event(
              R"({"id":"chatcmpl-g","object":"chat.completion.chunk","created":1700000000,"model":"qwen/qwen3-32b","system_fingerprint":"fp_g","choices":[{"index":0,"delta":{"content":"42"},"logprobs":null,"finish_reason":null}]})") +
          event(
              R"({"id":"chatcmpl-g","object":"chat.completion.chunk","created":1700000000,"model":"qwen/qwen3-32b","system_fingerprint":"fp_g","choices":[{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}],"x_groq":{"id":"req_01","usage":{"queue_time":0.02,"prompt_tokens":14,"prompt_time":0.001,"completion_tokens":6,"completion_time":0.01,"total_tokens":20,"total_time":0.011,"completion_tokens_details":{"reasoning_tokens":4}}}})") +
          "data: [DONE]\n\n"));
  check_answered(r);
  CHECK(r.reply.text == "42");
  CHECK(r.reply.reasoning == "6 times 7");
  auto expected = tokens(14, 6);
  expected.reasoning = 4;
  CHECK(r.reply.usage == expected);
}

TEST_CASE("groq: x_groq.error means that the answer stopped early") {
  auto r = play_at_every_cut(
      "groq",
      stream_of(
          chunk(R"({"content":"4"})") +
          event(
              R"({"id":"c-1","choices":[{"index":0,"delta":{},"finish_reason":null}],"x_groq":{"id":"req_01","error":"over_capacity"}})") +
          "data: [DONE]\n\n"));
  CHECK(r.tried.error.kind == error_class::server_error);
  CHECK(r.tried.error.message == "over_capacity");
  CHECK(r.reply.text == "");
}

TEST_CASE(
    "together: `eos` is a stop, an empty finish_reason is one too, [done] in any case ends it") {
  auto r = play_at_every_cut(
      "together",
      stream_of(
          event(
              R"({"id":"t-1","object":"chat.completion.chunk","created":1700000000,"model":"meta-llama/Llama-3-8b","choices":[{"index":0,"text":"Hi","delta":{"token_id":1,"role":"assistant","content":"Hi","tool_calls":null},"logprobs":null,"finish_reason":null,"seed":null}],"usage":null})") +
          event(
              R"({"id":"t-1","object":"chat.completion.chunk","created":1700000000,"model":"meta-llama/Llama-3-8b","choices":[{"index":0,"text":"","delta":{"token_id":2,"role":"assistant","content":"","tool_calls":null},"logprobs":null,"finish_reason":"eos","seed":77}],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}})") +
          "data: [done]\n\n"));
  check_answered(r);
  CHECK(r.reply.text == "Hi");
  CHECK(r.reply.why == finish::stop);
  CHECK(r.reply.finish_reason == "eos");
  CHECK(r.reply.usage == tokens(3, 2));

  auto empty = play("together", stream_of(chunk(R"({"content":"Hi"})") + chunk("{}", "\"\"") +
                                          "data: [DONE]\n\n"));
  check_answered(empty);
  CHECK(empty.reply.why == finish::unknown);
  auto none = play("together", stream_of(chunk(R"({"content":"Hi"})") + "data: [DONE]\n\n"));
  check_answered(none);
}

TEST_CASE(
    "openrouter: comments are passed over, cost is taken, reasoning details are not doubled") {
  auto w = stream_of(
      ": OPENROUTER PROCESSING\n\n: OPENROUTER PROCESSING\n\n" +
      event(
          R"({"id":"gen-1","provider":"DeepInfra","model":"deepseek/deepseek-r1","object":"chat.completion.chunk","created":1700000000,"choices":[{"index":0,"delta":{"role":"assistant","content":"","reasoning":"Hm","reasoning_details":[{"type":"reasoning.text","text":"Hm"}]},"finish_reason":null,"native_finish_reason":null}]})") +
      ": OPENROUTER PROCESSING\n\n" +
      event(
          R"({"id":"gen-1","provider":"DeepInfra","model":"deepseek/deepseek-r1","object":"chat.completion.chunk","created":1700000000,"choices":[{"index":0,"delta":{"role":"assistant","content":"Four"},"finish_reason":"stop","native_finish_reason":"stop"}]})") +
      event(
          R"({"id":"gen-1","provider":"DeepInfra","model":"deepseek/deepseek-r1","object":"chat.completion.chunk","created":1700000000,"choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}],"usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15,"cost":0.0012,"is_byok":false,"cost_details":{"upstream_inference_cost":null},"prompt_tokens_details":{"cached_tokens":8,"cache_write_tokens":1,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":2}}})") +
      "data: [DONE]\n\n");
  w.headers.emplace_back("x-generation-id", "gen-1");
  auto r = play_at_every_cut("openrouter", w);
  check_answered(r);
  CHECK(r.reply.text == "Four");
  CHECK(r.reply.reasoning == "Hm");
  CHECK(r.tried.request_id == "gen-1");
  auto expected = tokens(10, 5);
  expected.cached_input = 8;
  expected.cache_write = 1;
  expected.reasoning = 2;
  expected.billed_usd = 0.0012;
  CHECK(r.reply.usage == expected);
}

TEST_CASE("openrouter: a cost given as a string of digits is a number") {
  auto r = play(
      "openrouter",
      stream_of(
          chunk(R"({"content":"x"})", "\"stop\"") +
          event(
              R"({"choices":[],"usage":{"prompt_tokens":"10","completion_tokens":5,"cost":"0.00003"}})") +
          "data: [DONE]\n\n"));
  CHECK(r.reply.usage.billed_usd == 0.00003);
  CHECK(r.reply.usage.input == 10);
}

TEST_CASE("openrouter: a cost of -1 is no price") {
  auto r = play(
      "openrouter",
      stream_of(
          chunk(R"({"content":"x"})", "\"stop\"") +
          event(
              R"({"choices":[],"usage":{"prompt_tokens":10,"completion_tokens":5,"cost":"-1"}})") +
          "data: [DONE]\n\n"));
  CHECK_FALSE(r.reply.usage.billed_usd.has_value());
  CHECK(r.reply.usage.output == 5);
}

TEST_CASE("openrouter: an error chunk after the start is that error, not an answer") {
  auto r = play_at_every_cut(
      "openrouter",
      stream_of(
          chunk(R"({"content":"Fo"})") +
          event(
              R"({"id":"gen-1","object":"chat.completion.chunk","created":1700000000,"model":"m","provider":"p","error":{"code":429,"message":"Provider returned error","metadata":{"error_type":"rate_limit_exceeded","provider_code":"x"}},"choices":[{"index":0,"delta":{"content":""},"finish_reason":"error"}]})") +
          "data: [DONE]\n\n"));
  CHECK(r.tried.error.kind == error_class::rate_limited);
  CHECK(r.tried.error.code == "429");
  CHECK(r.tried.error.type == "rate_limit_exceeded");
  CHECK(r.tried.error.message == "Provider returned error");
  CHECK(r.reply.text == "");
}

TEST_CASE("dashscope: reasoning_content and usage of the last chunk") {
  auto r = play_at_every_cut(
      "dashscope",
      stream_of(
          event(
              R"({"choices":[{"delta":{"content":null,"role":"assistant","reasoning_content":""},"index":0,"logprobs":null,"finish_reason":null}],"object":"chat.completion.chunk","usage":null,"created":1700000000,"system_fingerprint":null,"model":"qwen3-8b","id":"chatcmpl-d"})") +
          event(
              R"({"choices":[{"finish_reason":null,"logprobs":null,"delta":{"content":null,"reasoning_content":"想"},"index":0}],"object":"chat.completion.chunk","usage":null,"created":1700000000,"system_fingerprint":null,"model":"qwen3-8b","id":"chatcmpl-d"})") +
          event(
              R"({"choices":[{"delta":{"content":"好","reasoning_content":null},"finish_reason":null,"index":0,"logprobs":null}],"object":"chat.completion.chunk","usage":null,"created":1700000000,"system_fingerprint":null,"model":"qwen3-8b","id":"chatcmpl-d"})") +
          event(
              R"({"choices":[{"finish_reason":"length","delta":{"content":"","reasoning_content":null},"index":0,"logprobs":null}],"object":"chat.completion.chunk","usage":null,"created":1700000000,"system_fingerprint":null,"model":"qwen3-8b","id":"chatcmpl-d"})") +
          event(
              R"({"choices":[],"object":"chat.completion.chunk","usage":{"prompt_tokens":5,"completion_tokens":3,"total_tokens":8,"completion_tokens_details":{"reasoning_tokens":2}},"created":1700000000,"system_fingerprint":null,"model":"qwen3-8b","id":"chatcmpl-d"})") +
          "data: [DONE]\n\n"));
  check_answered(r);
  CHECK(r.reply.text == "好");
  CHECK(r.reply.reasoning == "想");
  CHECK(r.reply.why == finish::length);
  auto expected = tokens(5, 3);
  expected.reasoning = 2;
  CHECK(r.reply.usage == expected);
}

TEST_CASE("deepseek: keep-alive comments are no tokens, cache hits are the cached input") {
  auto r = play_at_every_cut(
      "deepseek",
      stream_of(
          ": keep-alive\n\n: keep-alive\n\n" +
          event(
              R"({"id":"d-1","object":"chat.completion.chunk","created":1700000000,"model":"deepseek-reasoner","system_fingerprint":"fp_d","choices":[{"index":0,"delta":{"role":"assistant","content":null,"reasoning_content":"Let me see"},"logprobs":null,"finish_reason":null}]})") +
          ": keep-alive\n\n" +
          event(
              R"({"id":"d-1","object":"chat.completion.chunk","created":1700000000,"model":"deepseek-reasoner","system_fingerprint":"fp_d","choices":[{"index":0,"delta":{"content":"9","reasoning_content":null},"logprobs":null,"finish_reason":null}]})") +
          event(
              R"({"id":"d-1","object":"chat.completion.chunk","created":1700000000,"model":"deepseek-reasoner","system_fingerprint":"fp_d","choices":[{"index":0,"delta":{"content":"","reasoning_content":null},"logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":20,"completion_tokens":8,"total_tokens":28,"prompt_cache_hit_tokens":16,"prompt_cache_miss_tokens":4,"completion_tokens_details":{"reasoning_tokens":7}}})") +
          "data: [DONE]\n\n"));
  check_answered(r);
  CHECK(r.reply.text == "9");
  CHECK(r.reply.reasoning == "Let me see");
  CHECK(r.tried.content_events == 1);
  auto expected = tokens(20, 8);
  expected.cached_input = 16;
  expected.reasoning = 7;
  CHECK(r.reply.usage == expected);
}

TEST_CASE("deepseek: the finish insufficient_system_resource is an overload") {
  auto r = play("deepseek",
                stream_of(chunk(R"({"content":"Fo"})") +
                          chunk("{}", "\"insufficient_system_resource\"") + "data: [DONE]\n\n"));
  CHECK(r.tried.error.kind == error_class::overloaded);
  CHECK(r.tried.error.code == "insufficient_system_resource");
  CHECK(r.reply.text == "");
}

}  // namespace assay::tests
