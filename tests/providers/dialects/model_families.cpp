#include "providers/dialects/model_families.hpp"

#include <doctest/doctest.h>

namespace assay::tests {

TEST_CASE("OpenAI's reasoning models are known by their names") {
  for (auto name :
       {"o1", "o1-mini", "o3", "o3-mini-2025-01-31", "o4-mini", "gpt-5", "gpt-5-mini", "gpt-5.1",
        "gpt-6", "gpt-10", "openai/o3", "openai/gpt-5-nano", "ft:o4-mini:org::id"}) {
    CAPTURE(name);
    CHECK(dialects::is_openai_reasoning(name));
  }
  for (auto name : {"gpt-4o", "gpt-4.1-mini", "gpt-4", "gpt-3.5-turbo", "gpt-35-turbo",
                    "gpt-5-chat-latest", "gpt-5.1-chat-latest", "gpt-oss-120b", "omni", "olmo-2",
                    "ft:gpt-4o:org", "mock-small", "", "o", "gpt-", "llama-3", "gpt-20240501"}) {
    CAPTURE(name);
    CHECK_FALSE(dialects::is_openai_reasoning(name));
  }
}

TEST_CASE("Claude Opus 4.7 and later take no temperature") {
  for (auto name : {"claude-opus-4-7", "claude-opus-4-7-20260101", "claude-opus-4.7",
                    "claude-opus-4-8", "claude-opus-4-10", "claude-opus-5",
                    "claude-opus-5-20260901", "anthropic/claude-opus-4.7"}) {
    CAPTURE(name);
    CHECK(dialects::is_anthropic_without_sampling(name));
  }
  for (auto name : {"claude-opus-4-6", "claude-opus-4-1-20250805", "claude-opus-4-20250514",
                    "claude-sonnet-4-7", "claude-3-opus-20240229", ""}) {
    CAPTURE(name);
    CHECK_FALSE(dialects::is_anthropic_without_sampling(name));
  }
}

}  // namespace assay::tests
