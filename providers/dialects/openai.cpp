#include "providers/dialects/openai.hpp"

#include <nlohmann/json.hpp>

#include "providers/dialects/base_url.hpp"
#include "providers/dialects/embedding_reader.hpp"
#include "providers/dialects/header_fields.hpp"
#include "providers/dialects/model_families.hpp"
#include "providers/dialects/openai_reader.hpp"
#include "providers/dialects/request_parts.hpp"

namespace assay::dialects {

namespace {

using json = nlohmann::ordered_json;

std::string_view word_for(role who) {
  switch (who) {
    case role::system:
      return "system";
    case role::assistant:
      return "assistant";
    case role::tool:
      return "tool";
    default:
      return "user";
  }
}

json call_of(const tool_call& call) {
  const bool blank = trimmed(call.arguments).empty();
  return {{"id", call.id},
          {"type", "function"},
          {"function", {{"name", call.name}, {"arguments", blank ? "{}" : call.arguments}}}};
}

json messages_of(const chat_request& request, bool with_thinking) {
  auto out = json::array();
  for (const auto& message : request.messages) {
    json one{{"role", word_for(message.who)}, {"content", message.content}};
    if (message.who == role::tool) one["tool_call_id"] = message.answers;
    if (!message.calls.empty()) {
      if (message.content.empty()) one["content"] = nullptr;
      for (const auto& call : message.calls) one["tool_calls"].push_back(call_of(call));
      if (auto thought = thinking_of(message); with_thinking && thought.is_object())
        one.update(thought);
    }
    out.push_back(std::move(one));
  }
  return out;
}

expected<json> tools_of(const chat_request& request) {
  auto out = json::array();
  for (const auto& tool : request.tools) {
    auto schema = schema_of(tool);
    if (!schema) return tl::make_unexpected(schema.error());
    json function{{"name", tool.name}};
    if (!tool.description.empty()) function["description"] = tool.description;
    function["parameters"] = std::move(*schema);
    out.push_back({{"type", "function"}, {"function", std::move(function)}});
  }
  return out;
}

/// `{endpoint}` of an Azure resource, whatever of the API's path was pasted along.
std::string resource_of(base_url base) {
  auto at = base.path.find("/openai");
  return base.origin + base.path.substr(0, at);
}

}  // namespace

expected<std::string> openai_dialect::url(const provider_settings& provider, std::string_view model,
                                          std::string_view endpoint) const {
  bool by_version = quirks_.deployments && !provider.api_version.empty();
  if (!by_version)
    return root_of(provider, quirks_.usual_path).map([&](std::string root) {
      return std::move(root) + std::string(endpoint);
    });
  auto base = parse_base_url(provider.base_url);
  if (!base) return tl::make_unexpected(base.error());
  auto out = resource_of(*base) + "/openai";
  if (!model.empty()) out += "/deployments/" + percent_encoded(model);
  return out + std::string(endpoint) + "?api-version=" + percent_encoded(provider.api_version);
}

expected<std::string> openai_dialect::body(const chat_request& request) const {
  bool reasoning =
      quirks_.families && request.reasoning.value_or(is_openai_reasoning(request.model));
  json out{{"model", request.model}, {"messages", messages_of(request, quirks_.wants_thinking)}};
  if (!request.tools.empty()) {
    auto tools = tools_of(request);
    if (!tools) return tl::make_unexpected(tools.error());
    out["tools"] = std::move(*tools);
  }
  if (request.max_tokens) {
    bool completion = quirks_.cap == cap_field::max_completion_tokens ||
                      (quirks_.cap == cap_field::by_family && reasoning);
    out[completion ? "max_completion_tokens" : "max_tokens"] = *request.max_tokens;
  }
  if (request.temperature && !reasoning) out["temperature"] = *request.temperature;
  if (request.top_p && !reasoning) out["top_p"] = *request.top_p;
  if (request.seed) out["seed"] = *request.seed;
  if (!request.stop.empty()) out["stop"] = request.stop;
  if (request.stream) {
    out["stream"] = true;
    if (quirks_.asks_usage) out["stream_options"]["include_usage"] = true;
    if (quirks_.asks_plain) out["stream_options"]["include_obfuscation"] = false;
  }
  return body_text(std::move(out), request.extra_json);
}

expected<std::string> openai_dialect::embeddings_body(const chat_request& request) const {
  json out{{"model", request.model}, {"input", json::array()}};
  for (const auto& message : request.messages) out["input"].push_back(message.content);
  if (quirks_.base64_vectors) out["encoding_format"] = "base64";
  return body_text(std::move(out), request.extra_json);
}

expected<header_list> openai_dialect::headers(const provider_settings& provider,
                                              std::string_view key, bool stream) const {
  header_list out{{"accept", accepted_type(stream)}};
  if (!key.empty()) {
    if (quirks_.key_header)
      out.emplace_back("api-key", key);
    else
      out.emplace_back("authorization", "Bearer " + std::string(key));
  }
  return headers_for(std::move(out), provider);
}

expected<http_request> openai_dialect::request(const chat_request& request,
                                               const provider_settings& provider,
                                               std::string_view key) const {
  bool chats = request.to == endpoint::chat;
  if (!chats && !quirks_.embeddings) return no_embeddings(provider, name());
  auto where = url(provider, request.model, chats ? "/chat/completions" : "/embeddings");
  if (!where) return tl::make_unexpected(where.error());
  auto with = headers(provider, key, chats && request.stream);
  if (!with) return tl::make_unexpected(with.error());
  auto what = chats ? body(request) : embeddings_body(request);
  if (!what) return tl::make_unexpected(what.error());
  with->insert(with->begin(), {"content-type", "application/json"});
  return http_request{"POST", std::move(*where), std::move(*with), std::move(*what)};
}

expected<http_request> openai_dialect::without_body(std::string method, std::string_view endpoint,
                                                    const std::string& content_type,
                                                    const provider_settings& provider,
                                                    std::string_view key) const {
  auto where = url(provider, {}, endpoint);
  if (!where) return tl::make_unexpected(where.error());
  auto with = headers(provider, key, false);
  if (!with) return tl::make_unexpected(with.error());
  if (!content_type.empty()) with->insert(with->begin(), {"content-type", content_type});
  return http_request{std::move(method), std::move(*where), std::move(*with), {}};
}

expected<http_request> openai_dialect::list_models(const provider_settings& provider,
                                                   std::string_view key) const {
  return without_body("GET", "/models", {}, provider, key);
}

std::unique_ptr<answer_reader> openai_dialect::reader(const chat_request& asked) const {
  if (asked.to == endpoint::embeddings)
    return std::make_unique<embedding_reader>(quirks_.errors, quirks_.rates, asked.messages.size());
  return std::make_unique<openai_reader>(quirks_);
}

}  // namespace assay::dialects
