#include "providers/dialects/openai_quirks.hpp"

namespace assay::dialects {

namespace {

using enum cap_field;

// Where usage is not asked for, it comes anyway: OpenRouter and Together put it into the last
// chunk, Groq into `x_groq.usage`.
const openai_quirks table[] = {
    {.name = "azure",
     .usual_path = "/openai/v1",
     .errors = azure_rows,
     .rates = rate_family::openai,
     .cap = by_family,
     .key_header = true,
     .deployments = true,
     .families = true,
     .asks_usage = true,
     .base64_vectors = true},
    {.name = "dashscope",
     .usual_path = "/compatible-mode/v1",
     .errors = dashscope_rows,
     .asks_usage = true},
    {.name = "deepseek",
     .usual_path = "",
     .errors = deepseek_rows,
     .asks_usage = true,
     .embeddings = false,
     .wants_thinking = true},
    {.name = "groq",
     .usual_path = "/openai/v1",
     .errors = groq_rows,
     .rates = rate_family::groq,
     .cap = max_completion_tokens},
    {.name = "llamacpp", .usual_path = "/v1", .errors = llamacpp_rows, .asks_usage = true},
    {.name = "ollama", .usual_path = "/v1", .errors = ollama_rows, .asks_usage = true},
    {.name = "openai",
     .usual_path = "/v1",
     .errors = openai_rows,
     .rates = rate_family::openai,
     .cap = by_family,
     .families = true,
     .asks_usage = true,
     .asks_plain = true,
     .batches = true,
     .base64_vectors = true},
    {.name = "openrouter",
     .usual_path = "/api/v1",
     .errors = openrouter_rows,
     .rates = rate_family::openrouter,
     .cap = max_completion_tokens,
     .families = true},
    {.name = "together",
     .usual_path = "/v1",
     .errors = together_rows,
     .rates = rate_family::together,
     .bare_done = true},
    {.name = "vllm", .usual_path = "/v1", .errors = vllm_rows, .asks_usage = true},
};

}  // namespace

std::span<const openai_quirks> openai_table() { return table; }

}  // namespace assay::dialects
