#include "config/files.hpp"
#include "config/json.hpp"
#include "config/sections.hpp"
#include "messages/known_names.hpp"

namespace assay::config {

namespace {

using draft_type = tool_draft;

constexpr std::size_t longest_tool_name = 64;  ///< that every API takes
constexpr auto no_arguments = R"({"additionalProperties":false,"properties":{},"type":"object"})";

/// JSON as a text, or the same as a table.
void read_parameters(reading& in, const node& n, draft_type& d) {
  if (n.kind == node_kind::table)
    d.value.parameters = to_json(in.problems, n);
  else if (n.kind == node_kind::text)
    take(in, n, "parameters", {.free_text = true}, d.value.parameters);
  else
    mismatch(in, n, "parameters", "a JSON Schema, as a table or as a text of JSON");
}

bool is_tool_name(std::string_view name) {
  auto allowed = [](unsigned char c) {
    return c < 0x80 && (std::isalnum(c) || c == '_' || c == '-');
  };
  return name.size() <= longest_tool_name && std::all_of(name.begin(), name.end(), allowed);
}

}  // namespace

const options<tool_draft>& tool_options() {
  auto value = [](const char* name, auto at, const char* help, rule r = {}) {
    return field<draft_type>(
        name, [at](auto& d) -> auto& { return d.value.*at; }, help, r);
  };
  static const options<draft_type> all{
      required(value("description", &tool_settings::description,
                     "what it is for, as the model is told", {.free_text = true})),
      special<draft_type>("parameters", "a JSON Schema, as a table or as a text of JSON",
                          "of its arguments, an object; it takes none if not set", read_parameters),
      required(value("command", &tool_settings::command,
                     "a program of /usr/bin and its arguments; `./NAME` is a file beside this one, "
                     "which the sandbox gets a copy of")),
      value("timeout", &tool_settings::timeout, "time from its start to its end",
            {.min = 100, .max = 3'600e3}),
  };
  return all;
}

void complete(reading& in, tool_draft& d) {
  auto& tool = d.value;
  tool.declared_at = in.problems.where(d.at);
  if (!is_tool_name(tool.name))
    in.problems.add(d.at, "tools: " + in_quotes(tool.name) + " cannot be the name of a tool",
                    "models take up to 64 letters, digits, _ and -");
  if (known::contains(known::tools, tool.name) || known::contains(known::tool_functions, tool.name))
    in.problems.add(d.at, "tools: " + in_quotes(tool.name) + " comes with assay",
                    "choose another name");
  if (tool.parameters.empty()) tool.parameters = no_arguments;
  resolve_words(tool.command, in.problems.path(d.at.file), in.env);
}

}  // namespace assay::config
