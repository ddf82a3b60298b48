#include <array>

#include "play.hpp"

// One recorded stream per wire format, written by hand after the documentation of each API; every
// one is cut at every byte and must give the identical answer.
namespace assay::tests {

namespace {

std::string chunk(std::string_view delta, std::string_view finish = "null") {
  return event(R"({"id":"c-1","object":"chat.completion.chunk","created":1700000000,"model":"m-1",)"
               R"("choices":[{"index":0,"delta":)" +
               std::string(delta) + R"(,"finish_reason":)" + std::string(finish) + "}]}");
}

token_usage tokens(std::int64_t in, std::int64_t out) {
  token_usage u;
  u.input = in;
  u.output = out;
  return u;
}

void check_answered(const exchange_result& r) {
  CHECK(r.tried.error.kind == error_class::none);
  CHECK(r.tried.error.message == "");
  CHECK(r.tried.usage == r.reply.usage);
}

}  // namespace

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

TEST_CASE(
    "vllm: usage in every chunk, the last one wins; reasoning sent in two fields is kept once") {
  auto r = play_at_every_cut(
      "vllm",
      stream_of(
          event(
              R"({"id":"v-1","object":"chat.completion.chunk","created":1700000000,"model":"Qwen/Qwen3-8B","choices":[{"index":0,"delta":{"role":"assistant","content":""},"logprobs":null,"finish_reason":null}],"usage":{"prompt_tokens":6,"total_tokens":6,"completion_tokens":0}})") +
          event(
              R"({"id":"v-1","object":"chat.completion.chunk","created":1700000000,"model":"Qwen/Qwen3-8B","choices":[{"index":0,"delta":{"reasoning":"ab","reasoning_content":"ab"},"logprobs":null,"finish_reason":null}],"usage":{"prompt_tokens":6,"total_tokens":7,"completion_tokens":1}})") +
          event(
              R"({"id":"v-1","object":"chat.completion.chunk","created":1700000000,"model":"Qwen/Qwen3-8B","choices":[{"index":0,"delta":{"content":"cd"},"logprobs":null,"finish_reason":"stop","stop_reason":null}],"usage":{"prompt_tokens":6,"total_tokens":8,"completion_tokens":2}})") +
          event(
              R"({"id":"v-1","object":"chat.completion.chunk","created":1700000000,"model":"Qwen/Qwen3-8B","choices":[],"usage":{"prompt_tokens":6,"total_tokens":8,"completion_tokens":2}})") +
          "data: [DONE]\n\n"));
  check_answered(r);
  CHECK(r.reply.text == "cd");
  CHECK(r.reply.reasoning == "ab");
  CHECK(r.reply.usage == tokens(6, 2));
}

TEST_CASE("vllm: an error frame counts even if [DONE] follows it") {
  auto r = play_at_every_cut(
      "vllm",
      stream_of(
          chunk(R"({"content":"ab"})") + chunk("{}", "\"stop\"") +
          event(
              R"({"error":{"message":"EngineDeadError","type":"InternalServerError","param":null,"code":500}})") +
          "data: [DONE]\n\n"));
  CHECK(r.tried.error.kind == error_class::server_error);
  CHECK(r.tried.error.message == "EngineDeadError");
  CHECK(r.tried.error.code == "500");
}

TEST_CASE("vllm: the older error frame with everything at the top level") {
  auto r = play(
      "vllm",
      stream_of(
          event(
              R"({"object":"error","message":"This model's maximum context length is 4096 tokens.","type":"BadRequestError","param":null,"code":400})") +
          "data: [DONE]\n\n"));
  CHECK(r.tried.error.kind == error_class::context_too_long);
}

TEST_CASE("llamacpp: timings are passed over, CRLF and lines without a blank are read") {
  auto r = play_at_every_cut(
      "llamacpp",
      stream_of("data:{\"choices\":[{\"finish_reason\":null,\"index\":0,\"delta\":{\"role\":"
                "\"assistant\",\"content\":null}}],\"created\":1700000000,\"id\":\"chatcmpl-l\","
                "\"model\":\"gguf\",\"system_fingerprint\":\"b1\",\"object\":\"chat.completion."
                "chunk\"}\r\n\r\n"
                "data:{\"choices\":[{\"finish_reason\":null,\"index\":0,\"delta\":{\"reasoning_"
                "content\":\"r\"}}],\"id\":\"chatcmpl-l\",\"model\":\"gguf\"}\r\n\r\n"
                "data:{\"choices\":[{\"finish_reason\":null,\"index\":0,\"delta\":{\"content\":"
                "\"ok\"}}],\"id\":\"chatcmpl-l\",\"model\":\"gguf\"}\r\n\r\n"
                "data:{\"choices\":[{\"finish_reason\":\"length\",\"index\":0,\"delta\":{}}],"
                "\"id\":\"chatcmpl-l\",\"model\":\"gguf\",\"timings\":{\"prompt_n\":5,\"prompt_"
                "ms\":1.5,\"predicted_n\":2,\"predicted_per_second\":88.1}}\r\n\r\n"
                "data:{\"choices\":[],\"id\":\"chatcmpl-l\",\"usage\":{\"completion_tokens\":2,"
                "\"prompt_tokens\":5,\"total_tokens\":7}}\r\n\r\n"
                "data: [DONE]\r\n\r\n"));
  check_answered(r);
  CHECK(r.reply.text == "ok");
  CHECK(r.reply.reasoning == "r");
  CHECK(r.reply.why == finish::length);
  CHECK(r.reply.model == "gguf");
  CHECK(r.reply.usage == tokens(5, 2));
}

TEST_CASE("llamacpp: an error frame in the middle") {
  auto r = play(
      "llamacpp",
      stream_of(
          chunk(R"({"content":"ab"})") +
          event(
              R"({"error":{"code":500,"message":"context shift is disabled","type":"server_error"}})")));
  CHECK(r.tried.error.kind == error_class::server_error);
  CHECK(r.tried.error.type == "server_error");
}

TEST_CASE("ollama: reasoning, finish chunk with an empty delta, usage chunk") {
  auto r = play_at_every_cut(
      "ollama",
      stream_of(
          event(
              R"({"id":"chatcmpl-1","object":"chat.completion.chunk","created":1700000000,"model":"qwen3","system_fingerprint":"fp_ollama","choices":[{"index":0,"delta":{"role":"assistant","content":"","reasoning":"think"},"finish_reason":null}]})") +
          event(
              R"({"id":"chatcmpl-1","object":"chat.completion.chunk","created":1700000000,"model":"qwen3","system_fingerprint":"fp_ollama","choices":[{"index":0,"delta":{"role":"assistant","content":"done"},"finish_reason":null}]})") +
          event(
              R"({"id":"chatcmpl-1","object":"chat.completion.chunk","created":1700000000,"model":"qwen3","system_fingerprint":"fp_ollama","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":"stop"}]})") +
          event(
              R"({"id":"chatcmpl-1","object":"chat.completion.chunk","created":1700000000,"model":"qwen3","system_fingerprint":"fp_ollama","choices":[],"usage":{"prompt_tokens":12,"completion_tokens":4,"total_tokens":16}})") +
          "data: [DONE]\n\n"));
  check_answered(r);
  CHECK(r.reply.text == "done");
  CHECK(r.reply.reasoning == "think");
  CHECK(r.reply.system_fingerprint == "fp_ollama");
  CHECK(r.reply.usage == tokens(12, 4));
}

TEST_CASE("ollama: a stream that just ends after an empty chunk is a failure of the transport") {
  auto r = play_at_every_cut("ollama", stream_of(chunk(R"({"content":"do"})") + chunk("{}")));
  CHECK(r.tried.error.kind == error_class::transport);
  CHECK(r.tried.error.message == "the stream ended without its terminator");
  CHECK(r.reply.text == "");
}

namespace {

constexpr std::string_view anthropic_start =
    "event: message_start\n"
    R"(data: {"type":"message_start","message":{"id":"msg_01","type":"message","role":"assistant","model":"claude-opus-4-1-20250805","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":10,"cache_creation_input_tokens":20,"cache_read_input_tokens":300,"output_tokens":1,"service_tier":"standard"}}})"
    "\n\n"
    "event: content_block_start\n"
    R"(data: {"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}})"
    "\n\n"
    "event: ping\n"
    R"(data: {"type": "ping"})"
    "\n\n"
    "event: content_block_delta\n"
    R"(data: {"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"2+2"}})"
    "\n\n"
    "event: content_block_delta\n"
    R"(data: {"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"EqQ"}})"
    "\n\n"
    "event: content_block_stop\n"
    R"(data: {"type":"content_block_stop","index":0})"
    "\n\n"
    "event: content_block_start\n"
    R"(data: {"type":"content_block_start","index":1,"content_block":{"type":"text","text":""}})"
    "\n\n"
    "event: content_block_delta\n"
    R"(data: {"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"It is "}})"
    "\n\n"
    "event: content_block_delta\n"
    R"(data: {"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"4."}})"
    "\n\n";

std::string anthropic_end(std::string_view stop_reason) {
  return "event: content_block_stop\n"
         R"(data: {"type":"content_block_stop","index":1})"
         "\n\n"
         "event: message_delta\n"
         R"(data: {"type":"message_delta","delta":{"stop_reason":")" +
         std::string(stop_reason) +
         R"(","stop_sequence":null},"usage":{"output_tokens":15}})"
         "\n\n"
         "event: message_stop\n"
         R"(data: {"type":"message_stop"})"
         "\n\n";
}

}  // namespace

TEST_CASE(
    "anthropic: usage is cumulative, the whole prompt is input + cache writes + cache reads") {
  auto w = stream_of(std::string(anthropic_start) + anthropic_end("end_turn"));
  w.headers.emplace_back("request-id", "req_018");
  auto r = play_at_every_cut("anthropic", w);
  check_answered(r);
  CHECK(r.reply.text == "It is 4.");
  CHECK(r.reply.reasoning == "2+2");
  CHECK(r.reply.why == finish::stop);
  CHECK(r.reply.finish_reason == "end_turn");
  CHECK(r.reply.response_id == "msg_01");
  CHECK(r.reply.model == "claude-opus-4-1-20250805");
  CHECK(r.reply.service_tier == "standard");
  CHECK(r.tried.request_id == "req_018");
  CHECK(r.tried.content_events == 2);
  auto expected = tokens(330, 15);
  expected.cached_input = 300;
  expected.cache_write = 20;
  CHECK(r.reply.usage == expected);
}

TEST_CASE("anthropic: every stop_reason has its meaning") {
  struct row {
    std::string_view word;
    finish why;
    error_class kind;
  };
  const std::array rows{row{"end_turn", finish::stop, error_class::none},
                        row{"stop_sequence", finish::stop, error_class::none},
                        row{"max_tokens", finish::length, error_class::none},
                        row{"model_context_window_exceeded", finish::length, error_class::none},
                        row{"tool_use", finish::tool_calls, error_class::none},
                        row{"pause_turn", finish::unknown, error_class::none},
                        row{"refusal", finish::refusal, error_class::refusal}};
  for (const auto& row : rows) {
    CAPTURE(row.word);
    auto r = play("anthropic", stream_of(std::string(anthropic_start) + anthropic_end(row.word)));
    CHECK(r.reply.why == row.why);
    CHECK(r.reply.finish_reason == row.word);
    CHECK(r.tried.error.kind == row.kind);
    CHECK(r.reply.text == "It is 4.");
  }
}

TEST_CASE("anthropic: an error event after 200 is that error") {
  auto r = play_at_every_cut(
      "anthropic",
      stream_of(
          std::string(anthropic_start) +
          "event: error\n"
          R"(data: {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}})"
          "\n\n"));
  CHECK(r.tried.error.kind == error_class::overloaded);
  CHECK(r.tried.error.type == "overloaded_error");
  CHECK(r.tried.error.message == "Overloaded");
  CHECK(r.reply.text == "");
}

TEST_CASE("anthropic: without message_stop the answer is broken off and its output count unknown") {
  auto r = play_at_every_cut("anthropic", stream_of(std::string(anthropic_start)));
  CHECK(r.tried.error.kind == error_class::transport);
  CHECK(r.tried.usage.input == 330);
  CHECK_FALSE(r.tried.usage.output.has_value());
}

TEST_CASE("gemini: thoughts are reasoning and part of the output, tool prompts part of the input") {
  auto r = play_at_every_cut(
      "gemini",
      stream_of(
          event(
              R"({"candidates":[{"content":{"parts":[{"text":"hmm ","thought":true}],"role":"model"},"index":0}],"usageMetadata":{"promptTokenCount":8,"totalTokenCount":10,"thoughtsTokenCount":2},"modelVersion":"gemini-2.5-pro","responseId":"resp-1"})") +
          event(
              R"({"candidates":[{"content":{"parts":[{"thought":true,"text":"so"},{"text":"Par"}],"role":"model"},"index":0}],"usageMetadata":{"promptTokenCount":8,"candidatesTokenCount":1,"totalTokenCount":12,"thoughtsTokenCount":3},"modelVersion":"gemini-2.5-pro","responseId":"resp-1"})") +
          event(
              R"({"candidates":[{"content":{"parts":[{"text":"is","thoughtSignature":"x"}],"role":"model"},"finishReason":"STOP","index":0,"safetyRatings":[]}],"usageMetadata":{"promptTokenCount":8,"candidatesTokenCount":2,"totalTokenCount":18,"cachedContentTokenCount":5,"thoughtsTokenCount":4,"toolUsePromptTokenCount":4},"modelVersion":"gemini-2.5-pro","responseId":"resp-1"})")));
  check_answered(r);
  CHECK(r.reply.text == "Paris");
  CHECK(r.reply.reasoning == "hmm so");
  CHECK(r.reply.why == finish::stop);
  CHECK(r.reply.model == "gemini-2.5-pro");
  CHECK(r.reply.response_id == "resp-1");
  CHECK(r.tried.content_events == 2);
  auto expected = tokens(12, 6);
  expected.cached_input = 5;
  expected.reasoning = 4;
  CHECK(r.reply.usage == expected);
}

TEST_CASE("gemini: a stream that ends without a finishReason is broken off") {
  auto r = play_at_every_cut(
      "gemini",
      stream_of(event(
          R"({"candidates":[{"content":{"parts":[{"text":"Par"}],"role":"model"},"index":0}],"usageMetadata":{"promptTokenCount":8}})")));
  CHECK(r.tried.error.kind == error_class::transport);
  CHECK_FALSE(r.tried.usage.output.has_value());
}

TEST_CASE("gemini: a last chunk that is cut after its finishReason does not count as an end") {
  auto w = stream_of(
      event(R"({"candidates":[{"content":{"parts":[{"text":"Par"}],"role":"model"},"index":0}]})") +
      R"(data: {"candidates":[{"finishReason":"STOP","content":{"parts":[{"text":"is)");
  auto r = play_at_every_cut("gemini", w);
  CHECK(r.tried.error.kind == error_class::transport);
  CHECK(r.reply.text == "");
}

TEST_CASE("gemini: thinking that used up the tokens leaves an answer without parts") {
  auto r = play_at_every_cut(
      "gemini",
      stream_of(event(
          R"({"candidates":[{"content":{"role":"model"},"finishReason":"MAX_TOKENS","index":0}],"usageMetadata":{"promptTokenCount":8,"totalTokenCount":108,"thoughtsTokenCount":100}})")));
  check_answered(r);
  CHECK(r.reply.text == "");
  CHECK(r.reply.why == finish::length);
  CHECK(r.reply.usage.output == 100);
}

TEST_CASE("gemini: a blocked prompt is content_filtered") {
  auto r = play_at_every_cut(
      "gemini",
      stream_of(event(
          R"({"promptFeedback":{"blockReason":"PROHIBITED_CONTENT"},"usageMetadata":{"promptTokenCount":8,"totalTokenCount":8},"modelVersion":"m"})")));
  CHECK(r.tried.error.kind == error_class::content_filtered);
  CHECK(r.tried.error.code == "PROHIBITED_CONTENT");
  CHECK(r.reply.why == finish::content_filter);
  CHECK(r.reply.usage.input == 8);
  CHECK_FALSE(r.reply.usage.output.has_value());
}

TEST_CASE("gemini: every finishReason has its meaning") {
  struct row {
    std::string_view word;
    finish why;
  };
  const std::array rows{row{"STOP", finish::stop},
                        row{"MAX_TOKENS", finish::length},
                        row{"SAFETY", finish::content_filter},
                        row{"RECITATION", finish::content_filter},
                        row{"BLOCKLIST", finish::content_filter},
                        row{"PROHIBITED_CONTENT", finish::content_filter},
                        row{"SPII", finish::content_filter},
                        row{"IMAGE_SAFETY", finish::content_filter},
                        row{"LANGUAGE", finish::unknown},
                        row{"OTHER", finish::unknown},
                        row{"MALFORMED_FUNCTION_CALL", finish::unknown},
                        row{"A_WORD_OF_TOMORROW", finish::unknown}};
  for (const auto& row : rows) {
    CAPTURE(row.word);
    auto r = play(
        "gemini",
        stream_of(event(R"({"candidates":[{"content":{"parts":[{"text":"a"}]},"finishReason":")" +
                        std::string(row.word) + R"("}]})")));
    CHECK(r.reply.why == row.why);
    CHECK(r.reply.finish_reason == row.word);
    bool filtered = row.why == finish::content_filter;
    CHECK(r.tried.error.kind == (filtered ? error_class::content_filtered : error_class::none));
    CHECK(r.reply.text == "a");
  }
}

TEST_CASE("openai: every finish_reason has its meaning") {
  struct row {
    std::string_view word;
    finish why;
    error_class kind;
  };
  const std::array rows{
      row{"stop", finish::stop, error_class::none},
      row{"eos", finish::stop, error_class::none},
      row{"length", finish::length, error_class::none},
      row{"tool_calls", finish::tool_calls, error_class::none},
      row{"function_call", finish::tool_calls, error_class::none},
      row{"content_filter", finish::content_filter, error_class::content_filtered},
      row{"error", finish::unknown, error_class::server_error},
      row{"a_word_of_tomorrow", finish::unknown, error_class::none}};
  for (const auto& row : rows) {
    CAPTURE(row.word);
    auto r = play("openai",
                  stream_of(chunk(R"({"content":"a"})") +
                            chunk("{}", "\"" + std::string(row.word) + "\"") + "data: [DONE]\n\n"));
    CHECK(r.reply.why == row.why);
    CHECK(r.reply.finish_reason == row.word);
    CHECK(r.tried.error.kind == row.kind);
  }
}

TEST_CASE("a refusal is recorded as one, with its text") {
  auto r = play_at_every_cut(
      "openai",
      stream_of(chunk(R"({"role":"assistant","content":null,"refusal":"I can"})") +
                chunk(R"({"refusal":"not."})") + chunk("{}", "\"stop\"") + "data: [DONE]\n\n"));
  CHECK(r.tried.error.kind == error_class::refusal);
  CHECK(r.tried.error.message == "I cannot.");
  CHECK(r.reply.refusal == "I cannot.");
  CHECK(r.reply.why == finish::refusal);
}

TEST_CASE("tool-call pieces, interleaved by index, are no answer text and do not disturb it") {
  auto r = play_at_every_cut(
      "openai",
      stream_of(
          chunk(
              R"({"role":"assistant","content":null,"tool_calls":[{"index":0,"id":"call_1","type":"function","function":{"name":"f","arguments":""}}]})") +
          chunk(
              R"({"tool_calls":[{"index":1,"id":"call_2","type":"function","function":{"name":"g","arguments":"{\"content\":"}}]})") +
          chunk(R"({"tool_calls":[{"index":0,"function":{"arguments":"{\"x\":1}"}}]})") +
          chunk(R"({"tool_calls":[{"index":1,"function":{"arguments":"\"y\"}"}}]})") +
          chunk("{}", "\"tool_calls\"") + "data: [DONE]\n\n"));
  check_answered(r);
  CHECK(r.reply.text == "");
  CHECK(r.reply.why == finish::tool_calls);
  CHECK(r.tried.content_events == 0);
}

TEST_CASE("of several choices only the first is kept, wherever its index stands") {
  auto second = [](std::string_view content) {
    return event(R"({"id":"c","choices":[{"delta":{"content":")" + std::string(content) +
                 R"("},"finish_reason":null,"index":1}]})");
  };
  auto r = play_at_every_cut("openai",
                             stream_of(second("B") + chunk(R"({"content":"A"})") + second("B") +
                                       chunk("{}", "\"stop\"") + "data: [DONE]\n\n"));
  check_answered(r);
  CHECK(r.reply.text == "A");
  CHECK(r.tried.content_events == 1);
}

TEST_CASE("[DONE] without a finish_reason is a broken answer, and so is a finish without [DONE]") {
  for (auto dialect : {"openai", "azure", "groq", "openrouter", "dashscope", "deepseek", "vllm",
                       "llamacpp", "ollama"}) {
    CAPTURE(dialect);
    auto no_finish = play(dialect, stream_of(chunk(R"({"content":"a"})") + "data: [DONE]\n\n"));
    CHECK(no_finish.tried.error.kind == error_class::transport);
    auto no_done = play(dialect, stream_of(chunk(R"({"content":"a"})") + chunk("{}", "\"stop\"")));
    CHECK(no_done.tried.error.kind == error_class::transport);
    CHECK(no_done.tried.error.message == "the stream ended without its terminator");
    CHECK(no_done.reply.text == "");
  }
}

TEST_CASE("[DONE] counts with blanks around it and without the final blank line") {
  auto r = play_at_every_cut(
      "openai", stream_of(chunk(R"({"content":"a"})", "\"stop\"") + "data:   [DONE]  "));
  check_answered(r);
  CHECK(r.reply.text == "a");
}

TEST_CASE("the time line marks the first event, reasoning, content and the terminator") {
  auto reader = dialects::find("deepseek")->reader(true);
  reader->head(200, {{"content-type", "text/event-stream"}}, at_ms(1));
  reader->body(": keep-alive\n\n", at_ms(2));
  reader->body(chunk(R"({"role":"assistant","content":""})"), at_ms(3));
  reader->body(chunk(R"({"reasoning_content":"r"})"), at_ms(4));
  reader->body(chunk(R"({"reasoning_content":"r"})"), at_ms(5));
  reader->body(chunk(R"({"content":"a"})"), at_ms(6));
  reader->body(chunk(R"({"content":"b"})"), at_ms(7));
  reader->body(chunk("{}", "\"stop\""), at_ms(8));
  reader->body("data: [DONE]\n\n", at_ms(9));
  auto at = reader->finish({}, at_ms(10)).tried.at;
  CHECK(at.first_byte == at_ms(1));
  CHECK(at.first_event == at_ms(3));
  CHECK(at.first_reasoning == at_ms(4));
  CHECK(at.first_content == at_ms(6));
  CHECK(at.last_content == at_ms(7));
  CHECK(at.done == at_ms(9));
  CHECK(at.sent == instant{});
}

TEST_CASE("a failure within a stream is done at the moment it showed") {
  auto reader = dialects::find("openai")->reader(true);
  reader->head(200, {}, at_ms(1));
  reader->body(event(R"({"error":{"message":"x"}})"), at_ms(4));
  reader->body("data: [DONE]\n\n", at_ms(5));
  CHECK(reader->finish({}, at_ms(9)).tried.at.done == at_ms(4));
}

TEST_CASE("a whole document has no marks of a stream") {
  auto r = play("openai",
                json_of(R"({"choices":[{"message":{"content":"a"},"finish_reason":"stop"}]})"));
  CHECK(r.tried.at.first_byte == at_ms(10));
  CHECK(r.tried.at.first_event == instant{});
  CHECK(r.tried.at.first_content == instant{});
  CHECK(r.tried.at.done == at_ms(30));
  CHECK(r.tried.content_events == 0);
}

}  // namespace assay::tests
