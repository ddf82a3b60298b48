#include "error_rows.hpp"

// Which limit was hit, and how long to wait.
namespace assay::tests {

TEST_CASE("the limit that was hit is told where the answer names it") {
  struct limit_row {
    std::string_view body;
    std::optional<dimension> limited;
  };
  const std::array rows{
      limit_row{
          R"({"error":{"message":"Rate limit reached for gpt-4o on requests per min (RPM): Limit 3, Used 3, Requested 1.","type":"requests","code":"rate_limit_exceeded"}})",
          dimension::requests},
      limit_row{
          R"({"error":{"message":"Rate limit reached for gpt-4o on tokens per min (TPM): Limit 10000, Used 9000, Requested 2000.","type":"tokens","code":"rate_limit_exceeded"}})",
          dimension::tokens},
      limit_row{
          R"({"error":{"message":"on tokens per min (TPM): Limit 1, Requested 2","type":"x"}})",
          dimension::tokens},
      limit_row{
          R"({"error":{"message":"rate limit of 8,000 output tokens per minute","type":"rate_limit_error"}})",
          dimension::output_tokens},
      limit_row{
          R"({"error":{"message":"rate limit of 30,000 input tokens per minute","type":"rate_limit_error"}})",
          dimension::input_tokens},
      limit_row{
          R"({"error":{"message":"Rate limit reached for concurrency","type":"concurrency","code":"rate_limit_exceeded"}})",
          dimension::concurrency},
      limit_row{R"({"error":{"message":"Too Many Requests"}})", std::nullopt},
  };
  for (const auto& row : rows) {
    CAPTURE(row.body);
    auto e = error_of("openai", 429, row.body);
    CHECK(e.kind == rate_limited);
    CHECK(e.limited == row.limited);
  }
}

TEST_CASE("a requests limit with retry-after-ms is waited for to the millisecond") {
  auto e = error_of("openai", 429, R"({"error":{"message":"x","code":"rate_limit_exceeded"}})",
                    {{"Retry-After-Ms", "1234.5"}, {"retry-after", "2"}});
  CHECK(e.kind == rate_limited);
  CHECK(e.retry_after == milliseconds(1235));
}

TEST_CASE("a tokens limit with an HTTP-date is waited for relative to the answer's own date") {
  auto e = error_of("azure", 429, R"({"error":{"message":"x","code":"429"}})",
                    {{"Date", "Sun, 06 Nov 1994 08:49:37 GMT"},
                     {"Retry-After", "Sun, 06 Nov 1994 08:50:07 GMT"}});
  CHECK(e.retry_after == milliseconds(30'000));
}

TEST_CASE("without a header the wait is read from the message") {
  CHECK(error_of("openai", 429,
                 R"({"error":{"message":"Limit 3. Please try again in 1.2s. Visit x"}})")
            .retry_after == milliseconds(1'200));
  CHECK(error_of("groq", 429, R"({"error":{"message":"Please try again in 2m59.56s."}})")
            .retry_after == milliseconds(179'560));
  CHECK(error_of("azure", 429, R"({"error":{"message":"Please retry after 7 seconds."}})")
            .retry_after == milliseconds(7'000));
  CHECK_FALSE(error_of("openai", 429, R"({"error":{"message":"try again in a while"}})")
                  .retry_after.has_value());
}

TEST_CASE("a header goes before the message, and the wait of a hopeless error is not told") {
  CHECK(
      error_of("openai", 429, R"({"error":{"message":"try again in 9s"}})", {{"retry-after", "2"}})
          .retry_after == milliseconds(2'000));
  CHECK_FALSE(error_of("openai", 400, R"({"error":{"message":"x"}})", {{"retry-after", "2"}})
                  .retry_after.has_value());
  CHECK(error_of("openrouter", 402, R"({"error":{"code":402,"message":"x"}})",
                 {{"retry-after", "60"}})
            .retry_after == milliseconds(60'000));
  CHECK(error_of("openai", 503, "", {{"retry-after", "5"}}).retry_after == milliseconds(5'000));
}

}  // namespace assay::tests
