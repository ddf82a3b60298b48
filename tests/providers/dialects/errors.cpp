#include <array>

#include "play.hpp"
#include "providers/dialects/classify.hpp"

// Every error row of the formats' tables, as an answer of the API and the class it has to get.
namespace assay::tests {

namespace {

using enum error_class;

struct row {
  std::string_view dialect;
  int status;
  std::string_view body;
  error_class kind;
};

void check(std::span<const row> rows) {
  for (const auto& row : rows) {
    CAPTURE(row.dialect);
    CAPTURE(row.status);
    CAPTURE(row.body);
    auto r = play(row.dialect, json_of(std::string(row.body), row.status));
    CHECK_MESSAGE(r.tried.error.kind == row.kind,
                  "got " << to_string(r.tried.error.kind) << ", expected " << to_string(row.kind));
    CHECK(r.tried.http_status == row.status);
    CHECK(r.reply.text == "");
  }
}

api_error error_of(std::string_view dialect, int status, std::string_view body,
                   header_list headers = {}) {
  return play(dialect, wire{status, std::move(headers), std::string(body)}).tried.error;
}

}  // namespace

TEST_CASE("openai: error rows") {
  const std::array rows{
      row{"openai", 400,
          R"({"error":{"message":"bad","type":"invalid_request_error","param":null,"code":null}})",
          bad_request},
      row{"openai", 400,
          R"({"error":{"message":"too many tokens","type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}})",
          context_too_long},
      row{"openai", 400,
          R"({"error":{"message":"Unsupported parameter: 'max_tokens'","type":"invalid_request_error","param":"max_tokens","code":"unsupported_parameter"}})",
          bad_request},
      row{"openai", 400,
          R"({"error":{"message":"Unsupported value: 'temperature'","type":"invalid_request_error","param":"temperature","code":"unsupported_value"}})",
          bad_request},
      row{"openai", 400,
          R"({"error":{"message":"Invalid prompt: your prompt was flagged as potentially violating our usage policy.","type":"invalid_request_error","param":null,"code":"invalid_prompt"}})",
          content_filtered},
      row{"openai", 400,
          R"({"error":{"message":"Invalid prompt","type":"invalid_request_error","param":null,"code":"invalid_prompt"}})",
          bad_request},
      row{"openai", 400,
          R"({"error":{"message":"no","type":"invalid_request_error","param":null,"code":"content_policy_violation"}})",
          content_filtered},
      row{"openai", 400,
          R"({"error":{"message":"Invalid 'messages[0].content': string too long. This model's maximum context length is 10 tokens","type":"invalid_request_error","param":"messages[0].content","code":"string_above_max_length"}})",
          bad_request},
      row{"openai", 401,
          R"({"error":{"message":"Incorrect API key provided","type":"invalid_request_error","param":null,"code":"invalid_api_key"}})",
          auth},
      row{"openai", 401,
          R"({"error":{"message":"You must be a member of an organization","type":"invalid_request_error","param":null,"code":null}})",
          auth},
      row{"openai", 403,
          R"({"error":{"message":"Country, region, or territory not supported","type":"request_forbidden","param":null,"code":"unsupported_country_region_territory"}})",
          auth},
      row{"openai", 404,
          R"({"error":{"message":"The model `x` does not exist","type":"invalid_request_error","param":null,"code":"model_not_found"}})",
          bad_request},
      row{"openai", 408,
          R"({"error":{"message":"timeout","type":"server_error","param":null,"code":null}})",
          timeout},
      row{"openai", 409,
          R"({"error":{"message":"lock","type":"server_error","param":null,"code":null}})",
          server_error},
      row{"openai", 413,
          R"({"error":{"message":"body too large","type":"invalid_request_error","param":null,"code":null}})",
          bad_request},
      row{"openai", 422,
          R"({"error":{"message":"x","type":"invalid_request_error","param":null,"code":null}})",
          bad_request},
      row{"openai", 429,
          R"({"error":{"message":"Rate limit reached for gpt-4o on requests per min (RPM): Limit 3, Used 3, Requested 1.","type":"requests","param":null,"code":"rate_limit_exceeded"}})",
          rate_limited},
      row{"openai", 429,
          R"({"error":{"message":"slow down","type":"rate_limit_error","param":null,"code":"slow_down"}})",
          ramp_limited},
      row{"openai", 429,
          R"({"error":{"message":"You exceeded your current quota, please check your plan and billing details.","type":"insufficient_quota","param":null,"code":"insufficient_quota"}})",
          quota_exhausted},
      row{"openai", 429,
          R"({"error":{"message":"x","type":"insufficient_quota","param":null,"code":null}})",
          quota_exhausted},
      row{"openai", 429,
          R"({"error":{"message":"x","type":"billing","param":null,"code":"credit_balance_exhausted"}})",
          quota_exhausted},
      row{"openai", 429,
          R"({"error":{"message":"x","type":"billing","param":null,"code":"organization_spend_limit_exceeded"}})",
          quota_exhausted},
      row{"openai", 429,
          R"({"error":{"message":"x","type":"billing","param":null,"code":"project_spend_limit_exceeded"}})",
          quota_exhausted},
      row{"openai", 429,
          R"({"error":{"message":"x","type":"billing","param":null,"code":"organization_usage_limit_exceeded"}})",
          quota_exhausted},
      row{"openai", 429,
          R"({"error":{"message":"Request too large for gpt-4o on tokens per min (TPM): Limit 30000, Requested 99999.","type":"tokens","param":null,"code":"rate_limit_exceeded"}})",
          bad_request},
      row{"openai", 429,
          R"({"error":{"message":"something new","type":"new_type","param":null,"code":"new_code"}})",
          rate_limited},
      row{"openai", 500,
          R"({"error":{"message":"The server had an error","type":"server_error","param":null,"code":null}})",
          server_error},
      row{"openai", 502,
          R"({"error":{"message":"bad gateway","type":"server_error","param":null,"code":null}})",
          server_error},
      row{"openai", 504,
          R"({"error":{"message":"gateway timeout","type":"server_error","param":null,"code":null}})",
          server_error},
      row{"openai", 503,
          R"({"error":{"message":"The server is overloaded","type":"service_unavailable_error","param":null,"code":"server_is_overloaded"}})",
          overloaded},
      row{"openai", 200,
          R"({"error":{"message":"The server had an error","type":"server_error","code":null}})",
          server_error},
  };
  check(rows);
}

TEST_CASE("azure: error rows") {
  const std::array rows{
      row{"azure", 400,
          R"({"error":{"message":"The response was filtered due to the prompt triggering Azure OpenAI's content management policy.","type":null,"param":"prompt","code":"content_filter","status":400,"innererror":{"code":"ResponsibleAIPolicyViolation","content_filter_result":{"hate":{"filtered":false,"severity":"safe"},"jailbreak":{"detected":true,"filtered":true}}}}})",
          content_filtered},
      row{"azure", 400,
          R"({"error":{"message":"policy","code":"400","inner_error":{"code":"ResponsibleAIPolicyViolation","content_filter_results":{}}}})",
          content_filtered},
      row{"azure", 401,
          R"({"error":{"code":"401","message":"Access denied due to invalid subscription key or wrong API endpoint."}})",
          auth},
      row{"azure", 401,
          R"({ "statusCode": 401, "message": "Unauthorized. Access token is missing." })", auth},
      row{"azure", 403,
          R"({"error":{"code":"403","message":"Access denied due to Virtual Network/Firewall rules."}})",
          auth},
      row{"azure", 404,
          R"({"error":{"code":"DeploymentNotFound","message":"The API deployment for this resource does not exist."}})",
          bad_request},
      row{"azure", 429,
          R"({"error":{"code":"429","message":"Requests to the ChatCompletions_Create Operation have exceeded token rate limit. Please retry after 7 seconds."}})",
          rate_limited},
      row{"azure", 429, R"({"error":{"code":"RateLimitReached","message":"x"}})", rate_limited},
      row{"azure", 429, R"({"error":{"code":"too_many_requests","message":"x"}})", rate_limited},
      row{"azure", 429,
          R"({"error":{"code":"429","message":"The system is experiencing high demand, try later."}})",
          overloaded},
      row{"azure", 500, R"({"error":{"code":"InternalServerError","message":"x"}})", server_error},
      row{"azure", 503, R"({"error":{"code":"503","message":"x"}})", overloaded},
  };
  check(rows);
}

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

TEST_CASE("ollama, llamacpp, vllm: error rows") {
  const std::array rows{
      row{"ollama", 400,
          R"({"error":{"message":"x","type":"invalid_request_error","param":null,"code":null}})",
          bad_request},
      row{"ollama", 404, R"({"error":"model \"x\" not found, try pulling it first"})", bad_request},
      row{"ollama", 404,
          R"({"error":{"message":"x","type":"not_found_error","param":null,"code":null}})",
          bad_request},
      row{"ollama", 503,
          R"({"error":"server busy, please try again. maximum pending requests exceeded"})",
          overloaded},
      row{"ollama", 499, R"({"error":"cancelled"})", server_error},
      row{"ollama", 429, R"({"error":"cloud limit"})", rate_limited},
      row{"ollama", 502, R"({"error":"cloud unreachable"})", server_error},
      row{"ollama", 500, R"({"error":{"message":"x","type":"api_error","param":null,"code":null}})",
          server_error},
      row{"ollama", 200, R"({"error":"unexpected EOF"})", server_error},
      row{"llamacpp", 400, R"({"error":{"code":400,"message":"x","type":"invalid_request_error"}})",
          bad_request},
      row{"llamacpp", 401,
          R"({"error":{"code":401,"message":"Invalid API Key","type":"authentication_error"}})",
          auth},
      row{"llamacpp", 403, R"({"error":{"code":403,"message":"x","type":"permission_error"}})",
          auth},
      row{"llamacpp", 404, R"({"error":{"code":404,"message":"x","type":"not_found_error"}})",
          bad_request},
      row{"llamacpp", 500, R"({"error":{"code":500,"message":"x","type":"server_error"}})",
          server_error},
      row{"llamacpp", 501, R"({"error":{"code":501,"message":"x","type":"not_supported_error"}})",
          bad_request},
      row{"llamacpp", 503,
          R"({"error":{"code":503,"message":"Loading model","type":"unavailable_error"}})",
          overloaded},
      row{"llamacpp", 400,
          R"({"error":{"code":400,"message":"the request exceeds","type":"exceed_context_size_error","n_prompt_tokens":9000,"n_ctx":4096}})",
          context_too_long},
      row{"vllm", 400,
          R"({"error":{"message":"bad","type":"BadRequestError","param":null,"code":400}})",
          bad_request},
      row{"vllm", 400,
          R"({"error":{"message":"This model's maximum context length is 4096 tokens. However, you requested 5000 tokens","type":"BadRequestError","param":null,"code":400}})",
          context_too_long},
      row{"vllm", 400,
          R"({"object":"error","message":"This model's maximum context length is 4096 tokens.","type":"BadRequestError","param":null,"code":400})",
          context_too_long},
      row{"vllm", 404,
          R"({"error":{"message":"The model `x` does not exist.","type":"NotFoundError","param":null,"code":404}})",
          bad_request},
      row{"vllm", 404, R"({"detail":"Not Found"})", bad_request},
      row{"vllm", 422,
          R"({"detail":[{"loc":["body","messages"],"msg":"Field required","type":"missing"}]})",
          bad_request},
      row{"vllm", 500,
          R"({"error":{"message":"x","type":"InternalServerError","param":null,"code":500}})",
          server_error},
  };
  check(rows);
  CHECK(error_of("vllm", 422,
                 R"({"detail":[{"loc":["body"],"msg":"Field required","type":"missing"}]})")
            .message == "Field required");
}

TEST_CASE("context overflow is known by the message of every server") {
  const std::array<std::string_view, 11> messages{
      "This model's maximum context length is 8192 tokens",
      "input length and max_tokens exceed context limit: 1 + 2 > 3",
      "the prompt exceeds the model's maximum context limit",
      "The prompt is longer than the model's context length. Prompt is longer than the model's "
      "context length",
      "Input tokens exceed the configured limit of 272000 tokens",
      "the request exceeds the available context size",
      "The input token count exceeds the maximum number of tokens allowed",
      "prompt is too long: 3 tokens",
      "Please reduce the length. Current length is 9000 while limit is 8192",
      "the maximum input length is 4096 tokens",
      "`inputs` tokens + `max_new_tokens` must be <= 2048"};
  for (auto message : messages)
    for (int status : {400, 413, 422}) {
      CAPTURE(message);
      CAPTURE(status);
      auto body = R"({"error":{"message":")" + std::string(message) +
                  R"(","type":"invalid_request_error"}})";
      CHECK(error_of("openai", status, body).kind == context_too_long);
      CHECK(error_of("vllm", status, body).kind == context_too_long);
    }
}

TEST_CASE("half of a two-part message is no context overflow") {
  CHECK(error_of("openai", 400, R"({"error":{"message":"current length is 7"}})").kind ==
        bad_request);
  CHECK(error_of("openai", 400, R"({"error":{"message":"maximum input length is 7"}})").kind ==
        bad_request);
}

TEST_CASE(
    "a 429 that echoes a prompt about context stays a rate limit, a 400 about `429` a bad "
    "request") {
  CHECK(error_of("openai", 429, R"({"error":{"message":"busy; prompt was: prompt is too long"}})")
            .kind == rate_limited);
  CHECK(error_of("openai", 400, R"({"error":{"message":"429 rate limit insufficient_quota"}})")
            .kind == bad_request);
}

TEST_CASE("without a readable body the status decides") {
  struct status_row {
    int status;
    error_class kind;
  };
  const std::array rows{
      status_row{301, bad_request},  status_row{400, bad_request},
      status_row{401, auth},         status_row{402, quota_exhausted},
      status_row{403, auth},         status_row{404, bad_request},
      status_row{405, bad_request},  status_row{408, timeout},
      status_row{409, server_error}, status_row{413, bad_request},
      status_row{418, bad_request},  status_row{422, bad_request},
      status_row{429, rate_limited}, status_row{498, overloaded},
      status_row{499, server_error}, status_row{500, server_error},
      status_row{502, server_error}, status_row{503, overloaded},
      status_row{504, server_error}, status_row{520, server_error},
      status_row{524, server_error}, status_row{529, overloaded},
      status_row{599, server_error},
  };
  for (const auto& row : rows)
    for (auto dialect : dialects::names()) {
      CAPTURE(row.status);
      CAPTURE(dialect);
      CHECK(error_of(dialect, row.status, "").kind == row.kind);
      CHECK(error_of(dialect, row.status, "<html>nginx</html>").kind == row.kind);
    }
}

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

TEST_CASE("a body that is cut tells what stands before the cut") {
  auto e = error_of("openai", 429,
                    R"({"error":{"message":"You exceeded","type":"insufficient_quota","par)");
  CHECK(e.kind == quota_exhausted);
  CHECK(e.message == "You exceeded");
}

TEST_CASE("an error status counts although the body broke off; our own stop counts before it") {
  api_error broken;
  broken.kind = error_class::transport;
  auto w = json_of(R"({"error":{"message":"x","code":"rate_limit_)", 429);
  CHECK(play("openai", w, broken).tried.error.kind == rate_limited);
  broken.kind = cancelled;
  CHECK(play("openai", w, broken).tried.error.kind == cancelled);
}

TEST_CASE("`type: error` at the top level says that there is an error, not which") {
  auto e = error_of("anthropic", 500, R"({"type":"error","message":"boom"})");
  CHECK(e.type == "");
  CHECK(e.message == "boom");
}

TEST_CASE("a long message is cut to 2,000 bytes at the border of a character") {
  std::string text;
  while (text.size() < 5'000) text += "a\xC3\xA9\xE2\x82\xAC";
  auto e = error_of("openai", 400, R"({"error":{"message":")" + text + R"("}})");
  CHECK(e.message.size() <= 2'000);
  CHECK(e.message.size() > 1'995);
  CHECK(text.starts_with(e.message));
  CHECK((static_cast<unsigned char>(text[e.message.size()]) & 0xC0) != 0x80);
}

TEST_CASE("the request id comes from the header of each API, else from the body of the error") {
  for (auto name : {"x-request-id", "Request-Id", "X-Generation-Id", "x-together-traceid", "CF-RAY",
                    "apim-request-id"}) {
    CAPTURE(name);
    auto r = play("openai", wire{500, {{name, "id-7"}}, ""});
    CHECK(r.tried.request_id == "id-7");
  }
  auto r = play(
      "anthropic",
      json_of(R"({"type":"error","error":{"type":"api_error","message":"x"},"request_id":"req_9"})",
              500));
  CHECK(r.tried.request_id == "req_9");
}

TEST_CASE("headers are never part of an error's text") {
  auto r = play(
      "openai",
      wire{404,
           {{"content-type", "text/plain"}, {"set-cookie", "s3cret"}, {"authorization", "s3cret"}},
           "nope"});
  CHECK(r.tried.error.message.find("s3cret") == std::string::npos);
  CHECK(r.tried.error.message.find("nope") != std::string::npos);
  CHECK(r.tried.error.message.find("base_url") != std::string::npos);
}

}  // namespace assay::tests
