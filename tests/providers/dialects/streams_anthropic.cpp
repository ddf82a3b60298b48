#include "stream_pieces.hpp"

// Streams of Anthropic's format.
namespace assay::tests {

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

}  // namespace assay::tests
