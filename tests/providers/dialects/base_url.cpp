#include "providers/dialects/base_url.hpp"

#include <doctest/doctest.h>

namespace assay::tests {

namespace {

std::string root(std::string_view base, std::string_view usual) {
  auto parsed = dialects::parse_base_url(base);
  REQUIRE_MESSAGE(parsed.has_value(), render(parsed.error()));
  return dialects::api_root(*parsed, usual);
}

}  // namespace

TEST_CASE("a base URL serves with and without its version and with slashes at the end") {
  for (auto base :
       {"https://api.openai.com", "https://api.openai.com/", "https://api.openai.com/v1",
        "https://api.openai.com/v1/", "https://api.openai.com/v1//", " https://api.openai.com/v1 ",
        "HTTPS://api.openai.com/v1", "https://api.openai.com/v1/chat/completions"}) {
    CAPTURE(base);
    CHECK(root(base, "/v1") == "https://api.openai.com/v1");
  }
}

TEST_CASE("only what is missing of the usual path is added") {
  CHECK(root("https://api.groq.com", "/openai/v1") == "https://api.groq.com/openai/v1");
  CHECK(root("https://api.groq.com/openai", "/openai/v1") == "https://api.groq.com/openai/v1");
  CHECK(root("https://api.groq.com/openai/v1", "/openai/v1") == "https://api.groq.com/openai/v1");
  CHECK(root("https://openrouter.ai/api", "/api/v1") == "https://openrouter.ai/api/v1");
  CHECK(root("https://gateway.example/team-a", "/v1") == "https://gateway.example/team-a/v1");
  CHECK(root("https://h/myapi", "/api/v1") == "https://h/myapi/api/v1");
  CHECK(root("https://h/v4", "/v1") == "https://h/v4");
  CHECK(root("https://h/v1beta/openai", "/v1") == "https://h/v1beta/openai");
  CHECK(root("https://h/video", "/v1") == "https://h/video/v1");
  CHECK(root("https://h", "") == "https://h");
}

TEST_CASE("user info, query and fragment are dropped") {
  CHECK(root("https://me:secret@h:8443/v1?key=secret#top", "/v1") == "https://h:8443/v1");
  CHECK(root("http://h?x=/v9", "/v1") == "http://h/v1");
}

TEST_CASE("hosts may be names, addresses, and have a port") {
  CHECK(root("http://localhost:8000", "/v1") == "http://localhost:8000/v1");
  CHECK(root("http://127.0.0.1", "/v1") == "http://127.0.0.1/v1");
  CHECK(root("http://[::1]:8000", "/v1") == "http://[::1]:8000/v1");
  CHECK(root("http://[::1]", "/v1") == "http://[::1]/v1");
  CHECK(root("http://my_host.local", "/v1") == "http://my_host.local/v1");
}

TEST_CASE("a base URL that cannot be used is a problem with a way to mend it") {
  for (auto base : {"",
                    "  ",
                    "api.openai.com",
                    "ftp://h",
                    "://h",
                    "file:///etc",
                    "https://",
                    "https:///v1",
                    "https://user@",
                    "https://?x",
                    "https://h:0",
                    "https://h:70000",
                    "https://h:",
                    "https://h:x",
                    "https://h h",
                    "https://h\tx",
                    "https://h\x01",
                    "https://[::1",
                    "https://[]",
                    "https://h/a b",
                    "https://h\"x",
                    "mock:quick"}) {
    CAPTURE(base);
    auto parsed = dialects::parse_base_url(base);
    REQUIRE_FALSE(parsed.has_value());
    CHECK(parsed.error().what.find("base_url") != std::string::npos);
    CHECK(parsed.error().fix != "");
  }
}

TEST_CASE("a problem never shows user info or query") {
  auto parsed = dialects::parse_base_url("https://me:secret@h:x/v1?key=secret");
  REQUIRE_FALSE(parsed.has_value());
  CHECK(render(parsed.error()).find("secret") == std::string::npos);
  parsed = dialects::parse_base_url("https://h:x/v1?key=secret");
  REQUIRE_FALSE(parsed.has_value());
  CHECK(render(parsed.error()).find("secret") == std::string::npos);
  CHECK(render(parsed.error()).find("https://h:x/v1") != std::string::npos);
}

TEST_CASE("everything but unreserved characters is percent-encoded") {
  CHECK(dialects::percent_encoded("aZ09-._~") == "aZ09-._~");
  CHECK(dialects::percent_encoded("a/b c?\xC3\xBC") == "a%2Fb%20c%3F%C3%BC");
}

}  // namespace assay::tests
