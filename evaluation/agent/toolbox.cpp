#include "evaluation/agent/toolbox.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "evaluation/data/json_cursor.hpp"
#include "evaluation/judges/json_value.hpp"
#include "evaluation/text/unicode.hpp"

namespace assay::evaluation {

namespace {

using nlohmann::json;

constexpr std::size_t longest_result = 20'000;
constexpr std::size_t longest_name = 100;

std::string quoted(const std::string& name) {
  return "\"" + repair_utf8(name.substr(0, longest_name)) + "\"";
}

/// The arguments as an object, or what is wrong with their text. No text at all is no arguments.
expected<json> read_arguments(const std::string& text) {
  if (strip(text).empty()) return json::object();
  if (auto value = parse_json(text)) {
    if (value->is_object()) return *value;
    return fail({}, "are " + brief(*value) + ", not an object");
  }
  if (auto bad = first_bad_utf8(text); bad != std::string::npos)
    return fail({}, "are not UTF-8 at byte " + std::to_string(bad + 1));
  json_cursor cursor(text);
  value_kind kind;
  std::string_view raw;
  bool whole = cursor.read_value(kind, raw) && cursor.read_end();
  if (whole) return fail({}, "are not JSON");
  auto place = cursor.position() >= text.size()
                   ? std::string("at their end")
                   : "at byte " + std::to_string(cursor.position() + 1);
  return fail({}, "are not JSON, " + place + ": " + cursor.fault());
}

std::string shortened(std::string text) {
  text = repair_utf8(text);
  if (text.size() <= longest_result) return text;
  auto end = longest_result;
  while (end > 0 && (text[end] & 0xC0) == 0x80) --end;
  return text.substr(0, end) + "\n[cut: " + std::to_string(text.size() - end) + " more bytes]";
}

}  // namespace

expected<toolbox> toolbox::make(tools offered) {
  toolbox made;
  for (auto& one : offered) {
    const auto& d = one->declared();
    auto same = [&](const tool_declaration& other) { return other.name == d.name; };
    if (std::any_of(made.declared_.begin(), made.declared_.end(), same))
      return fail({}, "there are two tools " + quoted(d.name));
    auto schema = parse_json(d.parameters);
    if (!schema || !schema->is_object() || schema->value("type", json()) != "object")
      return fail({},
                  "the parameters of " + quoted(d.name) + " are not the JSON Schema of an object",
                  R"(write {"type": "object", "properties": {...}})");
    auto compiled = json_schema::compile(std::move(*schema), "parameters of " + quoted(d.name));
    if (!compiled) return tl::make_unexpected(compiled.error());
    made.declared_.push_back(d);
    made.schemas_.push_back(std::move(*compiled));
    made.tools_.push_back(std::move(one));
  }
  return made;
}

std::vector<std::string> toolbox::terms() const {
  std::vector<std::string> all;
  for (const auto& one : tools_)
    for (auto& term : one->terms()) all.push_back(std::move(term));
  return all;
}

tool_result toolbox::answer(const tool_call& call, workplace& at) const {
  auto result = use(call, at);
  if (result.failed) result.text.insert(0, "Error: ");
  result.text = shortened(std::move(result.text));
  return result;
}

tool_result toolbox::use(const tool_call& call, workplace& at) const {
  std::vector<std::string_view> names;
  for (const auto& d : declared_) names.push_back(d.name);
  auto found = std::find(names.begin(), names.end(), call.name);
  if (found == names.end()) {
    std::string list;
    for (auto name : names) list += (list.empty() ? "" : ", ") + std::string(name);
    auto meant = nearest(call.name.substr(0, longest_name), names);
    return tool_result::error(
        "there is no tool " + quoted(call.name) +
        (meant.empty() ? "" : ", did you mean " + quoted(std::string(meant))) +
        ". The tools are: " + list);
  }
  auto index = static_cast<std::size_t>(found - names.begin());
  auto expectation =
      ". Expected an object that meets this JSON Schema: " + declared_[index].parameters;
  auto given = read_arguments(call.arguments);
  if (!given)
    return tool_result::error("the arguments of " + quoted(call.name) + " " + given.error().what +
                              expectation);
  auto checked = schemas_[index].check(*given);
  if (checked.status != schema_result::valid)
    return tool_result::error("the arguments of " + quoted(call.name) +
                              " are wrong: " + checked.fault + expectation);
  return tools_[index]->use(*given, at);
}

}  // namespace assay::evaluation
