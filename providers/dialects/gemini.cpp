#include "providers/dialects/gemini.hpp"

#include <nlohmann/json.hpp>

#include "providers/dialects/base_url.hpp"
#include "providers/dialects/gemini_reader.hpp"
#include "providers/dialects/request_parts.hpp"

namespace assay::dialects {

namespace {

using nlohmann::json;

json text_part(const std::string& text) { return json::array({json{{"text", text}}}); }

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
  json out;
  auto& contents = out["contents"] = json::array();
  for (const auto& message : request.messages) {
    if (message.who == role::system) continue;
    auto* who = message.who == role::assistant ? "model" : "user";
    contents.push_back({{"role", who}, {"parts", text_part(message.content)}});
  }
  if (auto system = system_text(request); !system.empty())
    out["systemInstruction"] = {{"parts", text_part(system)}};
  if (auto config = generation_config(request); !config.empty())
    out["generationConfig"] = std::move(config);
  return body_text(std::move(out), request.extra_json);
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

expected<http_request> gemini_dialect::chat(const chat_request& request,
                                            const provider_settings& provider,
                                            std::string_view key) const {
  auto root = root_of(provider, "/v1beta");
  if (!root) return tl::make_unexpected(root.error());
  auto with = headers(provider, key, request.stream);
  if (!with) return tl::make_unexpected(with.error());
  auto what = body(request);
  if (!what) return tl::make_unexpected(what.error());
  with->insert(with->begin(), {"content-type", "application/json"});
  std::string verb = request.stream ? ":streamGenerateContent?alt=sse" : ":generateContent";
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

std::unique_ptr<answer_reader> gemini_dialect::reader(bool) const {
  return std::make_unique<gemini_reader>();
}

}  // namespace assay::dialects
