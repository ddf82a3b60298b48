#include <doctest/doctest.h>

#include <fstream>
#include <sstream>
#include <string>

#include "providers/dialects/dialect.hpp"
#include "providers/dialects/openai_quirks.hpp"

namespace assay::tests {

namespace {

std::string page() {
  std::ostringstream text;
  text << std::ifstream("docs/add-a-provider.md").rdbuf();
  return text.str();
}

std::string_view cap_in_words(dialects::cap_field cap) {
  switch (cap) {
    case dialects::cap_field::max_tokens:
      return "`max_tokens`";
    case dialects::cap_field::max_completion_tokens:
      return "`max_completion_tokens`";
    default:
      return "by model family";
  }
}

std::string_view family_in_words(dialects::rate_family family) {
  switch (family) {
    case dialects::rate_family::openai:
      return "openai";
    case dialects::rate_family::groq:
      return "groq";
    case dialects::rate_family::anthropic:
      return "anthropic";
    case dialects::rate_family::openrouter:
      return "openrouter";
    case dialects::rate_family::together:
      return "together";
    default:
      return "none";
  }
}

}  // namespace

TEST_CASE("docs/add-a-provider.md has the row of every API that the quirk table has") {
  auto text = page();
  for (const auto& q : dialects::openai_table()) {
    std::ostringstream row;
    row << "| " << q.name << " | ";
    if (q.usual_path.empty())
      row << "none";
    else
      row << '`' << q.usual_path << '`';
    row << " | " << (q.key_header ? "`api-key`" : "`authorization`") << " | " << cap_in_words(q.cap)
        << " | " << (q.asks_usage ? "yes" : "no") << " | " << family_in_words(q.rates) << " |";
    CAPTURE(row.str());
    CHECK(text.find(row.str()) != std::string::npos);
  }
}

TEST_CASE("docs/add-a-provider.md names every dialect") {
  auto text = page();
  for (auto name : dialects::names())
    CHECK(text.find("\n| " + std::string(name) + " | ") != std::string::npos);
}

}  // namespace assay::tests
