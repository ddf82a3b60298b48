#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "config/reference.hpp"
#include "tests/config/virtual_files.hpp"

namespace assay {
namespace {

std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::string all_of(const checked<settings>& result) {
  std::string out;
  if (!result)
    for (const auto& problem : result.error()) out += render(problem) + "\n";
  return out;
}

/// The TOML blocks of a document, one after the other.
std::string toml_blocks(const std::string& markdown) {
  const std::string open = "```toml\n";
  std::string out;
  for (auto at = markdown.find(open); at != std::string::npos; at = markdown.find(open, at)) {
    at += open.size();
    out += markdown.substr(at, markdown.find("```", at) - at);
  }
  return out;
}

TEST_CASE("every example file loads without a single variable set") {
  int count = 0;
  for (const auto& file : std::filesystem::directory_iterator("config/examples")) {
    if (file.path().extension() != ".toml") continue;
    ++count;
    auto result = config::load(file.path().string(), tests::variables({}));
    CHECK_MESSAGE(result, all_of(result));
    if (!result) continue;
    CHECK_FALSE(result->experiments.empty());
    for (const auto& dataset : result->datasets) CHECK(std::filesystem::exists(dataset.path));
  }
  CHECK(count >= 6);
}

TEST_CASE("the dataset of the examples has 60 questions of three difficulties, all with a target") {
  std::ifstream in("config/examples/arithmetic.jsonl");
  int lines = 0;
  int hard = 0;
  for (std::string line; std::getline(in, line); ++lines) {
    CHECK(line.find("\\n#### ") != std::string::npos);
    hard += line.find("\"difficulty\": \"hard\"") != std::string::npos ? 1 : 0;
  }
  CHECK(lines == 60);
  CHECK(hard == 20);
}

TEST_CASE("the starter loads without a problem and runs without a key") {
  auto result = config::parse(config::starter(), "assay.toml", tests::variables({}),
                              tests::virtual_files({}));
  REQUIRE_MESSAGE(result, all_of(result));
  REQUIRE(result->experiments.size() == 1);
  CHECK(result->datasets.at(0).path == "questions.jsonl");
  for (const auto& provider : result->providers) CHECK(provider.base_url.starts_with("mock:"));
}

TEST_CASE("what the starter has commented out loads too") {
  auto text = config::starter();
  for (const char* mark :
       {"\n# [", "\n# preset", "\n# api_key", "\n# max", "\n# rpm", "\n# tpm", "\n# retry",
        "\n# timeouts", "\n# provider =", "\n# extra", "\n# limit", "\n# shuffle", "\n# instances",
        "\n# epochs", "\n# thresholds", "\n# ledger"}) {
    CHECK(text.find(mark) != std::string::npos);
    for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark, at))
      text.erase(at + 1, 2);
  }
  auto result = config::parse(text, "assay.toml", tests::variables({}), tests::virtual_files({}));
  REQUIRE_MESSAGE(result, all_of(result));
  CHECK(find_named(result->providers, "openai")->limits.rates.size() == 2);
  CHECK(result->experiments.at(0).epochs == 3);
}

TEST_CASE("the reference in docs/configuration.md is the one the program reads by") {
  auto document = read_file("docs/configuration.md");
  CHECK(document.find(config::reference()) != std::string::npos);
  CHECK(document.find(config::preset_reference()) != std::string::npos);
}

TEST_CASE("the examples in docs/configuration.md are one experiment file that loads") {
  auto text = toml_blocks(read_file("docs/configuration.md"));
  REQUIRE(text.size() > 1'000);
  auto result = config::parse(text, "doc.toml", tests::variables({{"HOME", "/home/u"}}),
                              tests::virtual_files({{"expert.txt", "{{input}}"}}));
  REQUIRE_MESSAGE(result, all_of(result));
  CHECK(result->providers.size() == 3);
  CHECK(result->experiments.size() == 1);
}

}  // namespace
}  // namespace assay
