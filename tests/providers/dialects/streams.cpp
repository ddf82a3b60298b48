#include "stream_pieces.hpp"

// What holds for the streams of every API.
namespace assay::tests {

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

TEST_CASE("tool-call pieces, interleaved by index, become calls and no answer text") {
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
  CHECK(r.reply.calls == std::vector<tool_call>{{"call_1", "f", R"({"x":1})"},
                                                {"call_2", "g", R"({"content":"y"})"}});
  CHECK(r.tried.content_events == 4);
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
  auto reader = dialects::find("deepseek")->reader({});
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
  auto reader = dialects::find("openai")->reader({});
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
