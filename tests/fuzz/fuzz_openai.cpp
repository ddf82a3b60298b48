#include <iterator>

#include "read_answer.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const auto* bytes = reinterpret_cast<const char*>(data);
  // Every API of the quirk table takes its turn.
  constexpr std::string_view apis[] = {"openai",    "azure",    "groq", "together", "openrouter",
                                       "dashscope", "deepseek", "vllm", "llamacpp", "ollama"};
  assay::fuzz::read_answer(apis[data[1] % std::size(apis)], data[0], {bytes + 2, size - 2});
  return 0;
}
