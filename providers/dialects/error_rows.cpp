#include "providers/dialects/error_rows.hpp"

#include <array>

namespace assay::dialects {

namespace {

using enum error_class;

constexpr auto requests = dimension::requests;
constexpr auto tokens = dimension::tokens;
constexpr auto concurrency = dimension::concurrency;

// The words that OpenAI coined; most compatible servers took them over.
constexpr std::array openai_table{
    error_row{413, "", "", bad_request},
    error_row{0, "string_above_max_length", "", bad_request},
    error_row{0, "context_length_exceeded", "", context_too_long},
    error_row{0, "content_policy_violation", "", content_filtered},
    error_row{0, "content_filter", "", content_filtered},
    error_row{0, "invalid_prompt", "flagged", content_filtered},
    error_row{0, "invalid_prompt", "", bad_request},
    error_row{0, "insufficient_quota", "", quota_exhausted},
    error_row{0, "credit_balance_exhausted", "", quota_exhausted},
    error_row{0, "organization_spend_limit_exceeded", "", quota_exhausted},
    error_row{0, "project_spend_limit_exceeded", "", quota_exhausted},
    error_row{0, "organization_usage_limit_exceeded", "", quota_exhausted},
    error_row{0, "slow_down", "", ramp_limited},
    error_row{429, "", "request too large", bad_request},
    error_row{0, "rate_limit_exceeded", "", rate_limited},
    error_row{0, "server_is_overloaded", "", overloaded},
    error_row{0, "service_unavailable_error", "", overloaded},
    error_row{0, "invalid_api_key", "", auth},
    error_row{0, "model_not_found", "", bad_request},
};

constexpr std::array azure_table{
    error_row{0, "ResponsibleAIPolicyViolation", "", content_filtered},
    error_row{429, "", "experiencing high demand", overloaded},
    error_row{0, "DeploymentNotFound", "", bad_request},
    error_row{429, "RateLimitReached", "", rate_limited},
    error_row{429, "too_many_requests", "", rate_limited},
};

constexpr std::array groq_table{
    error_row{0, "capacity_exceeded", "", overloaded},
};

constexpr std::array openrouter_table{
    error_row{0, "flagged_input", "", content_filtered},
    error_row{0, "token_limit_exceeded", "", context_too_long},
    error_row{0, "max_tokens_exceeded", "", bad_request},
    error_row{0, "string_too_long", "", bad_request},
    error_row{0, "authentication", "", auth},
    error_row{0, "permission_denied", "", auth},
    error_row{0, "payment_required", "", quota_exhausted},
    error_row{0, "provider_overloaded", "", overloaded},
    error_row{0, "provider_unavailable", "", overloaded},
    error_row{0, "refusal", "", refusal},
    error_row{0, "server", "", server_error},
    error_row{0, "timeout", "", timeout},
    error_row{0, "invalid_request", "", bad_request},
    error_row{0, "not_found", "", bad_request},
    error_row{0, "precondition_failed", "", bad_request},
    error_row{0, "payload_too_large", "", bad_request},
    error_row{0, "unprocessable", "", bad_request},
    error_row{0, "invalid_image", "", bad_request},
};

// `insufficient_quota` is a limit per minute here, and money everywhere else.
constexpr std::array dashscope_table{
    error_row{0, "AllocationQuota.FreeTierOnly", "", quota_exhausted},
    error_row{0, "", "free allocated quota", quota_exhausted},
    error_row{0, "", "free quota", quota_exhausted},
    error_row{0, "", "free tier", quota_exhausted},
    error_row{0, "", "allocation exhausted", quota_exhausted},
    error_row{0, "Throttling.AllocationQuota", "", rate_limited, tokens},
    error_row{0, "insufficient_quota", "", rate_limited, tokens},
    error_row{0, "Throttling.BurstRate", "", ramp_limited},
    error_row{0, "limit_burst_rate", "", ramp_limited},
    error_row{0, "Throttling.Concurrency", "", rate_limited, concurrency},
    error_row{0, "ResourceExhausted", "", rate_limited, concurrency},
    error_row{0, "Throttling", "", rate_limited, requests},
    error_row{0, "Throttling.RateQuota", "", rate_limited, requests},
    error_row{0, "LimitRequests", "", rate_limited, requests},
    error_row{0, "limit_requests", "", rate_limited, requests},
    error_row{0, "Arrearage", "", quota_exhausted},
    error_row{0, "CommodityNotPurchased", "", quota_exhausted},
    error_row{0, "PrepaidBillOverdue", "", quota_exhausted},
    error_row{0, "PostpaidBillOverdue", "", quota_exhausted},
    error_row{0, "DataInspectionFailed", "", content_filtered},
    error_row{0, "data_inspection_failed", "", content_filtered},
    error_row{0, "InvalidApiKey", "", auth},
    error_row{0, "ModelNotFound", "", bad_request},
    error_row{0, "InternalError", "", server_error},
    error_row{0, "ServiceUnavailable", "", server_error},
    error_row{0, "ModelServingError", "", server_error},
};

constexpr std::array vllm_table{
    error_row{0, "BadRequestError", "", bad_request},
    error_row{0, "NotFoundError", "", bad_request},
    error_row{0, "InternalServerError", "", server_error},
};

constexpr std::array llamacpp_table{
    error_row{0, "exceed_context_size_error", "", context_too_long},
    error_row{0, "authentication_error", "", auth},
    error_row{0, "permission_error", "", auth},
    error_row{0, "not_found_error", "", bad_request},
    error_row{0, "not_supported_error", "", bad_request},
    error_row{0, "unavailable_error", "", overloaded},
    error_row{0, "server_error", "", server_error},
};

constexpr std::array ollama_table{
    error_row{0, "", "server busy", overloaded},
    error_row{0, "not_found_error", "", bad_request},
};

constexpr std::array anthropic_table{
    error_row{0, "enforced_spend_limit_reached", "", quota_exhausted},
    error_row{0, "", "enforced_spend_limit_reached", quota_exhausted},
    error_row{400, "", "spend limit", quota_exhausted},
    error_row{400, "", "api usage limits", quota_exhausted},
    error_row{400, "", "credit balance is too low", quota_exhausted},
    error_row{0, "authentication_error", "", auth},
    error_row{0, "billing_error", "", quota_exhausted},
    error_row{0, "permission_error", "", auth},
    error_row{0, "not_found_error", "", bad_request},
    error_row{0, "conflict_error", "", server_error},
    error_row{0, "request_too_large", "", bad_request},
    error_row{0, "rate_limit_error", "", rate_limited},
    error_row{0, "overloaded_error", "", overloaded},
    error_row{0, "api_error", "", server_error},
    error_row{0, "timeout_error", "", server_error},
};

// `PerDay` and `quota_zero` are the reasons that the reader of error bodies finds in quota details.
constexpr std::array gemini_table{
    error_row{0, "API_KEY_INVALID", "", auth},
    error_row{400, "", "api key not valid", auth},
    error_row{400, "FAILED_PRECONDITION", "billing", quota_exhausted},
    error_row{0, "FAILED_PRECONDITION", "", auth},
    error_row{0, "PerDay", "", quota_exhausted},
    error_row{0, "quota_zero", "", quota_exhausted},
    error_row{429, "", "limit: 0,", quota_exhausted},
    error_row{429, "", "limit: 0\n", quota_exhausted},
    error_row{0, "RESOURCE_EXHAUSTED", "", rate_limited},
    error_row{0, "UNAUTHENTICATED", "", auth},
    error_row{0, "PERMISSION_DENIED", "", auth},
    error_row{0, "NOT_FOUND", "", bad_request},
    error_row{0, "CANCELLED", "", server_error},
    error_row{0, "INTERNAL", "", server_error},
    error_row{0, "UNAVAILABLE", "", overloaded},
    error_row{0, "DEADLINE_EXCEEDED", "", server_error},
};

constexpr std::array context_table{
    error_row{0, "", "this model's maximum context length is", context_too_long},
    error_row{0, "", "exceed context limit", context_too_long},
    error_row{0, "", "model's maximum context limit", context_too_long},
    error_row{0, "", "is longer than the model's context length", context_too_long},
    error_row{0, "", "input tokens exceed the configured limit", context_too_long},
    error_row{0, "", "exceeds the available context size", context_too_long},
    error_row{0, "", "exceeds the maximum number of tokens allowed", context_too_long},
    error_row{0, "", "prompt is too long", context_too_long},
    error_row{0, "", "current length is", context_too_long, {}, "while limit is"},
    error_row{0, "", "maximum input length is", context_too_long, {}, "tokens"},
    error_row{0, "", "`inputs` tokens + `max_new_tokens` must be", context_too_long},
};

struct status_class {
  int from;
  int to;
  error_class kind;
};

constexpr std::array status_table{
    status_class{300, 399, bad_request},  // a redirect that nobody follows
    status_class{401, 401, auth},         status_class{402, 402, quota_exhausted},
    status_class{403, 403, auth},         status_class{408, 408, timeout},
    status_class{409, 409, server_error}, status_class{424, 424, server_error},
    status_class{425, 425, server_error}, status_class{429, 429, rate_limited},
    status_class{498, 498, overloaded},   status_class{499, 499, server_error},
    status_class{400, 499, bad_request},  status_class{501, 501, bad_request},
    status_class{503, 503, overloaded},   status_class{529, 529, overloaded},
};

}  // namespace

const dialect_rows openai_rows{{}, openai_table};
const dialect_rows azure_rows{azure_table, openai_table};
const dialect_rows groq_rows{groq_table, openai_table};
const dialect_rows together_rows{{}, openai_table};
const dialect_rows openrouter_rows{openrouter_table, openai_table};
const dialect_rows dashscope_rows{dashscope_table, openai_table};
const dialect_rows deepseek_rows{{}, openai_table};
const dialect_rows vllm_rows{vllm_table, openai_table};
const dialect_rows llamacpp_rows{llamacpp_table, openai_table};
const dialect_rows ollama_rows{ollama_table, openai_table};
const dialect_rows anthropic_rows{anthropic_table, {}};
const dialect_rows gemini_rows{gemini_table, {}};

std::span<const error_row> context_rows() { return context_table; }

error_class class_of_status(int status) {
  for (const auto& row : status_table)
    if (status >= row.from && status <= row.to) return row.kind;
  return server_error;
}

}  // namespace assay::dialects
