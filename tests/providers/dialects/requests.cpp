#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "play.hpp"

// One golden request for each wire format, and the rules that shape it.
namespace assay::tests {

namespace {

using nlohmann::json;

provider_settings provider_at(std::string base_url) {
  provider_settings p;
  p.name = "p";
  p.base_url = std::move(base_url);
  return p;
}

/// A request that sets everything.
chat_request full(std::string model) {
  chat_request q;
  q.model = std::move(model);
  q.messages = {{role::system, "Be brief."},
                {role::user, "2+2?"},
                {role::assistant, "4"},
                {role::user, "3+3? \"ü\"\n"}};
  q.max_tokens = 100;
  q.temperature = 0.5;
  q.top_p = 0.75;
  q.seed = 7;
  q.stop = {"\n\n"};
  return q;
}

http_request request_of(std::string_view dialect, const chat_request& q, const provider_settings& p,
                        std::string_view key = "k-1") {
  auto made = dialects::find(dialect)->request(q, p, key);
  REQUIRE_MESSAGE(made.has_value(), render(made.error()));
  return *made;
}

json body_of(std::string_view dialect, const chat_request& q) {
  return json::parse(request_of(dialect, q, provider_at("https://h")).body);
}

std::optional<std::string> header(const http_request& r, std::string_view name) {
  for (const auto& [key, value] : r.headers)
    if (key == name) return value;
  return std::nullopt;
}

json talk() {
  return json::parse(R"([{"role":"system","content":"Be brief."},{"role":"user","content":"2+2?"},
                         {"role":"assistant","content":"4"},{"role":"user","content":"3+3? \"ü\"\n"}])");
}

/// The body that the dialects of chat completions share, but for the cap and the stream options.
json usual_body(std::string_view model) {
  return {{"model", model}, {"messages", talk()}, {"temperature", 0.5}, {"top_p", 0.75},
          {"seed", 7},      {"stop", {"\n\n"}},   {"stream", true}};
}

}  // namespace

TEST_CASE("the registry knows twelve dialects, sorted") {
  std::vector<std::string_view> expected{"anthropic", "azure",      "dashscope", "deepseek",
                                         "gemini",    "groq",       "llamacpp",  "ollama",
                                         "openai",    "openrouter", "together",  "vllm"};
  CHECK(dialects::names() == expected);
  for (auto name : expected) CHECK(dialects::find(name)->name() == name);
  CHECK(dialects::find("cohere") == nullptr);
  CHECK(dialects::find("") == nullptr);
}

TEST_CASE("openai: request; obfuscation is turned off, usage is asked for") {
  auto r = request_of("openai", full("gpt-4o"), provider_at("https://api.openai.com/v1"));
  CHECK(r.method == "POST");
  CHECK(r.url == "https://api.openai.com/v1/chat/completions");
  CHECK(header(r, "authorization") == "Bearer k-1");
  CHECK(header(r, "content-type") == "application/json");
  CHECK(header(r, "accept") == "text/event-stream");
  auto expected = usual_body("gpt-4o");
  expected["max_tokens"] = 100;
  expected["stream_options"] = {{"include_usage", true}, {"include_obfuscation", false}};
  CHECK(json::parse(r.body) == expected);
}

TEST_CASE("openai: a reasoning model gets max_completion_tokens and no sampling parameters") {
  auto body = body_of("openai", full("o3-mini"));
  json expected = usual_body("o3-mini");
  expected.erase("temperature");
  expected.erase("top_p");
  expected["max_completion_tokens"] = 100;
  expected["stream_options"] = {{"include_usage", true}, {"include_obfuscation", false}};
  CHECK(body == expected);
}

TEST_CASE("`reasoning` overrides the guess from the model's name") {
  auto q = full("gpt-4o");
  q.reasoning = true;
  CHECK(body_of("openai", q).contains("max_completion_tokens"));
  CHECK_FALSE(body_of("openai", q).contains("temperature"));
  q = full("gpt-5");
  q.reasoning = false;
  CHECK(body_of("openai", q).contains("max_tokens"));
  CHECK(body_of("openai", q).contains("temperature"));
}

TEST_CASE("without streaming nothing is said about streams") {
  for (auto dialect : dialects::names()) {
    auto q = full("m");
    q.stream = false;
    auto r = request_of(dialect, q, provider_at("https://h"));
    CHECK(header(r, "accept") == "application/json");
    CHECK_FALSE(json::parse(r.body).contains("stream"));
    CHECK_FALSE(json::parse(r.body).contains("stream_options"));
  }
}

TEST_CASE("what a request does not set is not sent") {
  chat_request q;
  q.model = "m";
  q.messages = {{role::user, "x"}};
  q.stream = false;
  json plain{{"model", "m"}, {"messages", json::parse(R"([{"role":"user","content":"x"}])")}};
  CHECK(body_of("openai", q) == plain);
  CHECK(body_of("ollama", q) == plain);
  auto anthropic = plain;
  anthropic["max_tokens"] = 4096;
  CHECK(body_of("anthropic", q) == anthropic);
  CHECK(body_of("gemini", q) ==
        json::parse(R"({"contents":[{"role":"user","parts":[{"text":"x"}]}]})"));
}

TEST_CASE("azure: deployment and api-version are in the URL, the key in a header of its own") {
  auto p = provider_at("https://res.openai.azure.com/");
  p.api_version = "2024-10-21";
  auto r = request_of("azure", full("my gpt"), p);
  CHECK(r.url ==
        "https://res.openai.azure.com/openai/deployments/my%20gpt/chat/"
        "completions?api-version=2024-10-21");
  CHECK(header(r, "api-key") == "k-1");
  CHECK_FALSE(header(r, "authorization").has_value());
  auto expected = usual_body("my gpt");
  expected["max_tokens"] = 100;
  expected["stream_options"] = {{"include_usage", true}};
  CHECK(json::parse(r.body) == expected);
  for (auto base :
       {"https://res.openai.azure.com/openai", "https://res.openai.azure.com/openai/v1/",
        "https://res.openai.azure.com/openai/deployments/x?api-version=1"}) {
    CAPTURE(base);
    p.base_url = base;
    CHECK(request_of("azure", full("my gpt"), p).url == r.url);
  }
}

TEST_CASE("azure: without api-version the newer path is used") {
  for (auto base : {"https://res.openai.azure.com", "https://res.openai.azure.com/openai/",
                    "https://res.openai.azure.com/openai/v1"})
    CHECK(request_of("azure", full("gpt"), provider_at(base)).url ==
          "https://res.openai.azure.com/openai/v1/chat/completions");
}

TEST_CASE("groq: request") {
  auto r = request_of("groq", full("openai/gpt-oss-20b"), provider_at("https://api.groq.com"));
  CHECK(r.url == "https://api.groq.com/openai/v1/chat/completions");
  CHECK(header(r, "authorization") == "Bearer k-1");
  auto expected = usual_body("openai/gpt-oss-20b");
  expected["max_completion_tokens"] = 100;
  CHECK(json::parse(r.body) == expected);
}

TEST_CASE("together: request") {
  auto r = request_of("together", full("meta-llama/Llama-3-8b"),
                      provider_at("https://api.together.xyz/v1"));
  CHECK(r.url == "https://api.together.xyz/v1/chat/completions");
  auto expected = usual_body("meta-llama/Llama-3-8b");
  expected["max_tokens"] = 100;
  CHECK(json::parse(r.body) == expected);
}

TEST_CASE("openrouter: request; OpenAI's reasoning models are known there by their vendor") {
  auto r =
      request_of("openrouter", full("deepseek/deepseek-r1"), provider_at("https://openrouter.ai"));
  CHECK(r.url == "https://openrouter.ai/api/v1/chat/completions");
  auto expected = usual_body("deepseek/deepseek-r1");
  expected["max_completion_tokens"] = 100;
  CHECK(json::parse(r.body) == expected);
  CHECK_FALSE(body_of("openrouter", full("openai/gpt-5-mini")).contains("temperature"));
}

TEST_CASE("dashscope, deepseek, vllm, llamacpp, ollama: request") {
  struct row {
    std::string_view dialect;
    std::string_view base;
    std::string_view url;
  };
  const row rows[] = {
      {"dashscope", "https://dashscope-intl.aliyuncs.com",
       "https://dashscope-intl.aliyuncs.com/compatible-mode/v1/chat/completions"},
      {"deepseek", "https://api.deepseek.com", "https://api.deepseek.com/chat/completions"},
      {"deepseek", "https://api.deepseek.com/v1", "https://api.deepseek.com/v1/chat/completions"},
      {"vllm", "http://localhost:8000", "http://localhost:8000/v1/chat/completions"},
      {"llamacpp", "http://localhost:8080", "http://localhost:8080/v1/chat/completions"},
      {"ollama", "http://localhost:11434", "http://localhost:11434/v1/chat/completions"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.dialect);
    // A name of OpenAI's reasoning models means nothing here.
    auto r = request_of(row.dialect, full("o1"), provider_at(std::string(row.base)));
    CHECK(r.url == row.url);
    CHECK(header(r, "authorization") == "Bearer k-1");
    auto expected = usual_body("o1");
    expected["max_tokens"] = 100;
    expected["stream_options"] = {{"include_usage", true}};
    CHECK(json::parse(r.body) == expected);
  }
}

TEST_CASE("anthropic: request; system apart, stop_sequences, no seed") {
  auto r =
      request_of("anthropic", full("claude-sonnet-4-5"), provider_at("https://api.anthropic.com"));
  CHECK(r.url == "https://api.anthropic.com/v1/messages");
  CHECK(header(r, "x-api-key") == "k-1");
  CHECK(header(r, "anthropic-version") == "2023-06-01");
  CHECK_FALSE(header(r, "authorization").has_value());
  CHECK(json::parse(r.body) ==
        json::parse(R"({"model":"claude-sonnet-4-5","max_tokens":100,"system":"Be brief.",
    "messages":[{"role":"user","content":"2+2?"},{"role":"assistant","content":"4"},{"role":"user","content":"3+3? \"ü\"\n"}],
    "temperature":0.5,"top_p":0.75,"stop_sequences":["\n\n"],"stream":true})"));
}

TEST_CASE(
    "anthropic: models that reject temperature get none; several system messages are joined") {
  auto q = full("claude-opus-4-7");
  q.messages.push_back({role::system, "In French."});
  auto body = body_of("anthropic", q);
  CHECK_FALSE(body.contains("temperature"));
  CHECK_FALSE(body.contains("top_p"));
  CHECK(body["system"] == "Be brief.\n\nIn French.");
  CHECK(body["messages"].size() == 3);
  q.reasoning = false;
  CHECK(body_of("anthropic", q).contains("temperature"));
}

TEST_CASE("gemini: request; the key is never in the URL") {
  auto r = request_of("gemini", full("gemini-2.5-pro"),
                      provider_at("https://generativelanguage.googleapis.com"));
  CHECK(r.url ==
        "https://generativelanguage.googleapis.com/v1beta/models/"
        "gemini-2.5-pro:streamGenerateContent?alt=sse");
  CHECK(header(r, "x-goog-api-key") == "k-1");
  CHECK(json::parse(r.body) == json::parse(R"({"systemInstruction":{"parts":[{"text":"Be brief."}]},
    "contents":[{"role":"user","parts":[{"text":"2+2?"}]},{"role":"model","parts":[{"text":"4"}]},{"role":"user","parts":[{"text":"3+3? \"ü\"\n"}]}],
    "generationConfig":{"maxOutputTokens":100,"temperature":0.5,"topP":0.75,"seed":7,"stopSequences":["\n\n"]}})"));
  auto q = full("models/gemini-2.5-pro");
  q.stream = false;
  CHECK(request_of("gemini", q, provider_at("https://h/v1beta/")).url ==
        "https://h/v1beta/models/gemini-2.5-pro:generateContent");
  q.model = "tunedModels/my model";
  CHECK(request_of("gemini", q, provider_at("https://h")).url ==
        "https://h/v1beta/tunedModels/my%20model:generateContent");
}

TEST_CASE("without a key no header for it is sent") {
  for (auto dialect : dialects::names()) {
    auto r = request_of(dialect, full("m"), provider_at("https://h"), "");
    for (auto name : {"authorization", "api-key", "x-api-key", "x-goog-api-key"})
      CHECK_FALSE(header(r, name).has_value());
  }
}

TEST_CASE("headers of the settings are added, and replace those of the dialect in any case") {
  auto p = provider_at("https://h");
  p.headers = {{"OpenAI-Organization", "org"}, {"Authorization", "Bearer mine"}};
  auto r = request_of("openai", full("m"), p);
  CHECK(header(r, "OpenAI-Organization") == "org");
  CHECK(header(r, "Authorization") == "Bearer mine");
  CHECK_FALSE(header(r, "authorization").has_value());
}

TEST_CASE("a key or header that could break out of its line is refused and not shown") {
  auto p = provider_at("https://h");
  for (auto dialect : dialects::names()) {
    auto made = dialects::find(dialect)->request(full("m"), p, "k-1\r\nx: y");
    REQUIRE_FALSE(made.has_value());
    CHECK(made.error().what.find("line break") != std::string::npos);
    CHECK(render(made.error()).find("k-1") == std::string::npos);
    CHECK_FALSE(dialects::find(dialect)->list_models(p, "k\n1").has_value());
  }
  p.headers = {{"bad name", "x"}};
  CHECK_FALSE(dialects::find("openai")->request(full("m"), p, "").has_value());
  p.headers = {{"", "x"}};
  CHECK_FALSE(dialects::find("openai")->request(full("m"), p, "").has_value());
}

TEST_CASE("extra is merged last: objects merge, null removes, the rest replaces") {
  auto q = full("gpt-4o");
  q.extra_json = R"({"reasoning":{"effort":"high"},"temperature":null,"seed":8,"stop":["a","b"],
                     "stream_options":{"include_obfuscation":null,"x":{"y":1}}})";
  auto body = body_of("openai", q);
  CHECK(body["reasoning"] == json{{"effort", "high"}});
  CHECK_FALSE(body.contains("temperature"));
  CHECK(body["seed"] == 8);
  CHECK(body["stop"] == json{"a", "b"});
  CHECK(body["stream_options"] == json::parse(R"({"include_usage":true,"x":{"y":1}})"));
  auto g = full("m");
  g.extra_json = R"({"generationConfig":{"thinkingConfig":{"thinkingBudget":0}}})";
  auto config = body_of("gemini", g)["generationConfig"];
  CHECK(config["thinkingConfig"]["thinkingBudget"] == 0);
  CHECK(config["maxOutputTokens"] == 100);
}

TEST_CASE("extra that is no JSON object is a problem") {
  for (auto dialect : dialects::names()) {
    auto q = full("m");
    for (const std::string& bad :
         {std::string("{"), std::string("[1]"), std::string("\"x\""), std::string("7"),
          std::string("{\"a\":\"\xFF\"}"), std::string(100'000, '['),
          "{\"a\":" + std::string(65, '[') + std::string(65, ']') + "}"}) {
      q.extra_json = bad;
      auto made = dialects::find(dialect)->request(q, provider_at("https://h"), "");
      REQUIRE_FALSE(made.has_value());
      CHECK(made.error().where == "extra");
    }
    q.extra_json = " \n";
    CHECK(dialects::find(dialect)->request(q, provider_at("https://h"), "").has_value());
  }
}

TEST_CASE("a prompt that is not UTF-8 is sent with U+FFFD, not thrown over") {
  auto q = full("m");
  q.messages = {{role::user, "a\xFFz"}};
  for (auto dialect : dialects::names()) {
    auto r = request_of(dialect, q, provider_at("https://h"));
    CHECK(r.body.find("a\xEF\xBF\xBDz") != std::string::npos);
  }
}

TEST_CASE("a base URL that cannot be is a problem of the provider") {
  for (auto dialect : dialects::names())
    for (auto base : {"", "api.openai.com", "ftp://h", "https://", "mock:x"}) {
      CHECK_FALSE(dialects::find(dialect)->request(full("m"), provider_at(base), "").has_value());
      CHECK_FALSE(dialects::find(dialect)->list_models(provider_at(base), "").has_value());
    }
}

TEST_CASE("the models list of each API") {
  struct row {
    std::string_view dialect;
    std::string_view base;
    std::string_view url;
    std::string_view key_header;
  };
  const row rows[] = {
      {"openai", "https://api.openai.com", "https://api.openai.com/v1/models", "authorization"},
      {"azure", "https://r.openai.azure.com", "https://r.openai.azure.com/openai/v1/models",
       "api-key"},
      {"groq", "https://api.groq.com", "https://api.groq.com/openai/v1/models", "authorization"},
      {"openrouter", "https://openrouter.ai", "https://openrouter.ai/api/v1/models",
       "authorization"},
      {"deepseek", "https://api.deepseek.com", "https://api.deepseek.com/models", "authorization"},
      {"anthropic", "https://api.anthropic.com", "https://api.anthropic.com/v1/models?limit=1000",
       "x-api-key"},
      {"gemini", "https://g.com", "https://g.com/v1beta/models?pageSize=1000", "x-goog-api-key"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.dialect);
    auto made = dialects::find(row.dialect)->list_models(provider_at(std::string(row.base)), "k");
    REQUIRE(made.has_value());
    CHECK(made->method == "GET");
    CHECK(made->url == row.url);
    CHECK(made->body.empty());
    CHECK(header(*made, row.key_header).has_value());
    CHECK_FALSE(header(*made, "content-type").has_value());
  }
  auto p = provider_at("https://r.openai.azure.com");
  p.api_version = "2024-10-21";
  CHECK(dialects::find("azure")->list_models(p, "k")->url ==
        "https://r.openai.azure.com/openai/models?api-version=2024-10-21");
}

}  // namespace assay::tests
