#pragma once

#include <string_view>

namespace assay::dialects {

/// A guess from the name alone: true for OpenAI's reasoning models (o1 and later, gpt-5 and later,
/// without the chat variants), which take `max_completion_tokens` and reject temperature and the
/// like. A vendor prefix (`openai/`) and `ft:` are passed over.
bool is_openai_reasoning(std::string_view model);

/// The same for Anthropic's models that reject `temperature` and `top_p`: Opus 4.7 and later.
bool is_anthropic_without_sampling(std::string_view model);

}  // namespace assay::dialects
