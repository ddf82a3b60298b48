#include "providers/dialects/gemini.hpp"

#include <nlohmann/json.hpp>

#include "providers/dialects/base_url.hpp"
#include "providers/dialects/embedding_reader.hpp"
#include "providers/dialects/gemini_call_id.hpp"
#include "providers/dialects/gemini_reader.hpp"
#include "providers/dialects/request_parts.hpp"

namespace assay::dialects {

namespace {

using json = nlohmann::ordered_json;

json text_part(const std::string& text) { return json::array({json{{"text", text}}}); }

json call_part(const tool_call& call) {
  json part{{"functionCall", {{"name", call.name}, {"args", arguments_of(call)}}}};
  if (const auto signature = signature_in(call.id); !signature.empty())
    part["thoughtSignature"] = signature;
  return part;
}

json parts_of(const chat_message& message) {
  if (message.calls.empty()) return text_part(message.content);
  auto parts = message.content.empty() ? json::array() : text_part(message.content);
  for (const auto& call : message.calls) parts.push_back(call_part(call));
  return parts;
}

/// The name of the tool whose call a result answers: ids are unique within an answer only, so the
/// nearest call before it counts.
std::string tool_answered(const std::vector<chat_message>& messages, std::size_t result) {
  for (auto i = result; i-- > 0;)
    for (const auto& call : messages[i].calls)
      if (call.id == messages[result].answers) return call.name;
  return messages[result].answers;
}

/// System messages are left out. The results of several tools are one message of the user.
json contents_of(const std::vector<chat_message>& messages) {
  auto out = json::array();
  const chat_message* before = nullptr;
  for (std::size_t i = 0; i < messages.size(); ++i) {
    const auto& message = messages[i];
    if (message.who == role::system) continue;
    if (message.who == role::tool) {
      if (!before || before->who != role::tool)
        out.push_back({{"role", "user"}, {"parts", json::array()}});
      out.back()["parts"].push_back(
          {{"functionResponse",
            {{"name", tool_answered(messages, i)}, {"response", {{"output", message.content}}}}}});
    } else {
      auto* who = message.who == role::assistant ? "model" : "user";
      out.push_back({{"role", who}, {"parts", parts_of(message)}});
    }
    before = &message;
  }
  return out;
}

expected<json> tools_of(const chat_request& request) {
  auto functions = json::array();
  for (const auto& tool : request.tools) {
    auto schema = schema_of(tool);
    if (!schema) return tl::make_unexpected(schema.error());
    functions.push_back({{"name", tool.name},
                         {"description", tool.description},
                         {"parametersJsonSchema", std::move(*schema)}});
  }
  return json::array({json{{"functionDeclarations", std::move(functions)}}});
}

json generation_config(const chat_request& request) {
  auto out = json::object();
  if (request.max_tokens) out["maxOutputTokens"] = *request.max_tokens;
  if (request.temperature) out["temperature"] = *request.temperature;
  if (request.top_p) out["topP"] = *request.top_p;
  if (request.seed) out["seed"] = *request.seed;
  if (!request.stop.empty()) out["stopSequences"] = request.stop;
  return out;
}

expected<std::string> body(const chat_request& request) {
  json out{{"contents", contents_of(request.messages)}};
  if (!request.tools.empty()) {
    auto tools = tools_of(request);
    if (!tools) return tl::make_unexpected(tools.error());
    out["tools"] = std::move(*tools);
  }
  if (auto system = system_text(request); !system.empty())
    out["systemInstruction"] = {{"parts", text_part(system)}};
  if (auto config = generation_config(request); !config.empty())
    out["generationConfig"] = std::move(config);
  return body_text(std::move(out), request.extra_json);
}

/// `extra` goes into the request of each text.
expected<std::string> embeddings_body(const chat_request& request) {
  bool bare = request.model.find('/') == std::string::npos;
  auto requests = json::array();
  for (const auto& message : request.messages) {
    auto one = merged({{"model", (bare ? "models/" : "") + request.model},
                       {"content", {{"parts", text_part(message.content)}}}},
                      request.extra_json);
    if (!one) return tl::make_unexpected(one.error());
    requests.push_back(std::move(*one));
  }
  return body_text({{"requests", std::move(requests)}}, {});
}

/// `/models/NAME`; a name with a collection of its own (`tunedModels/x`) keeps it.
std::string resource_of(std::string_view model) {
  auto slash = model.find('/');
  bool bare = slash == std::string_view::npos;
  std::string out = "/";
  out += bare ? "models" : percent_encoded(model.substr(0, slash));
  out += '/';
  out += percent_encoded(bare ? model : model.substr(slash + 1));
  return out;
}

expected<header_list> headers(const provider_settings& provider, std::string_view key,
                              bool stream) {
  header_list out{{"accept", accepted_type(stream)}};
  if (!key.empty()) out.emplace_back("x-goog-api-key", key);
  return headers_for(std::move(out), provider);
}

}  // namespace

expected<http_request> gemini_dialect::request(const chat_request& request,
                                               const provider_settings& provider,
                                               std::string_view key) const {
  auto root = root_of(provider, "/v1beta");
  if (!root) return tl::make_unexpected(root.error());
  bool chats = request.to == endpoint::chat;
  auto with = headers(provider, key, chats && request.stream);
  if (!with) return tl::make_unexpected(with.error());
  auto what = chats ? body(request) : embeddings_body(request);
  if (!what) return tl::make_unexpected(what.error());
  with->insert(with->begin(), {"content-type", "application/json"});
  std::string verb = !chats           ? ":batchEmbedContents"
                     : request.stream ? ":streamGenerateContent?alt=sse"
                                      : ":generateContent";
  return http_request{"POST", *root + resource_of(request.model) + verb, std::move(*with),
                      std::move(*what)};
}

expected<http_request> gemini_dialect::list_models(const provider_settings& provider,
                                                   std::string_view key) const {
  auto root = root_of(provider, "/v1beta");
  if (!root) return tl::make_unexpected(root.error());
  auto with = headers(provider, key, false);
  if (!with) return tl::make_unexpected(with.error());
  return http_request{"GET", *root + "/models?pageSize=1000", std::move(*with), {}};
}

std::unique_ptr<answer_reader> gemini_dialect::reader(const chat_request& asked) const {
  if (asked.to == endpoint::embeddings)
    return std::make_unique<embedding_reader>(gemini_rows, rate_family::none,
                                              asked.messages.size());
  return std::make_unique<gemini_reader>();
}

}  // namespace assay::dialects
