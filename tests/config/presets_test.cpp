// What a provider's preset sets, and what wins over it.

#include "tests/config/reading.hpp"

namespace assay::tests {
namespace {

using namespace std::chrono_literals;

TEST_CASE("a provider's preset knows its address, dialect and variable") {
  auto p = read("[providers.x]\npreset = \"anthropic\"\n").providers.at(0);
  CHECK(p.base_url == "https://api.anthropic.com");
  CHECK(p.dialect == "anthropic");
  CHECK(p.credential.env == "ANTHROPIC_API_KEY");
  CHECK(p.limits.reserve == reserve_policy::expected);
}

TEST_CASE("presets of a provider and of behaviour go together") {
  auto p = read("[providers.x]\npreset = [\"openai\", \"conservative\"]\n").providers.at(0);
  CHECK(p.base_url == "https://api.openai.com/v1");
  CHECK(p.limits.max_parallel == 4);
  CHECK(p.retry.max_retries == 5);
  CHECK(p.retry.initial_backoff == 2s);
}

TEST_CASE("a key that is set wins over the preset, wherever it stands") {
  for (const char* text :
       {"[providers.x]\nmax_parallel = 2\nbase_url = \"http://h\"\nretry = { max_retries = 0 }\n"
        "preset = [\"openai\", \"aggressive\"]\n",
        "[providers.x]\npreset = [\"openai\", \"aggressive\"]\nmax_parallel = 2\n"
        "base_url = \"http://h\"\nretry.max_retries = 0\n"}) {
    auto p = read(text).providers.at(0);
    CHECK(p.limits.max_parallel == 2);
    CHECK(p.base_url == "http://h");
    CHECK(p.retry.max_retries == 0);
    CHECK(p.retry.initial_backoff == 500ms);
  }
}

TEST_CASE("a key file, or a simulated address, takes the place of the preset's variable") {
  auto file = read("[providers.x]\npreset = \"groq\"\napi_key_file = \"k\"\n").providers.at(0);
  CHECK(file.credential.env.empty());
  CHECK(file.credential.file == "k");
  auto mock = read(
                  "[providers.x]\npreset = \"groq\"\nbase_url = \"mock:k\"\n"
                  "[mocks.k]\nmodels = { a = {} }\n")
                  .providers.at(0);
  CHECK(mock.dialect == "groq");
  CHECK(mock.credential.env.empty());
}

}  // namespace
}  // namespace assay::tests
