#include "app/importing/models.hpp"
#include "app/importing/rows.hpp"
#include "evaluation/prompts/conversation.hpp"

namespace assay::importing {

namespace {

using nlohmann::json;
using nlohmann::ordered_json;

/// The text with everything escaped that a pattern would take for more than itself.
std::string literally(const std::string& text) {
  std::string out;
  for (char c : text) {
    if (std::string_view("\\^$.|?*+()[]{}").find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

/// `Match` of OpenAI-evals: the answer begins with one of the texts.
ordered_json begins_with_one_of(const json& ideals) {
  std::string pattern;
  for (auto& ideal : ideals)
    if (ideal.is_string())
      pattern += (pattern.empty() ? "" : "|") + literally(ideal.get<std::string>());
  return ordered_json::array({{{"type", "regex"}, {"value", "\\A(?:" + pattern + ")"}}});
}

}  // namespace

std::string at_line(const request& wanted, const json_line& row) {
  return row.line == 0 ? wanted.path : wanted.path + ":" + std::to_string(row.line);
}

expected<draft> read_openai_evals(const std::vector<json_line>& rows, const request& wanted) {
  draft to;
  to.tool = "OpenAI evals";
  to.source = wanted.path;
  to.name = name_from(std::filesystem::path(wanted.path).stem().string(), "evals");
  for (auto& row : rows) {
    auto input = row.value.value("input", json());
    if (input.is_string())
      input = json::array({{{"role", "user"}, {"content", input.get<std::string>()}}});
    auto messages =
        evaluation::read_conversation(input.dump(-1, ' ', false, json::error_handler_t::replace));
    if (!messages) {
      to.not_understood(at_line(wanted, row), "row left out: " + messages.error().what,
                        messages.error().fix);
      continue;
    }
    auto ideals = row.value.value("ideal", json::array());
    if (!ideals.is_array()) ideals = json::array({ideals});
    ordered_json made = ordered_json::object();
    made[id_field] = std::to_string(to.rows.size() + 1);
    made[input_field] = messages->back().content;
    made[target_field] = ideals;
    made["messages"] = input;
    if (!ideals.empty()) made["assert"] = begins_with_one_of(ideals);
    for (auto& [key, value] : row.value.items())
      if (key != "input" && key != "ideal")
        to.not_understood(at_line(wanted, row), "'" + key + "' of a row is not used");
    to.rows.push_back(std::move(made));
  }
  if (to.rows.empty()) return fail(wanted.path, "no row can be used", render(to.notes.front()));
  if (auto ok = declare_models(to, wanted); !ok) return tl::make_unexpected(ok.error());
  to.prompts = {"conversation"};
  to.judges = {"match", "includes"};
  to.tables.push_back({"judges", "match", {{"type", toml("assertions")}}});
  return to;
}

}  // namespace assay::importing
