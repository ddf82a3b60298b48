#include "error_rows.hpp"
#include "providers/dialects/classify.hpp"

// Errors of the hosts that took over the OpenAI format, each with rows of its own.
namespace assay::tests {

TEST_CASE("groq: error rows") {
  const std::array rows{
      row{"groq", 400, R"({"error":{"message":"n > 1","type":"invalid_request_error"}})",
          bad_request},
      row{"groq", 413,
          R"({"error":{"message":"Request too large for model on tokens per minute (TPM).","type":"tokens","code":"rate_limit_exceeded"}})",
          bad_request},
      row{"groq", 422, R"({"error":{"message":"semantic","type":"invalid_request_error"}})",
          bad_request},
      row{"groq", 424, R"({"error":{"message":"remote tool failed","type":"failed_dependency"}})",
          server_error},
      row{"groq", 429,
          R"({"error":{"message":"Rate limit reached for model on tokens per minute (TPM): Limit 6000. Please try again in 7.66s.","type":"tokens","code":"rate_limit_exceeded"}})",
          rate_limited},
      row{"groq", 498,
          R"({"error":{"message":"flex tier is full","type":"internal","code":"capacity_exceeded"}})",
          overloaded},
      row{"groq", 498, "", overloaded},
      row{"groq", 499, R"({"error":{"message":"cancelled"}})", server_error},
      row{"groq", 503, R"({"error":{"message":"x"}})", overloaded},
  };
  check(rows);
}

TEST_CASE("together: error rows, also with a plain string as error") {
  const std::array rows{
      row{"together", 400,
          R"({"id":"x","error":{"message":"bad","type":"invalid_request_error","param":null,"code":null}})",
          bad_request},
      row{"together", 401,
          R"({"error":{"message":"Invalid API key","type":"invalid_request_error","param":null,"code":"invalid_api_key"}})",
          auth},
      row{"together", 403, R"({"error":"forbidden"})", auth},
      row{"together", 404, R"({"error":"Unable to access model"})", bad_request},
      row{"together", 415, R"({"error":"media type"})", bad_request},
      row{"together", 422,
          R"({"error":"Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4097"})",
          context_too_long},
      row{"together", 429, R"({"error":"Too many requests"})", rate_limited},
      row{"together", 503, R"({"error":{"message":"overloaded","type":"service_unavailable"}})",
          overloaded},
      row{"together", 500, R"({"error":"x"})", server_error},
  };
  check(rows);
  CHECK(error_of("together", 429, R"({"error":"Too many requests"})").message ==
        "Too many requests");
}

TEST_CASE("openrouter: error rows, as a status and within a 200") {
  const std::array rows{
      row{"openrouter", 400,
          R"({"error":{"code":400,"message":"x","metadata":{"error_type":"invalid_request"}}})",
          bad_request},
      row{"openrouter", 400,
          R"({"error":{"code":400,"message":"x","metadata":{"error_type":"context_length_exceeded"}}})",
          context_too_long},
      row{"openrouter", 400,
          R"({"error":{"code":400,"message":"x","metadata":{"error_type":"token_limit_exceeded"}}})",
          context_too_long},
      row{"openrouter", 400,
          R"({"error":{"code":400,"message":"x","metadata":{"error_type":"max_tokens_exceeded"}}})",
          bad_request},
      row{"openrouter", 400,
          R"({"error":{"code":400,"message":"Provider returned error","metadata":{"raw":"This model's maximum context length is 8192 tokens","provider_name":"X"}}})",
          context_too_long},
      row{"openrouter", 404, R"({"error":{"code":404,"message":"No endpoints found"}})",
          bad_request},
      row{"openrouter", 413, R"({"error":{"code":413,"message":"x"}})", bad_request},
      row{"openrouter", 422, R"({"error":{"code":422,"message":"x"}})", bad_request},
      row{"openrouter", 401, R"({"error":{"code":401,"message":"No auth credentials found"}})",
          auth},
      row{"openrouter", 402, R"({"error":{"code":402,"message":"Insufficient credits"}})",
          quota_exhausted},
      row{"openrouter", 403,
          R"({"error":{"code":403,"message":"flagged","metadata":{"reasons":["violence"],"flagged_input":"...","provider_name":"OpenAI"}}})",
          content_filtered},
      row{"openrouter", 403,
          R"({"error":{"code":403,"message":"x","metadata":{"error_type":"content_policy_violation"}}})",
          content_filtered},
      row{"openrouter", 403,
          R"({"error":{"code":403,"message":"Key limit","metadata":{"error_type":"permission_denied"}}})",
          auth},
      row{"openrouter", 403, R"({"error":{"code":403,"message":"x"}})", auth},
      row{"openrouter", 408, R"({"error":{"code":408,"message":"x"}})", timeout},
      row{"openrouter", 429,
          R"({"error":{"code":429,"message":"Rate limit exceeded: free-models-per-min"}})",
          rate_limited},
      row{"openrouter", 502, R"({"error":{"code":502,"message":"x"}})", server_error},
      row{"openrouter", 503, R"({"error":{"code":503,"message":"x"}})", overloaded},
      row{"openrouter", 524, R"({"error":{"code":524,"message":"x"}})", server_error},
      row{"openrouter", 529,
          R"({"error":{"code":529,"message":"x","metadata":{"error_type":"provider_overloaded"}}})",
          overloaded},
      row{"openrouter", 200, R"({"error":{"code":429,"message":"x"},"user_id":"u"})", rate_limited},
      row{"openrouter", 200, R"({"error":{"code":502,"message":"x"}})", server_error},
      row{"openrouter", 200, R"({"error":{"code":402,"message":"x"}})", quota_exhausted},
      row{"openrouter", 200,
          R"({"error":{"code":200,"message":"x","metadata":{"error_type":"refusal"}}})", refusal},
      row{"openrouter", 200,
          R"({"error":{"code":200,"message":"x","metadata":{"error_type":"timeout"}}})", timeout},
      row{"openrouter", 200,
          R"({"error":{"code":200,"message":"x","metadata":{"error_type":"unmapped"}}})",
          server_error},
      row{"openrouter", 200,
          R"({"id":"gen","choices":[{"message":{"content":"par"},"finish_reason":"error"}],"error":{"code":503,"message":"x"}})",
          overloaded},
  };
  check(rows);
}

TEST_CASE("deepseek: error rows, also flattened to the top level") {
  const std::array rows{
      row{"deepseek", 400,
          R"({"error":{"message":"format","type":"invalid_request_error","param":null,"code":"invalid_request_error"}})",
          bad_request},
      row{"deepseek", 401,
          R"({"error":{"message":"Authentication Fails","type":"authentication_error","param":null,"code":"invalid_request_error"}})",
          auth},
      row{"deepseek", 402,
          R"({"error":{"message":"Insufficient Balance","type":"unknown_error","param":null,"code":"invalid_request_error"}})",
          quota_exhausted},
      row{"deepseek", 422, R"({"error":{"message":"parameters","type":"invalid_request_error"}})",
          bad_request},
      row{"deepseek", 429,
          R"({"message":"too many requests in flight","type":"rate_limit_error","code":"x"})",
          rate_limited},
      row{"deepseek", 500, R"({"error":{"message":"x"}})", server_error},
      row{"deepseek", 503, R"({"error":{"message":"overloaded"}})", overloaded},
  };
  check(rows);
  auto flat =
      error_of("deepseek", 429,
               R"({"message":"too many requests in flight","type":"rate_limit_error","code":"x"})");
  CHECK(flat.message == "too many requests in flight");
  CHECK(flat.type == "rate_limit_error");
  CHECK(flat.limited == dimension::concurrency);
}

TEST_CASE("dashscope: error rows in the compatible and in the native shape") {
  const std::array rows{
      row{"dashscope", 429, R"({"code":"Throttling","message":"x","request_id":"r"})",
          rate_limited},
      row{"dashscope", 429,
          R"({"code":"Throttling.RateQuota","message":"Requests rate limit exceeded","request_id":"r"})",
          rate_limited},
      row{"dashscope", 429, R"({"code":"LimitRequests","message":"x","request_id":"r"})",
          rate_limited},
      row{"dashscope", 429,
          R"({"error":{"message":"Requests rate limit exceeded","type":"limit_requests","param":null,"code":"limit_requests"},"request_id":"r"})",
          rate_limited},
      row{"dashscope", 429,
          R"({"code":"Throttling.AllocationQuota","message":"Allocated quota exceeded","request_id":"r"})",
          rate_limited},
      row{"dashscope", 429,
          R"({"error":{"message":"You exceeded your current quota, please check your plan and billing details.","type":"insufficient_quota","param":null,"code":"insufficient_quota"},"request_id":"r"})",
          rate_limited},
      row{"dashscope", 403,
          R"({"code":"AllocationQuota.FreeTierOnly","message":"The free tier of the model has been exhausted.","request_id":"r"})",
          quota_exhausted},
      row{"dashscope", 429,
          R"({"code":"Throttling.AllocationQuota","message":"Free allocated quota exceeded.","request_id":"r"})",
          quota_exhausted},
      row{"dashscope", 429,
          R"({"code":"Throttling.BurstRate","message":"Request rate increased too quickly","request_id":"r"})",
          ramp_limited},
      row{"dashscope", 429,
          R"({"error":{"message":"Request rate increased too quickly","type":"limit_burst_rate","code":"limit_burst_rate"}})",
          ramp_limited},
      row{"dashscope", 429, R"({"code":"Throttling.Concurrency","message":"x"})", rate_limited},
      row{"dashscope", 429, R"({"code":"ResourceExhausted","message":"x"})", rate_limited},
      row{"dashscope", 400,
          R"({"code":"Arrearage","message":"Access denied, please make sure your account is in good standing."})",
          quota_exhausted},
      row{"dashscope", 403, R"({"code":"CommodityNotPurchased","message":"x"})", quota_exhausted},
      row{"dashscope", 429, R"({"code":"PrepaidBillOverdue","message":"x"})", quota_exhausted},
      row{"dashscope", 429, R"({"code":"PostpaidBillOverdue","message":"x"})", quota_exhausted},
      row{"dashscope", 400,
          R"({"code":"DataInspectionFailed","message":"Input data may contain inappropriate content."})",
          content_filtered},
      row{"dashscope", 400,
          R"({"error":{"message":"x","type":"data_inspection_failed","code":"data_inspection_failed"}})",
          content_filtered},
      row{"dashscope", 400,
          R"({"error":{"code":"InvalidParameter","message":"parameter.enable_thinking must be set to false for non-streaming calls"}})",
          bad_request},
      row{"dashscope", 401, R"({"code":"InvalidApiKey","message":"x"})", auth},
      row{"dashscope", 401,
          R"({"error":{"message":"Incorrect API key provided.","type":"invalid_request_error","code":"invalid_api_key"}})",
          auth},
      row{"dashscope", 404, R"({"code":"ModelNotFound","message":"x"})", bad_request},
      row{"dashscope", 500, R"({"code":"InternalError","message":"x"})", server_error},
      row{"dashscope", 503, R"({"code":"ServiceUnavailable","message":"x"})", server_error},
      row{"dashscope", 503, R"({"error":{"code":"ModelServingError","message":"x"}})",
          server_error},
      row{"dashscope", 200, R"({"code":"Throttling.BurstRate","message":"x","request_id":"r"})",
          ramp_limited},
  };
  check(rows);
  auto burst = error_of("dashscope", 429, R"({"code":"Throttling.AllocationQuota","message":"x"})");
  CHECK(burst.limited == dimension::tokens);
  CHECK(error_of("dashscope", 429, R"({"code":"Throttling.Concurrency","message":"x"})").limited ==
        dimension::concurrency);
}

TEST_CASE(
    "the same words insufficient_quota are money at OpenAI and a limit per minute at DashScope") {
  constexpr std::string_view body =
      R"({"error":{"message":"You exceeded your current quota","type":"insufficient_quota","param":null,"code":"insufficient_quota"}})";
  CHECK(dialects::classify(dialects::openai_rows, 429, {}, body).kind == quota_exhausted);
  auto transient = dialects::classify(dialects::dashscope_rows, 429, {}, body);
  CHECK(transient.kind == rate_limited);
  CHECK(transient.limited == dimension::tokens);
}

}  // namespace assay::tests
