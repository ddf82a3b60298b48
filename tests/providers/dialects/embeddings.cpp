#include <nlohmann/json.hpp>

#include "messages/embedding_text.hpp"
#include "play.hpp"

// Requests to embeddings endpoints, and their answers, after the documentation of each API.
namespace assay::tests {

namespace {

using nlohmann::json;

chat_request texts(std::string model = "m") {
  chat_request q;
  q.model = std::move(model);
  q.messages = {{role::user, "one"}, {role::user, "two"}};
  q.to = endpoint::embeddings;
  q.temperature = 0.5;
  return q;
}

expected<http_request> made(std::string_view dialect, const chat_request& q) {
  provider_settings p;
  p.name = "lab";
  p.base_url = "https://h";
  return dialects::find(dialect)->request(q, p, "k-1");
}

exchange_result read(std::string_view dialect, const std::string& body, int status = 200,
                     std::size_t piece = 7) {
  auto reader = dialects::find(dialect)->reader(texts());
  reader->head(status, {{"content-type", "application/json"}}, at_ms(10));
  for (std::size_t at = 0; at < body.size(); at += piece)
    reader->body(body.substr(at, piece), at_ms(20));
  return reader->finish({}, at_ms(30));
}

std::string data(const std::string& items) {
  return R"({"object":"list","model":"m-1","data":[)" + items +
         R"(],"usage":{"prompt_tokens":7,"total_tokens":7}})";
}

}  // namespace

TEST_CASE("openai: a request for embeddings") {
  auto r = made("openai", texts());
  REQUIRE(r.has_value());
  CHECK(r->method == "POST");
  CHECK(r->url == "https://h/v1/embeddings");
  CHECK(json::parse(r->body) ==
        json::parse(R"({"model":"m","input":["one","two"],"encoding_format":"base64"})"));
  CHECK(r->headers[1] == std::pair<std::string, std::string>{"accept", "application/json"});
  auto q = texts();
  q.extra_json = R"({"dimensions":64})";
  CHECK(json::parse(made("azure", q)->body) == json::parse(R"({"model":"m","input":["one","two"],
    "encoding_format":"base64","dimensions":64})"));
}

TEST_CASE("openai: where it is not known whether a server gives base64, it is not asked for") {
  for (auto dialect : {"groq", "together", "openrouter", "dashscope", "llamacpp", "ollama", "vllm"})
    CHECK(json::parse(made(dialect, texts())->body) ==
          json::parse(R"({"model":"m","input":["one","two"]})"));
}

TEST_CASE("gemini: a request for embeddings names the model in each part, with the extra") {
  auto q = texts("gemini-embedding-001");
  q.extra_json = R"({"outputDimensionality":64})";
  auto r = made("gemini", q);
  REQUIRE(r.has_value());
  CHECK(r->url == "https://h/v1beta/models/gemini-embedding-001:batchEmbedContents");
  CHECK(json::parse(r->body) == json::parse(R"({"requests":[
    {"model":"models/gemini-embedding-001","content":{"parts":[{"text":"one"}]},"outputDimensionality":64},
    {"model":"models/gemini-embedding-001","content":{"parts":[{"text":"two"}]},"outputDimensionality":64}]})"));
  CHECK(json::parse(made("gemini", texts("tunedModels/x"))->body)["requests"][0]["model"] ==
        "tunedModels/x");
}

TEST_CASE("an API without embeddings is named") {
  for (std::string dialect : {"anthropic", "deepseek"}) {
    auto r = made(dialect, texts());
    REQUIRE_FALSE(r.has_value());
    CHECK(render(r.error()) == "provider lab: the API of dialect " + dialect +
                                   " has no endpoint for embeddings (take a model of another "
                                   "provider for them)");
  }
}

TEST_CASE(
    "vectors come as numbers or as base64, in any order, and leave in the order of the texts") {
  const auto expected = embedding_text({{1, -2}, {0.5, 0}});
  CHECK(expected == "AACAPwAAAMA=\nAAAAPwAAAAA=");
  const auto bodies = {
      data(R"({"object":"embedding","index":0,"embedding":[1,-2.0]},
              {"object":"embedding","index":1,"embedding":[5e-1,0]})"),
      data(R"({"index":1,"embedding":"AAAAPwAAAAA="},{"embedding":"AACAPwAAAMA=","index":0})"),
      data(R"({"embedding":[1,-2]},{"embedding":[0.5,0]})")};
  for (const auto& body : bodies) {
    auto r = read("openai", body);
    CHECK(r.tried.error.message == "");
    CHECK(r.reply.text == expected);
    CHECK(r.reply.why == finish::stop);
    CHECK(r.reply.model == "m-1");
    CHECK(r.reply.usage.input == 7);
    CHECK_FALSE(r.reply.usage.output.has_value());
  }
  auto google = read("gemini", R"({"embeddings":[{"values":[1,-2]},{"values":[0.5,0]}]})");
  CHECK(google.tried.error.message == "");
  CHECK(google.reply.text == expected);
  CHECK_FALSE(google.reply.usage.input.has_value());
  auto bare = read("together",
                   R"({"data":[{"index":0,"embedding":[1,-2]},{"index":1,"embedding":[0.5,0]}]})");
  CHECK(bare.reply.text == expected);
}

TEST_CASE("answers of an embeddings endpoint that cannot be used say why") {
  const std::pair<std::string, std::string> rows[] = {
      {data(R"({"index":0,"embedding":[1]})"), "the answer has 1 embeddings, 2 texts were sent"},
      {data(
           R"({"index":0,"embedding":[1]},{"index":1,"embedding":[1]},{"index":2,"embedding":[1]})"),
       "the answer has 3 embeddings, 2 texts were sent"},
      {data(R"({"index":0,"embedding":[1]},{"index":0,"embedding":[1]})"),
       "the embeddings of the answer are not numbered from 0 without a gap"},
      {data(R"({"index":0,"embedding":[1]},{"index":2,"embedding":[1]})"),
       "the embeddings of the answer are not numbered from 0 without a gap"},
      {data(R"({"index":0,"embedding":[1]},{"index":1,"embedding":[1,2]})"),
       "the embeddings of the answer differ in length"},
      {data(R"({"index":0,"embedding":[1]},{"index":1,"embedding":[]})"),
       "an embedding of the answer is empty, or no base64 of 32-bit floats"},
      {data(R"({"index":0,"embedding":[1]},{"index":1,"embedding":"AACA"})"),
       "an embedding of the answer is empty, or no base64 of 32-bit floats"},
      {data(R"({"index":0,"embedding":"AADAfw=="},{"index":1,"embedding":[1]})"),
       "an embedding of the answer holds what is no finite number"},
      {data(R"({"index":0,"embedding":[1]},{"index":1,"embedding":[null]})"),
       "an embedding's element is null, a 32-bit number was expected"},
      {data(R"({"index":0,"embedding":[1]},{"index":1,"embedding":[1e300]})"),
       "an embedding's element is a number, a 32-bit number was expected"},
      {data(R"({"index":0,"embedding":7},{"index":1,"embedding":[1]})"),
       "an embedding is a number, a list of numbers, or text was expected"},
      {data("7,8"), "an embedding is a number, an object was expected"},
  };
  for (const auto& [body, message] : rows) {
    CAPTURE(body);
    auto r = read("openai", body);
    CHECK(r.tried.error.kind == error_class::server_error);
    CHECK(r.tried.error.message == message);
    CHECK(r.reply.text == "");
    CHECK(r == read("openai", body, 200, body.size()));
  }
  for (const auto* none : {R"({"data":[]})", R"({"choices":[]})", "[]", "{}"}) {
    auto r = read("openai", none);
    CHECK(r.tried.error.kind == error_class::server_error);
    CHECK(r.tried.error.message.find("the answer has no embeddings") == 0);
  }
}

TEST_CASE("errors of an embeddings endpoint are classed as those of the API") {
  auto limited = read("openai",
                      R"({"error":{"message":"Rate limit reached","type":"requests","param":null,
                          "code":"rate_limit_exceeded"}})",
                      429);
  CHECK(limited.tried.error.kind == error_class::rate_limited);
  auto within = read("openrouter", R"({"error":{"code":502,"message":"bad upstream"}})");
  CHECK(within.tried.error.kind == error_class::server_error);
  auto old_vllm = read("vllm", R"({"object":"error","message":"no such model","code":404})");
  CHECK(old_vllm.tried.error.kind == error_class::bad_request);
  auto google =
      read("gemini", R"({"error":{"code":400,"message":"x","status":"INVALID_ARGUMENT"}})", 400);
  CHECK(google.tried.error.kind == error_class::bad_request);
}

TEST_CASE("bytes that are not UTF-8 do not double a vector") {
  auto r = read("openai", data("{\"index\":0,\"embedding\":[1],\"note\":\"\xff\"},"
                               "{\"index\":1,\"embedding\":[2]}"));
  CHECK(r.tried.error.message == "");
  CHECK(r.reply.text == embedding_text({{1}, {2}}));
}

}  // namespace assay::tests
