#include "providers/simulated/tool_script.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace assay::simulated {

namespace {

using nlohmann::json;

std::string text_in(const json& object, const char* key) {
  auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

void add_call(const json& from, script_step& to) {
  if (!from.is_object() || text_in(from, "name").empty()) return;
  to.calls.push_back({{}, text_in(from, "name"), from.value("arguments", json::object()).dump()});
}

script_step read_step(const json& from) {
  script_step step;
  if (from.is_string()) step.text = from.get<std::string>();
  if (from.is_object()) add_call(from, step);
  if (from.is_array())
    for (const auto& call : from) add_call(call, step);
  return step;
}

/// What a plain caller would write for an argument of this schema.
json plain_value(const json& schema, const std::string& text) {
  const auto type = schema.is_object() ? text_in(schema, "type") : std::string();
  if (schema.is_object() && schema.contains("enum") && !schema["enum"].empty())
    return schema["enum"][0];
  if (type == "integer" || type == "number") return schema.value("minimum", json(1));
  if (type == "boolean") return true;
  if (type == "array") return json::array();
  if (type == "object") return json::object();
  return text;
}

/// Texts that the tools which come with assay can work with; others get the sample's input.
std::string plain_text(const std::string& tool, const sample& about) {
  if (tool == "calculator") return "1 + 1";
  if (tool == "python") return "print(1 + 1)";
  if (tool == "read_document") return "1";
  return about.input;
}

script_step plain_step(const tool_declaration& tool, const sample& about) {
  const auto schema = json::parse(tool.parameters, nullptr, false);
  auto arguments = json::object();
  if (schema.is_object() && schema.value("required", json()).is_array())
    for (const auto& name : schema["required"]) {
      const auto properties = schema.value("properties", json::object());
      const auto key = name.is_string() ? name.get<std::string>() : std::string();
      arguments[key] =
          plain_value(properties.value(key, json::object()), plain_text(tool.name, about));
    }
  return {{}, {{{}, tool.name, arguments.dump()}}};
}

bool same_arguments(const std::string& a, const std::string& b) {
  const auto first = json::parse(a, nullptr, false), second = json::parse(b, nullptr, false);
  return !first.is_discarded() && first == second;
}

bool same_calls(const std::vector<tool_call>& a, const std::vector<tool_call>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) {
    return x.name == y.name && same_arguments(x.arguments, y.arguments);
  });
}

/// `text` with each `{{N}}` replaced by what `show` makes of the N-th result.
template <class Show>
std::string filled(std::string text, const std::vector<std::string>& results, Show show) {
  for (std::size_t n = 1; n <= results.size(); ++n) {
    const auto mark = "{{" + std::to_string(n) + "}}";
    const auto result = show(results[n - 1]);
    for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark, at))
      text.replace(at, mark.size(), result), at += result.size();
  }
  return text;
}

std::string trimmed(const std::string& text) {
  const auto end = text.find_last_not_of(" \n\r\t");
  return end == std::string::npos ? std::string() : text.substr(0, end + 1);
}

/// As it stands within the quotes of a JSON string.
std::string escaped(const std::string& text) {
  const auto quoted = json(trimmed(text)).dump(-1, ' ', false, json::error_handler_t::replace);
  return quoted.substr(1, quoted.size() - 2);
}

}  // namespace

tool_script read_script(std::string_view text) {
  tool_script script;
  const auto steps = json::parse(text, nullptr, false);
  if (!steps.is_array()) return script;
  for (const auto& from : steps) {
    auto step = read_step(from);
    if (step == script_step{}) continue;
    script.push_back(std::move(step));
    if (script.back().calls.empty()) break;
  }
  return script;
}

tool_script script_of(const sample& about, const std::vector<tool_declaration>& tools) {
  for (const auto& [name, value] : about.fields)
    if (name == script_field) return read_script(value);
  tool_script script;
  for (const auto& tool : tools) script.push_back(plain_step(tool, about));
  return script;
}

script_place place_in(const tool_script& script, const std::vector<chat_message>& messages) {
  script_place place;
  bool of_script = false;
  for (const auto& message : messages) {
    if (message.who == role::assistant && !message.calls.empty()) {
      of_script = place.step < script.size() &&
                  same_calls(with_results(script[place.step], place.results).calls, message.calls);
      place.step += of_script;
    } else if (message.who == role::tool && of_script) {
      place.results.push_back(message.content);
    }
  }
  return place;
}

script_step with_results(script_step step, const std::vector<std::string>& results) {
  step.text = filled(std::move(step.text), results, trimmed);
  for (auto& use : step.calls) use.arguments = filled(std::move(use.arguments), results, escaped);
  return step;
}

}  // namespace assay::simulated
