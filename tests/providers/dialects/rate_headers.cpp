#include "providers/dialects/rate_headers.hpp"

#include <doctest/doctest.h>

namespace assay::tests {

namespace {

using dialects::rate_family;
using dialects::rate_headers;
using std::chrono::seconds;

rate_header limit_of(dimension counts, double limit, double remaining,
                     std::optional<milliseconds> reset,
                     std::optional<std::chrono::seconds> window) {
  rate_header h;
  h.counts = counts;
  h.limit = limit;
  h.remaining = remaining;
  h.reset = reset;
  h.window = window;
  return h;
}

}  // namespace

TEST_CASE("openai: requests, tokens and tokens of the project, per minute") {
  auto found = rate_headers(rate_family::openai, {{"X-RateLimit-Limit-Requests", "5000"},
                                                  {"x-ratelimit-remaining-requests", "4999"},
                                                  {"x-ratelimit-reset-requests", "12ms"},
                                                  {"x-ratelimit-limit-tokens", "30,000"},
                                                  {"x-ratelimit-remaining-tokens", "29,000"},
                                                  {"x-ratelimit-reset-tokens", "6m0s"},
                                                  {"x-ratelimit-limit-project-tokens", "1000"},
                                                  {"x-ratelimit-remaining-project-tokens", "10"}});
  CHECK(found ==
        std::vector{limit_of(dimension::requests, 5000, 4999, milliseconds(12), seconds(60)),
                    limit_of(dimension::tokens, 30'000, 29'000, milliseconds(360'000), seconds(60)),
                    limit_of(dimension::tokens, 1'000, 10, std::nullopt, seconds(60))});
}

TEST_CASE("groq: the same names, but requests are counted per day") {
  auto found = rate_headers(rate_family::groq, {{"x-ratelimit-limit-requests", "14400"},
                                                {"x-ratelimit-remaining-requests", "14370"},
                                                {"x-ratelimit-reset-requests", "2m59.56s"},
                                                {"x-ratelimit-limit-tokens", "18000"},
                                                {"x-ratelimit-remaining-tokens", "17997"},
                                                {"x-ratelimit-reset-tokens", "7.66s"}});
  CHECK(found ==
        std::vector{
            limit_of(dimension::requests, 14'400, 14'370, milliseconds(179'560), seconds(86'400)),
            limit_of(dimension::tokens, 18'000, 17'997, milliseconds(7'660), seconds(60))});
}

TEST_CASE("anthropic: RFC 3339 resets are measured from the answer's date") {
  header_list headers{{"Date", "Thu, 21 Aug 2025 12:40:00 GMT"},
                      {"anthropic-ratelimit-requests-limit", "1000"},
                      {"anthropic-ratelimit-requests-remaining", "999"},
                      {"anthropic-ratelimit-requests-reset", "2025-08-21T12:40:59Z"},
                      {"anthropic-ratelimit-input-tokens-limit", "80000"},
                      {"anthropic-ratelimit-input-tokens-remaining", "79000"},
                      {"anthropic-ratelimit-input-tokens-reset", "2025-08-21T12:41:00Z"},
                      {"anthropic-ratelimit-output-tokens-limit", "16000"},
                      {"anthropic-ratelimit-output-tokens-remaining", "16000"},
                      {"anthropic-ratelimit-tokens-limit", "96000"},
                      {"anthropic-ratelimit-tokens-remaining", "95000"}};
  auto found = rate_headers(rate_family::anthropic, headers);
  CHECK(found ==
        std::vector{
            limit_of(dimension::requests, 1'000, 999, milliseconds(59'000), seconds(60)),
            limit_of(dimension::tokens, 96'000, 95'000, std::nullopt, seconds(60)),
            limit_of(dimension::input_tokens, 80'000, 79'000, milliseconds(60'000), seconds(60)),
            limit_of(dimension::output_tokens, 16'000, 16'000, std::nullopt, seconds(60))});
  headers.erase(headers.begin());
  CHECK_FALSE(rate_headers(rate_family::anthropic, headers)[0].reset.has_value());
}

TEST_CASE("openrouter: the reset is a Unix time in milliseconds") {
  auto found = rate_headers(rate_family::openrouter, {{"Date", "Thu, 21 Aug 2025 12:40:00 GMT"},
                                                      {"X-RateLimit-Limit", "20"},
                                                      {"X-RateLimit-Remaining", "0"},
                                                      {"X-RateLimit-Reset", "1755780030500"}});
  CHECK(found ==
        std::vector{limit_of(dimension::requests, 20, 0, milliseconds(30'500), std::nullopt)});
}

TEST_CASE("together: requests and tokens per second") {
  auto found = rate_headers(rate_family::together, {{"x-ratelimit-limit", "10"},
                                                    {"x-ratelimit-remaining", "9"},
                                                    {"x-ratelimit-reset", "1"},
                                                    {"x-tokenlimit-limit", "3000"},
                                                    {"x-tokenlimit-remaining", "2900"}});
  CHECK(found ==
        std::vector{limit_of(dimension::requests, 10, 9, milliseconds(1'000), seconds(1)),
                    limit_of(dimension::tokens, 3'000, 2'900, milliseconds(1'000), seconds(1))});
}

TEST_CASE("a limit of -1, 0, nothing or a word is absent, a remainder of -1 is 0") {
  for (auto limit : {"-1", "0", "", "unlimited"}) {
    CAPTURE(limit);
    CHECK(rate_headers(rate_family::openai, {{"x-ratelimit-limit-requests", limit},
                                             {"x-ratelimit-remaining-requests", "5"}})
              .empty());
  }
  CHECK(rate_headers(rate_family::openai, {{"x-ratelimit-limit-requests", "5"}}).empty());
  auto found = rate_headers(rate_family::openai, {{"x-ratelimit-limit-requests", "5"},
                                                  {"x-ratelimit-remaining-requests", "-1"},
                                                  {"x-ratelimit-reset-requests", "-1"}});
  CHECK(found == std::vector{limit_of(dimension::requests, 5, 0, std::nullopt, seconds(60))});
}

TEST_CASE("APIs without such headers have no limits, whatever a proxy adds") {
  CHECK(rate_headers(rate_family::none,
                     {{"x-ratelimit-limit-requests", "5"}, {"x-ratelimit-remaining-requests", "5"}})
            .empty());
}

}  // namespace assay::tests
