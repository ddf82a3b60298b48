#include "error_rows.hpp"

// What holds for the errors of every API.
namespace assay::tests {

TEST_CASE("context overflow is known by the message of every server") {
  const std::array<std::string_view, 11> messages{
      "This model's maximum context length is 8192 tokens",
      "input length and max_tokens exceed context limit: 1 + 2 > 3",
      "the prompt exceeds the model's maximum context limit",
      "The prompt is longer than the model's context length. Prompt is longer than the model's "
      "context length",
      "Input tokens exceed the configured limit of 272000 tokens",
      "the request exceeds the available context size",
      "The input token count exceeds the maximum number of tokens allowed",
      "prompt is too long: 3 tokens",
      "Please reduce the length. Current length is 9000 while limit is 8192",
      "the maximum input length is 4096 tokens",
      "`inputs` tokens + `max_new_tokens` must be <= 2048"};
  for (auto message : messages)
    for (int status : {400, 413, 422}) {
      CAPTURE(message);
      CAPTURE(status);
      auto body = R"({"error":{"message":")" + std::string(message) +
                  R"(","type":"invalid_request_error"}})";
      CHECK(error_of("openai", status, body).kind == context_too_long);
      CHECK(error_of("vllm", status, body).kind == context_too_long);
    }
}

TEST_CASE("half of a two-part message is no context overflow") {
  CHECK(error_of("openai", 400, R"({"error":{"message":"current length is 7"}})").kind ==
        bad_request);
  CHECK(error_of("openai", 400, R"({"error":{"message":"maximum input length is 7"}})").kind ==
        bad_request);
}

TEST_CASE(
    "a 429 that echoes a prompt about context stays a rate limit, a 400 about `429` a bad "
    "request") {
  CHECK(error_of("openai", 429, R"({"error":{"message":"busy; prompt was: prompt is too long"}})")
            .kind == rate_limited);
  CHECK(error_of("openai", 400, R"({"error":{"message":"429 rate limit insufficient_quota"}})")
            .kind == bad_request);
}

TEST_CASE("without a readable body the status decides") {
  struct status_row {
    int status;
    error_class kind;
  };
  const std::array rows{
      status_row{301, bad_request},  status_row{400, bad_request},
      status_row{401, auth},         status_row{402, quota_exhausted},
      status_row{403, auth},         status_row{404, bad_request},
      status_row{405, bad_request},  status_row{408, timeout},
      status_row{409, server_error}, status_row{413, bad_request},
      status_row{418, bad_request},  status_row{422, bad_request},
      status_row{429, rate_limited}, status_row{498, overloaded},
      status_row{499, server_error}, status_row{500, server_error},
      status_row{502, server_error}, status_row{503, overloaded},
      status_row{504, server_error}, status_row{520, server_error},
      status_row{524, server_error}, status_row{529, overloaded},
      status_row{599, server_error},
  };
  for (const auto& row : rows)
    for (auto dialect : dialects::names()) {
      CAPTURE(row.status);
      CAPTURE(dialect);
      CHECK(error_of(dialect, row.status, "").kind == row.kind);
      CHECK(error_of(dialect, row.status, "<html>nginx</html>").kind == row.kind);
    }
}

TEST_CASE("a body that is cut tells what stands before the cut") {
  auto e = error_of("openai", 429,
                    R"({"error":{"message":"You exceeded","type":"insufficient_quota","par)");
  CHECK(e.kind == quota_exhausted);
  CHECK(e.message == "You exceeded");
}

TEST_CASE("an error status counts although the body broke off; our own stop counts before it") {
  api_error broken;
  broken.kind = error_class::transport;
  auto w = json_of(R"({"error":{"message":"x","code":"rate_limit_)", 429);
  CHECK(play("openai", w, broken).tried.error.kind == rate_limited);
  broken.kind = cancelled;
  CHECK(play("openai", w, broken).tried.error.kind == cancelled);
}

TEST_CASE("`type: error` at the top level says that there is an error, not which") {
  auto e = error_of("anthropic", 500, R"({"type":"error","message":"boom"})");
  CHECK(e.type == "");
  CHECK(e.message == "boom");
}

TEST_CASE("a long message is cut to 2,000 bytes at the border of a character") {
  std::string text;
  while (text.size() < 5'000) text += "a\xC3\xA9\xE2\x82\xAC";
  auto e = error_of("openai", 400, R"({"error":{"message":")" + text + R"("}})");
  CHECK(e.message.size() <= 2'000);
  CHECK(e.message.size() > 1'995);
  CHECK(text.starts_with(e.message));
  CHECK((static_cast<unsigned char>(text[e.message.size()]) & 0xC0) != 0x80);
}

TEST_CASE("the request id comes from the header of each API, else from the body of the error") {
  for (auto name : {"x-request-id", "Request-Id", "X-Generation-Id", "x-together-traceid", "CF-RAY",
                    "apim-request-id"}) {
    CAPTURE(name);
    auto r = play("openai", wire{500, {{name, "id-7"}}, ""});
    CHECK(r.tried.request_id == "id-7");
  }
  auto r = play(
      "anthropic",
      json_of(R"({"type":"error","error":{"type":"api_error","message":"x"},"request_id":"req_9"})",
              500));
  CHECK(r.tried.request_id == "req_9");
}

TEST_CASE("headers are never part of an error's text") {
  auto r = play(
      "openai",
      wire{404,
           {{"content-type", "text/plain"}, {"set-cookie", "s3cret"}, {"authorization", "s3cret"}},
           "nope"});
  CHECK(r.tried.error.message.find("s3cret") == std::string::npos);
  CHECK(r.tried.error.message.find("nope") != std::string::npos);
  CHECK(r.tried.error.message.find("base_url") != std::string::npos);
}

}  // namespace assay::tests
