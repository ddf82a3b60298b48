#include "providers/dialects/request_parts.hpp"

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>

#include "providers/dialects/base_url.hpp"
#include "providers/dialects/header_fields.hpp"

namespace assay::dialects {

namespace {

bool good_name(std::string_view name) {
  constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  return !name.empty() && std::all_of(name.begin(), name.end(), [&](unsigned char c) {
    return (c < 0x80 && std::isalnum(c)) ||
           marks.find(static_cast<char>(c)) != std::string_view::npos;
  });
}

bool good_value(std::string_view value) {
  return std::all_of(value.begin(), value.end(),
                     [](unsigned char c) { return c == '\t' || (c >= 0x20 && c != 0x7F); });
}

}  // namespace

int nesting_of(std::string_view json) {
  int depth = 0;
  int most = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    char c = json[i];
    if (quoted && c == '\\')
      ++i;
    else if (c == '"')
      quoted = !quoted;
    else if (!quoted && (c == '{' || c == '['))
      most = std::max(most, ++depth);
    else if (!quoted && (c == '}' || c == ']'))
      --depth;
  }
  return most;
}

expected<nlohmann::ordered_json> merged(nlohmann::ordered_json body, std::string_view extra_json) {
  using json = nlohmann::ordered_json;
  if (!trimmed(extra_json).empty()) {
    if (nesting_of(extra_json) > deepest_json)
      return fail("extra", "the JSON nests deeper than 64 levels", "make it flatter");
    auto extra = json::parse(extra_json, nullptr, false);
    if (extra.is_discarded())
      return fail("extra", "this is not JSON", "write an object such as {\"top_k\": 40}");
    if (!extra.is_object())
      return fail(
          "extra",
          std::string("this is JSON of type ") + extra.type_name() + ", an object was expected",
          "write an object such as {\"top_k\": 40}");
    body.merge_patch(extra);
  }
  return body;
}

expected<std::string> body_text(nlohmann::ordered_json body, std::string_view extra_json) {
  return merged(std::move(body), extra_json).map([](const auto& whole) {
    return whole.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  });
}

tl::unexpected<problem> no_embeddings(const provider_settings& provider, std::string_view dialect) {
  return fail("provider " + provider.name,
              "the API of dialect " + std::string(dialect) + " has no endpoint for embeddings",
              "take a model of another provider for them");
}

expected<nlohmann::ordered_json> schema_of(const tool_declaration& tool) {
  using json = nlohmann::ordered_json;
  if (trimmed(tool.parameters).empty())
    return json{{"type", "object"}, {"properties", json::object()}};
  const auto where = "tool " + tool.name;
  if (nesting_of(tool.parameters) > deepest_json)
    return fail(where, "the schema of its arguments nests deeper than 64 levels");
  auto schema = json::parse(tool.parameters, nullptr, false);
  if (!schema.is_object())
    return fail(where, "the schema of its arguments is no JSON object",
                R"(write one such as {"type": "object", "properties": {}})");
  return schema;
}

nlohmann::ordered_json arguments_of(const tool_call& call) {
  using json = nlohmann::ordered_json;
  if (trimmed(call.arguments).empty()) return json::object();
  if (nesting_of(call.arguments) <= deepest_json)
    if (auto read = json::parse(call.arguments, nullptr, false); read.is_object()) return read;
  return json{{"INVALID_JSON", call.arguments}};
}

nlohmann::ordered_json thinking_of(const chat_message& said) {
  using json = nlohmann::ordered_json;
  if (said.thinking.empty() || nesting_of(said.thinking) > deepest_json) return nullptr;
  auto read = json::parse(said.thinking, nullptr, false);
  return read.is_discarded() ? json() : read;
}

expected<std::string> root_of(const provider_settings& provider, std::string_view usual_path) {
  auto base = parse_base_url(provider.base_url);
  if (!base) {
    auto found = base.error();
    if (found.where.empty() && !provider.name.empty()) found.where = "provider " + provider.name;
    return tl::make_unexpected(std::move(found));
  }
  return api_root(*base, usual_path);
}

expected<header_list> headers_for(header_list needed, const provider_settings& provider) {
  for (const auto& [name, value] : provider.headers) {
    auto same = [&, &wanted = name](const auto& header) { return same_word(header.first, wanted); };
    needed.erase(std::remove_if(needed.begin(), needed.end(), same), needed.end());
    needed.emplace_back(name, value);
  }
  for (const auto& [name, value] : needed) {
    if (!good_name(name))
      return fail("provider " + provider.name, "a header has a name that HTTP does not allow",
                  "use letters, digits and hyphens");
    if (!good_value(value))
      return fail("provider " + provider.name,
                  "the value of header `" + name + "` holds a line break or a control character",
                  "check the setting, or the file the key is read from");
  }
  return needed;
}

std::string system_text(const chat_request& request) {
  std::string out;
  for (const auto& message : request.messages) {
    if (message.who != role::system) continue;
    if (!out.empty()) out += "\n\n";
    out += message.content;
  }
  return out;
}

std::string accepted_type(bool stream) { return stream ? "text/event-stream" : "application/json"; }

}  // namespace assay::dialects
