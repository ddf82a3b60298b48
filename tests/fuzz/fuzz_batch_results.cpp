#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "providers/dialects/batch_api.hpp"

/// Nothing that a batch endpoint answers may crash. Whatever can be read as a result has an answer
/// or an error with a class and a message, and what was unanswered is no answer. The first byte
/// picks the dialect.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace assay;
  if (size < 1) return 0;
  const auto& api = *dialects::find(data[0] % 2 ? "openai" : "anthropic")->batches();
  std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  (void)api.read_upload(text);
  if (auto page = api.read_page(text))
    for (const auto& b : page->batches)
      if (b.id.empty()) std::abort();
  if (auto batch = api.read_batch(text); batch && (batch->id.empty() || batch->results.size() > 2))
    std::abort();
  while (true) {
    auto line = dialects::take_line(text);
    if (line.empty()) break;
    auto result = api.read_result(line);
    if (!result) continue;
    const auto& error = result->got.tried.error;
    auto failed = error.kind != error_class::none;
    if (failed && error.message.empty() && error.kind != error_class::refusal) std::abort();
    if (result->unanswered && (!failed || !result->got.reply.text.empty())) std::abort();
  }
  return 0;
}
