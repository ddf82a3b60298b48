#include "stream_pieces.hpp"

// Streams of servers that one runs oneself.
namespace assay::tests {

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

}  // namespace assay::tests
