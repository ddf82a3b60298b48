#include "config/presets.hpp"

#include <algorithm>
#include <string>

namespace assay::config {

namespace {

template <class Preset>
const Preset* find_preset(const std::vector<Preset>& presets, std::string_view name) {
  auto found = std::find_if(presets.begin(), presets.end(),
                            [&](const Preset& preset) { return preset.name == name; });
  return found == presets.end() ? nullptr : &*found;
}

}  // namespace

// Addresses and ways of counting tokens: the providers' documentation
// (docs/limits.md). Where it is known that the
// requested cap is charged, or nothing is known, the cap is reserved; Anthropic gives back what was
// not used; Together and OpenRouter state no token limits; Gemini counts input; DeepSeek and local
// servers bound what is in flight.
const std::vector<provider_preset>& provider_presets() {
  using enum reserve_policy;
  static const std::vector<provider_preset> presets{
      // clang-format off
      {"openai", "openai", "https://api.openai.com/v1", "OPENAI_API_KEY", max_tokens, 16, limit_scope::model, true, {}, {}},
      {"azure", "azure", "", "AZURE_OPENAI_API_KEY", max_tokens, 16, limit_scope::model, true, {}, {}},
      {"anthropic", "anthropic", "https://api.anthropic.com", "ANTHROPIC_API_KEY", expected, 16, limit_scope::model, true, {}, {}},
      {"gemini", "gemini", "https://generativelanguage.googleapis.com/v1beta", "GEMINI_API_KEY", none, 16, limit_scope::model, true, {}, {}},
      {"groq", "groq", "https://api.groq.com/openai/v1", "GROQ_API_KEY", max_tokens, 16, limit_scope::model, true, {}, {}},
      {"together", "together", "https://api.together.xyz/v1", "TOGETHER_API_KEY", expected, 16, limit_scope::account, false, {}, {}},
      {"openrouter", "openrouter", "https://openrouter.ai/api/v1", "OPENROUTER_API_KEY", expected, 16, limit_scope::account, true, {}, {}},
      {"openrouter-free", "openrouter", "https://openrouter.ai/api/v1", "OPENROUTER_API_KEY", expected, 16, limit_scope::account, true, 20, 50},
      {"deepseek", "deepseek", "https://api.deepseek.com", "DEEPSEEK_API_KEY", none, 16, limit_scope::model, true, {}, {}},
      {"dashscope", "dashscope", "https://dashscope.aliyuncs.com/compatible-mode/v1", "DASHSCOPE_API_KEY", max_tokens, 16, limit_scope::model, true, {}, {}},
      {"dashscope-intl", "dashscope", "https://dashscope-intl.aliyuncs.com/compatible-mode/v1", "DASHSCOPE_API_KEY", max_tokens, 16, limit_scope::model, true, {}, {}},
      {"vllm", "vllm", "http://localhost:8000/v1", "", none, 64, limit_scope::account, true, {}, {}},
      {"llamacpp", "llamacpp", "http://localhost:8080/v1", "", none, 4, limit_scope::account, true, {}, {}},
      {"ollama", "ollama", "http://localhost:11434/v1", "", none, 4, limit_scope::account, true, {}, {}},
      // clang-format on
  };
  return presets;
}

const std::vector<behaviour_preset>& behaviour_presets() {
  using ms = milliseconds;
  static const std::vector<behaviour_preset> presets{
      {"conservative",
       4,
       {.max_retries = 5, .initial_backoff = ms(2'000), .max_backoff = ms(60'000)}},
      {"balanced", 16, {}},
      {"aggressive", 64, {.max_retries = 3, .initial_backoff = ms(500), .max_backoff = ms(10'000)}},
  };
  return presets;
}

bool apply_preset(std::string_view name, provider_settings& to, stated_limits& stated) {
  if (const auto* known = find_preset(provider_presets(), name)) {
    to.dialect = known->dialect;
    to.base_url = known->base_url;
    to.credential.env = known->api_key_env;
    to.limits.reserve = known->reserve;
    to.limits.max_parallel = known->max_parallel;
    to.limits.scope = known->scope;
    to.limits.shrink_on_overload = known->shrink_on_overload;
    stated.rpm = known->rpm;
    stated.rpd = known->rpd;
    return true;
  }
  if (const auto* known = find_preset(behaviour_presets(), name)) {
    to.limits.max_parallel = known->max_parallel;
    to.retry = known->retry;
    return true;
  }
  return false;
}

std::vector<std::string_view> preset_names() {
  std::vector<std::string_view> names;
  for (const auto& preset : provider_presets()) names.push_back(preset.name);
  for (const auto& preset : behaviour_presets()) names.push_back(preset.name);
  return names;
}

}  // namespace assay::config
