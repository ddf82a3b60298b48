#include "evaluation/model_request.hpp"

#include <algorithm>

namespace assay::evaluation {

namespace {

template <class T>
void fill(std::optional<T>& open, const std::optional<T>& declared) {
  if (!open) open = declared;
}

}  // namespace

void take_from_model(chat_request& request, const model_settings& model) {
  request.model = model.model_name.empty() ? model.name : model.model_name;
  fill(request.max_tokens, model.max_tokens);
  fill(request.temperature, model.temperature);
  fill(request.top_p, model.top_p);
  fill(request.seed, model.seed);
  fill(request.reasoning, model.reasoning);
  if (request.stop.empty()) request.stop = model.stop;
  if (request.extra_json.empty()) request.extra_json = model.extra_json;
  request.stream = model.stream && request.to == endpoint::chat;
}

std::int64_t estimate_tokens(const chat_request& request) {
  std::size_t size = 0;
  for (const auto& message : request.messages) {
    size += message.content.size() + message.thinking.size();
    for (const auto& call : message.calls) size += call.name.size() + call.arguments.size();
  }
  for (const auto& tool : request.tools)
    size += tool.name.size() + tool.description.size() + tool.parameters.size();
  return std::max<std::int64_t>(1, static_cast<std::int64_t>(size / 4));
}

}  // namespace assay::evaluation
