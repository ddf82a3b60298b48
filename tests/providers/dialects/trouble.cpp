#include "play.hpp"

// Answers that no API should give, and all of them do at some time.
namespace assay::tests {

namespace {

constexpr std::string_view all[] = {"openai",     "azure",     "groq",      "together",
                                    "openrouter", "dashscope", "deepseek",  "vllm",
                                    "llamacpp",   "ollama",    "anthropic", "gemini"};

bool is_valid_utf8(std::string_view s) {
  for (std::size_t i = 0; i < s.size();) {
    auto b = static_cast<unsigned char>(s[i]);
    std::size_t n = b < 0x80 ? 1 : (b >> 5) == 6 ? 2 : (b >> 4) == 14 ? 3 : (b >> 3) == 30 ? 4 : 0;
    if (n == 0 || i + n > s.size()) return false;
    for (std::size_t k = 1; k < n; ++k)
      if ((static_cast<unsigned char>(s[i + k]) & 0xC0) != 0x80) return false;
    i += n;
  }
  return true;
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("HTML instead of an answer is a server error that names it and doubts base_url") {
  for (auto dialect : all) {
    auto r = play_at_every_cut(dialect, wire{200,
                                             {{"content-type", "text/html; charset=utf-8"}},
                                             "<!doctype html>\n<title>Welcome</title>"});
    CHECK(r.tried.error.kind == error_class::server_error);
    CHECK(r.tried.error.message ==
          "the answer is not one of this API: HTTP 200 with content type text/html, beginning "
          "`<!doctype html> <title>Welcome</title>`; base_url may be wrong");
  }
}

TEST_CASE("plain text instead of an answer is unreadable, also if it begins like a stream") {
  for (auto dialect : all)
    for (auto text : {"OK", "internal error", "data center is down\n\n"}) {
      CAPTURE(text);
      auto r = play(dialect, wire{200, {{"content-type", "text/plain"}}, text});
      CHECK(r.tried.error.kind == error_class::server_error);
      CHECK(contains(r.tried.error.message, "text/plain"));
      CHECK(contains(r.tried.error.message, "base_url may be wrong"));
    }
}

TEST_CASE("an empty answer is a server error, an empty stream a failure of the transport") {
  for (auto dialect : all) {
    auto empty = play(dialect, json_of(""));
    CHECK(empty.tried.error.kind == error_class::server_error);
    CHECK(contains(empty.tried.error.message, "the answer is empty"));
    auto blank = play(dialect, json_of("\n\n \r\n"));
    CHECK(blank.tried.error.kind == error_class::server_error);
    CHECK(play(dialect, wire{204, {}, ""}).tried.error.kind == error_class::server_error);
    auto stream = play(dialect, stream_of(""));
    CHECK(stream.tried.error.kind == error_class::transport);
    CHECK(play(dialect, stream_of(": ping\n\n")).tried.error.kind == error_class::transport);
  }
}

TEST_CASE("a redirect is not followed, and its message doubts base_url") {
  auto r = play("openai", wire{301, {{"location", "https://elsewhere"}}, ""});
  CHECK(r.tried.error.kind == error_class::bad_request);
  CHECK(contains(r.tried.error.message, "HTTP 301"));
  CHECK(contains(r.tried.error.message, "base_url may be wrong"));
}

TEST_CASE("JSON that is cut off is no answer, at whatever byte") {
  for (auto dialect : all) {
    std::string body =
        dialect == "anthropic"
            ? R"({"type":"message","content":[{"type":"text","text":"a"}],"stop_reason":"end_turn"})"
        : dialect == "gemini"
            ? R"({"candidates":[{"content":{"parts":[{"text":"a"}]},"finishReason":"STOP"}]})"
            : R"({"choices":[{"message":{"content":"a"},"finish_reason":"stop"}]})";
    REQUIRE(play(dialect, json_of(body)).tried.error.kind == error_class::none);
    for (std::size_t n = 1; n < body.size(); ++n) {
      CAPTURE(n);
      auto r = play(dialect, json_of(body.substr(0, n)));
      CHECK(r.tried.error.kind == error_class::server_error);
      CHECK(r.reply.text == "");
    }
  }
}

TEST_CASE("a stream that is cut off is a failure of the transport, at whatever byte") {
  std::string openai =
      event(R"({"choices":[{"index":0,"delta":{"content":"a"},"finish_reason":null}]})") +
      event(R"({"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]})") + "data: [DONE]\n\n";
  REQUIRE(play("openai", stream_of(openai)).tried.error.kind == error_class::none);
  auto last = openai.size() - std::string_view("\n\n").size();
  for (std::size_t n = 1; n < last; ++n) {
    CAPTURE(n);
    auto r = play("openai", stream_of(openai.substr(0, n)));
    CHECK(r.tried.error.kind == error_class::transport);
    CHECK(r.reply.text == "");
  }
}

TEST_CASE("values of a wrong type are an error that says so") {
  struct row {
    std::string_view dialect;
    std::string_view body;
    std::string_view says;
  };
  const row rows[] = {
      {"openai", R"({"choices":[{"message":{"content":5},"finish_reason":"stop"}]})",
       "choices[].content is a number"},
      {"openai", R"({"choices":[{"message":{"content":{"a":1}},"finish_reason":"stop"}]})",
       "choices[].content is an object"},
      {"openai", R"({"choices":[{"message":{"content":true},"finish_reason":"stop"}]})",
       "choices[].content is true or false"},
      {"openai", R"({"choices":"none"})", "the answer has no choices"},
      {"openai", R"({"choices":{}})", "the answer has no choices"},
      {"openai", R"({"choices":[]})", "the answer has no choices"},
      {"openai", R"({"choices":[{}]})", "the first choice of the answer holds no message"},
      {"openai", R"({"choices":[null]})", "the first choice of the answer holds no message"},
      {"openai", R"({})", "the answer has no choices"},
      {"openai", R"([])", "the answer has no choices"},
      {"openai", R"("text")", "the answer has no choices"},
      {"openai", R"(5)", "the answer has no choices"},
      {"openai", R"(null)", "the answer has no choices"},
      {"anthropic", R"({"type":"message","content":"text","stop_reason":"end_turn"})",
       "the answer has no content"},
      {"anthropic",
       R"({"type":"message","content":[{"type":"text","text":7}],"stop_reason":"end_turn"})",
       "content[].text is a number"},
      {"gemini", R"({"candidates":[{"content":{"parts":[{"text":[1]}]},"finishReason":"STOP"}]})",
       ""},
      {"gemini", R"({"candidates":[{"content":{"parts":[{"text":7}]},"finishReason":"STOP"}]})",
       "candidates[].content.parts[].text is a number"},
      {"gemini", R"({"candidates":7})", "the answer has no candidates"},
      {"gemini", R"({"usageMetadata":{}})", "the answer has no candidates"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.body);
    auto e = play(row.dialect, json_of(std::string(row.body))).tried.error;
    CHECK(e.kind == (row.says.empty() ? error_class::none : error_class::server_error));
    CHECK(contains(e.message, row.says));
  }
}

TEST_CASE("an event of a wrong type or that is not JSON ends the stream with that error") {
  auto bad =
      play_at_every_cut("openai", stream_of(event("{\"choices\":[{\"delta\":{\"content\":\"a\"") +
                                            event("{}") + "data: [DONE]\n\n"));
  CHECK(bad.tried.error.kind == error_class::server_error);
  CHECK(contains(bad.tried.error.message, "an event of the stream is not JSON"));
  CHECK(bad.reply.text == "");
  auto number = play(
      "openai", stream_of(event(R"({"choices":[{"delta":{"content":5}}]})") + "data: [DONE]\n\n"));
  CHECK(number.tried.error.kind == error_class::server_error);
  CHECK(contains(number.tried.error.message, "is a number"));
}

TEST_CASE("bytes that are no UTF-8 become U+FFFD, in streams and documents") {
  auto r =
      play_at_every_cut("openai", stream_of(event("{\"choices\":[{\"delta\":{\"content\":"
                                                  "\"a\xFFz\xC3\"},\"finish_reason\":\"stop\"}]}") +
                                            "data: [DONE]\n\n"));
  CHECK(r.tried.error.kind == error_class::none);
  CHECK(r.reply.text == "a\xEF\xBF\xBDz\xEF\xBF\xBD");
  auto whole = play("gemini", json_of("{\"candidates\":[{\"content\":{\"parts\":[{\"text\":"
                                      "\"\x80ok\"}]},\"finishReason\":\"STOP\"}]}"));
  CHECK(whole.reply.text == "\xEF\xBF\xBDok");
}

TEST_CASE("a document that is read again after repair gives its text once") {
  auto r = play_at_every_cut(
      "openai", stream_of(event("{\"choices\":[{\"delta\":{\"content\":\"a\",\"reasoning\":\"r\"},"
                                "\"finish_reason\":\"stop\"}],\"x\":\"\xFF\"}") +
                          "data: [DONE]\n\n"));
  CHECK(r.reply.text == "a");
  CHECK(r.reply.reasoning == "r");
}

TEST_CASE("a lone half of a surrogate pair becomes U+FFFD, a whole pair stays") {
  auto r = play_at_every_cut(
      "openai",
      stream_of(
          event(
              R"({"choices":[{"delta":{"content":"\ud83dx\ude00\ud83d\ude00\\ud83d"},"finish_reason":"stop"}]})") +
          "data: [DONE]\n\n"));
  CHECK(r.tried.error.kind == error_class::none);
  CHECK(r.reply.text == "\xEF\xBF\xBDx\xEF\xBF\xBD😀\\ud83d");
}

TEST_CASE("UTF-16 is unreadable, and the message is valid UTF-8 all the same") {
  auto r = play("openai", json_of(std::string("\xFF\xFE{\0\"\0", 6)));
  CHECK(r.tried.error.kind == error_class::server_error);
  CHECK(is_valid_utf8(r.tried.error.message));
  auto text = play(
      "openai", wire{500, {{"x-request-id", "caf\xE9"}, {"content-type", "te\xE9t"}}, "caf\xE9"});
  CHECK(is_valid_utf8(text.tried.error.message));
  CHECK(is_valid_utf8(text.tried.request_id));
}

TEST_CASE("a byte order mark before an answer is passed over") {
  CHECK(play_at_every_cut("openai", json_of("\xEF\xBB\xBF{\"choices\":[{\"message\":{\"content\":"
                                            "\"a\"},\"finish_reason\":\"stop\"}]}"))
            .reply.text == "a");
  CHECK(play_at_every_cut(
            "openai",
            stream_of("\xEF\xBB\xBF" +
                      event(R"({"choices":[{"delta":{"content":"a"},"finish_reason":"stop"}]})") +
                      "data: [DONE]\n\n"))
            .reply.text == "a");
}

TEST_CASE("more than 32 MiB are refused, also piece by piece") {
  for (auto dialect : {"openai", "anthropic", "gemini"}) {
    auto reader = dialects::find(dialect)->reader({});
    reader->head(200, {}, at_ms(1));
    std::string piece = "data: {\"x\":\"" + std::string(1 << 20, 'y') + "\"}\n\n";
    int taken = 0;
    while (taken < 100 && reader->body(piece, at_ms(2))) ++taken;
    CHECK(taken == 31);
    auto r = reader->finish({}, at_ms(3));
    CHECK(r.tried.error.kind == error_class::server_error);
    CHECK(r.tried.error.message == "the answer is larger than 32 MiB");
  }
}

TEST_CASE("an event without an end is refused at 8 MiB") {
  auto reader = dialects::find("openai")->reader({});
  reader->head(200, {}, at_ms(1));
  reader->body("data: {\"x\":\"", at_ms(2));
  for (int i = 0; i < 9; ++i) reader->body(std::string(1 << 20, 'y'), at_ms(3));
  auto r = reader->finish({}, at_ms(4));
  CHECK(r.tried.error.kind == error_class::server_error);
  CHECK(contains(r.tried.error.message, "larger than 8 MiB"));
}

TEST_CASE("JSON a million levels deep is read or refused, without a crash") {
  std::string deep(1'000'000, '[');
  CHECK(play("openai", json_of(deep)).tried.error.kind == error_class::server_error);
  std::string objects;
  for (int i = 0; i < 100'000; ++i) objects += R"({"choices":[)";
  CHECK(play("openai", json_of(objects)).tried.error.kind == error_class::server_error);
  CHECK(play("openai", wire{400, {}, objects}).tried.error.kind == error_class::bad_request);
  auto good = R"({"x":)" + deep + std::string(1'000'000, ']') +
              R"(,"choices":[{"message":{"content":"a"},"finish_reason":"stop"}]})";
  CHECK(play("openai", json_of(good)).reply.text == "a");
}

TEST_CASE("the error of the transport counts until the end of the answer was seen") {
  api_error broken;
  broken.kind = error_class::timeout;
  broken.message = "no byte for 30 s";
  auto start = event(R"({"choices":[{"delta":{"content":"a"},"finish_reason":"stop"}]})");
  auto before = play("openai", stream_of(start), broken);
  CHECK(before.tried.error == broken);
  CHECK(before.reply.text == "");
  auto after = play("openai", stream_of(start + "data: [DONE]\n\n"), broken);
  CHECK(after.tried.error.kind == error_class::none);
  CHECK(after.reply.text == "a");
  auto gemini = play(
      "gemini",
      stream_of(
          event(R"({"candidates":[{"content":{"parts":[{"text":"a"}]},"finishReason":"STOP"}]})")),
      broken);
  CHECK(gemini.tried.error == broken);
  auto whole =
      play("openai", json_of(R"({"choices":[{"message":{"content":"a"},"finish_reason":"stop"}]})"),
           broken);
  CHECK(whole.tried.error == broken);
}

TEST_CASE("an exchange without a status line has the transport's error, or one of its own") {
  api_error broken;
  broken.kind = error_class::transport;
  broken.message = "connection refused";
  CHECK(dialects::find("openai")->reader({})->finish(broken, at_ms(1)).tried.error == broken);
  auto none = dialects::find("openai")->reader({})->finish({}, at_ms(1));
  CHECK(none.tried.error.kind == error_class::transport);
  CHECK(none.tried.http_status == 0);
  CHECK(none.tried.at.done == at_ms(1));
}

TEST_CASE("unknown fields and events are passed over") {
  auto r = play(
      "openai",
      stream_of(
          "id: 7\nretry: 10\nevent: message\n" +
          event(
              R"({"choices":[{"delta":{"content":"a","new":{"content":"no"}},"finish_reason":"stop"}],"new":[[{"choices":[{"delta":{"content":"no"}}]}]]})") +
          "event: done\ndata: [DONE]\n\n"));
  CHECK(r.reply.text == "a");
  auto anthropic = play(
      "anthropic", stream_of(event(R"({"type":"new_event","text":"no","delta":[{"text":"no"}]})") +
                             event(R"({"type":"message_stop"})")));
  CHECK(anthropic.tried.error.kind == error_class::none);
  CHECK(anthropic.reply.text == "");
}

TEST_CASE("`event: error` is an error, whatever its data look like") {
  auto r = play("groq", stream_of("event: error\ndata: {\"message\":\"boom\"}\n\n"));
  CHECK(r.tried.error.kind == error_class::server_error);
  CHECK(r.tried.error.message == "boom");
}

}  // namespace assay::tests
