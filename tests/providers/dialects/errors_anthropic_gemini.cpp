#include "error_rows.hpp"

// Errors of the formats of Anthropic and Gemini.
namespace assay::tests {

TEST_CASE("anthropic: error rows") {
  const std::array rows{
      row{"anthropic", 400,
          R"({"type":"error","error":{"type":"invalid_request_error","message":"max_tokens: Field required"},"request_id":"req_1"})",
          bad_request},
      row{"anthropic", 400,
          R"({"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 210000 tokens > 200000 maximum"}})",
          context_too_long},
      row{"anthropic", 400,
          R"({"type":"error","error":{"type":"invalid_request_error","message":"You have reached your specified API usage limits. You will regain access on 2025-10-01."}})",
          quota_exhausted},
      row{"anthropic", 400,
          R"({"type":"error","error":{"type":"invalid_request_error","message":"The spend limit of this workspace is reached"}})",
          quota_exhausted},
      row{"anthropic", 400,
          R"({"type":"error","error":{"type":"invalid_request_error","message":"`temperature` is deprecated for this model"}})",
          bad_request},
      row{"anthropic", 401,
          R"({"type":"error","error":{"type":"authentication_error","message":"invalid x-api-key"}})",
          auth},
      row{"anthropic", 402, R"({"type":"error","error":{"type":"billing_error","message":"x"}})",
          quota_exhausted},
      row{"anthropic", 403, R"({"type":"error","error":{"type":"permission_error","message":"x"}})",
          auth},
      row{"anthropic", 404,
          R"({"type":"error","error":{"type":"not_found_error","message":"model: claude-x"}})",
          bad_request},
      row{"anthropic", 409, R"({"type":"error","error":{"type":"conflict_error","message":"x"}})",
          server_error},
      row{"anthropic", 413,
          R"({"type":"error","error":{"type":"request_too_large","message":"x"}})", bad_request},
      row{"anthropic", 429,
          R"({"type":"error","error":{"type":"rate_limit_error","message":"This request would exceed your organization's rate limit of 30,000 input tokens per minute"}})",
          rate_limited},
      row{"anthropic", 429,
          R"({"type":"error","error":{"type":"rate_limit_error","message":"acceleration limit: sharp increase in usage"}})",
          rate_limited},
      row{"anthropic", 429,
          R"({"type":"error","error":{"type":"rate_limit_error","message":"enforced_spend_limit_reached"}})",
          quota_exhausted},
      row{"anthropic", 429,
          R"({"type":"error","error":{"type":"rate_limit_error","message":"x","details":{"error_code":"enforced_spend_limit_reached"}}})",
          quota_exhausted},
      row{"anthropic", 500,
          R"({"type":"error","error":{"type":"api_error","message":"Internal server error"}})",
          server_error},
      row{"anthropic", 504, R"({"type":"error","error":{"type":"timeout_error","message":"x"}})",
          server_error},
      row{"anthropic", 529,
          R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}})",
          overloaded},
      row{"anthropic", 200,
          R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}})",
          overloaded},
  };
  check(rows);
}

TEST_CASE("gemini: error rows, also in a one-element array") {
  const std::array rows{
      row{"gemini", 400,
          R"({"error":{"code":400,"message":"Invalid value","status":"INVALID_ARGUMENT"}})",
          bad_request},
      row{"gemini", 400,
          R"({"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","status":"INVALID_ARGUMENT","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"API_KEY_INVALID","domain":"googleapis.com"}]}})",
          auth},
      row{"gemini", 400,
          R"({"error":{"code":400,"message":"The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).","status":"INVALID_ARGUMENT"}})",
          context_too_long},
      row{"gemini", 400,
          R"({"error":{"code":400,"message":"User location is not supported for the API use.","status":"FAILED_PRECONDITION"}})",
          auth},
      row{"gemini", 400,
          R"({"error":{"code":400,"message":"Please enable billing on project 1","status":"FAILED_PRECONDITION"}})",
          quota_exhausted},
      row{"gemini", 402, R"({"error":{"code":402,"message":"x","status":"PAYMENT_REQUIRED"}})",
          quota_exhausted},
      row{"gemini", 403, R"({"error":{"code":403,"message":"x","status":"PERMISSION_DENIED"}})",
          auth},
      row{"gemini", 404,
          R"({"error":{"code":404,"message":"models/x is not found","status":"NOT_FOUND"}})",
          bad_request},
      row{"gemini", 429,
          R"({"error":{"code":429,"message":"Resource has been exhausted (e.g. check quota).","status":"RESOURCE_EXHAUSTED"}})",
          rate_limited},
      row{"gemini", 429,
          R"({"error":{"code":429,"message":"Quota exceeded for metric: x, limit: 0, model: gemini-2.5-pro","status":"RESOURCE_EXHAUSTED"}})",
          quota_exhausted},
      row{"gemini", 429,
          R"({"error":{"code":429,"message":"x","status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":[{"quotaId":"GenerateRequestsPerMinutePerProjectPerModel-FreeTier","quotaValue":"0"}]}]}})",
          quota_exhausted},
      row{"gemini", 499, R"({"error":{"code":499,"message":"x","status":"CANCELLED"}})",
          server_error},
      row{"gemini", 500, R"({"error":{"code":500,"message":"x","status":"INTERNAL"}})",
          server_error},
      row{"gemini", 503,
          R"({"error":{"code":503,"message":"The model is overloaded.","status":"UNAVAILABLE"}})",
          overloaded},
      row{"gemini", 504, R"({"error":{"code":504,"message":"x","status":"DEADLINE_EXCEEDED"}})",
          server_error},
      row{"gemini", 503, R"([{"error":{"code":503,"message":"x","status":"UNAVAILABLE"}}])",
          overloaded},
      row{"gemini", 200, R"([{"error":{"code":503,"message":"x","status":"UNAVAILABLE"}}])",
          overloaded},
  };
  check(rows);
}

TEST_CASE("gemini: a quota per day is exhausted, whatever retryDelay says, also within an array") {
  auto e = error_of(
      "gemini", 429,
      R"([{"error":{"code":429,"message":"You exceeded your current quota","status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":[{"quotaMetric":"generativelanguage.googleapis.com/generate_content_free_tier_requests","quotaId":"GenerateRequestsPerDayPerProjectPerModel-FreeTier","quotaDimensions":{"model":"gemini-2.5-pro","location":"global"},"quotaValue":"50"}]},{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"25s"}]}}])");
  CHECK(e.kind == quota_exhausted);
  CHECK_FALSE(e.retry_after.has_value());
  CHECK(e.code == "429");
  CHECK(e.type == "RESOURCE_EXHAUSTED");
}

TEST_CASE("gemini: a quota per minute is a rate limit with the retryDelay of the body") {
  auto e = error_of(
      "gemini", 429,
      R"({"error":{"code":429,"message":"x","status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":[{"quotaId":"GenerateRequestsPerMinutePerProjectPerModel-FreeTier","quotaValue":"5"}]},{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"38.2s"}]}})");
  CHECK(e.kind == rate_limited);
  CHECK(e.retry_after == milliseconds(38'200));
  CHECK(e.limited == dimension::requests);
}

}  // namespace assay::tests
