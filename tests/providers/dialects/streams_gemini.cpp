#include "stream_pieces.hpp"

// Streams of Gemini's format.
namespace assay::tests {

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

}  // namespace assay::tests
