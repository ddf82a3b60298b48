#include "tests/config/bad_inputs.hpp"

#include <doctest/doctest.h>

#include "tests/config/virtual_files.hpp"

namespace assay {
namespace {

checked<settings> read(const std::string& text) {
  std::map<std::string, std::string> files{{"e.toml", text}};
  for (const auto& [path, content] : tests::bad_input_files()) files.emplace(path, content);
  return config::parse(text, "e.toml",
                       tests::variables({{"HOME", "/home/u"},
                                         {"GOOD", "x"},
                                         {"EMPTY", ""},
                                         {"LATIN", "caf\xE9"},
                                         {"TOKEN", "sk-0123456789topsecret"}}),
                       tests::virtual_files(std::move(files)));
}

TEST_CASE("every bad input gets exactly its messages: place, what was found, what was expected") {
  for (const auto& input : tests::bad_inputs()) {
    INFO(std::string(input.rule));
    auto result = read(input.text);
    REQUIRE_FALSE(result);
    std::string told;
    std::string should_be;
    for (const auto& problem : result.error()) told += render(problem) + "\n";
    for (const auto& message : input.messages) should_be += message + "\n";
    CHECK(told == should_be);
  }
}

TEST_CASE("no message ever shows a key") {
  for (const auto& input : tests::bad_inputs()) {
    INFO(std::string(input.rule));
    auto result = read(input.text);
    REQUIRE_FALSE(result);
    for (const auto& problem : result.error()) {
      CHECK(render(problem).find("topsecret") == std::string::npos);
      CHECK(render(problem).find("0123456789") == std::string::npos);
      CHECK(render(problem).find("0a1b2c3d") == std::string::npos);
    }
  }
}

TEST_CASE("every message is one line") {
  for (const auto& input : tests::bad_inputs()) {
    auto result = read(input.text);
    REQUIRE_FALSE(result);
    for (const auto& problem : result.error())
      CHECK(render(problem).find_first_of("\r\n\t") == std::string::npos);
  }
}

TEST_CASE("the table of bad inputs is long enough to mean something") {
  CHECK(tests::bad_inputs().size() >= 80);
}

}  // namespace
}  // namespace assay
