#include "providers/dialects/anthropic.hpp"

#include <nlohmann/json.hpp>

#include "providers/dialects/anthropic_reader.hpp"
#include "providers/dialects/model_families.hpp"
#include "providers/dialects/request_parts.hpp"

namespace assay::dialects {

namespace {

using json = nlohmann::ordered_json;

constexpr int usual_max_tokens = 4096;

/// What an assistant said: its thinking, which has to come first and unchanged, its text, then the
/// tools it wanted.
json content_of(const chat_message& message) {
  if (message.calls.empty()) return message.content;
  auto blocks = thinking_of(message);
  if (!blocks.is_array()) blocks = json::array();
  if (!message.content.empty()) blocks.push_back({{"type", "text"}, {"text", message.content}});
  for (const auto& call : message.calls)
    blocks.push_back({{"type", "tool_use"},
                      {"id", call.id},
                      {"name", call.name},
                      {"input", arguments_of(call)}});
  return blocks;
}

/// System messages are left out. The results of several tools are one message of the user.
json messages_of(const chat_request& request) {
  auto out = json::array();
  const chat_message* before = nullptr;
  for (const auto& message : request.messages) {
    if (message.who == role::system) continue;
    if (message.who == role::tool) {
      if (!before || before->who != role::tool)
        out.push_back({{"role", "user"}, {"content", json::array()}});
      out.back()["content"].push_back({{"type", "tool_result"},
                                       {"tool_use_id", message.answers},
                                       {"content", message.content}});
    } else {
      auto* who = message.who == role::assistant ? "assistant" : "user";
      out.push_back({{"role", who}, {"content", content_of(message)}});
    }
    before = &message;
  }
  return out;
}

expected<json> tools_of(const chat_request& request) {
  auto out = json::array();
  for (const auto& tool : request.tools) {
    auto schema = schema_of(tool);
    if (!schema) return tl::make_unexpected(schema.error());
    json one{{"name", tool.name}};
    if (!tool.description.empty()) one["description"] = tool.description;
    one["input_schema"] = std::move(*schema);
    out.push_back(std::move(one));
  }
  return out;
}

expected<std::string> body(const chat_request& request) {
  bool plain = request.reasoning.value_or(is_anthropic_without_sampling(request.model));
  json out{{"model", request.model}, {"max_tokens", request.max_tokens.value_or(usual_max_tokens)}};
  out["messages"] = messages_of(request);
  if (!request.tools.empty()) {
    auto tools = tools_of(request);
    if (!tools) return tl::make_unexpected(tools.error());
    out["tools"] = std::move(*tools);
  }
  if (auto system = system_text(request); !system.empty()) out["system"] = std::move(system);
  if (request.temperature && !plain) out["temperature"] = *request.temperature;
  if (request.top_p && !plain) out["top_p"] = *request.top_p;
  if (!request.stop.empty()) out["stop_sequences"] = request.stop;
  if (request.stream) out["stream"] = true;
  return body_text(std::move(out), request.extra_json);
}

expected<header_list> headers(const provider_settings& provider, std::string_view key,
                              bool stream) {
  header_list out{{"accept", accepted_type(stream)}, {"anthropic-version", "2023-06-01"}};
  if (!key.empty()) out.emplace_back("x-api-key", key);
  return headers_for(std::move(out), provider);
}

}  // namespace

expected<http_request> anthropic_dialect::request(const chat_request& request,
                                                  const provider_settings& provider,
                                                  std::string_view key) const {
  if (request.to == endpoint::embeddings) return no_embeddings(provider, name());
  auto root = root_of(provider, "/v1");
  if (!root) return tl::make_unexpected(root.error());
  auto with = headers(provider, key, request.stream);
  if (!with) return tl::make_unexpected(with.error());
  auto what = body(request);
  if (!what) return tl::make_unexpected(what.error());
  with->insert(with->begin(), {"content-type", "application/json"});
  return http_request{"POST", *root + "/messages", std::move(*with), std::move(*what)};
}

expected<http_request> anthropic_dialect::without_body(std::string method,
                                                       std::string_view endpoint,
                                                       const std::string& content_type,
                                                       const provider_settings& provider,
                                                       std::string_view key) const {
  auto root = root_of(provider, "/v1");
  if (!root) return tl::make_unexpected(root.error());
  auto with = headers(provider, key, false);
  if (!with) return tl::make_unexpected(with.error());
  if (!content_type.empty()) with->insert(with->begin(), {"content-type", content_type});
  return http_request{std::move(method), *root + std::string(endpoint), std::move(*with), {}};
}

expected<http_request> anthropic_dialect::list_models(const provider_settings& provider,
                                                      std::string_view key) const {
  return without_body("GET", "/models?limit=1000", {}, provider, key);
}

std::unique_ptr<answer_reader> anthropic_dialect::reader(const chat_request&) const {
  return std::make_unique<anthropic_reader>();
}

}  // namespace assay::dialects
