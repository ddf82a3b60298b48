#include "config/reference.hpp"

#include "config/presets.hpp"
#include "config/sections.hpp"

namespace assay::config {

namespace {

/// A cell of a Markdown table.
std::string cell(const std::string& text) {
  std::string out;
  for (char c : text) {
    if (c == '|') out += '\\';
    out += c;
  }
  return out;
}

template <class Draft>
void add_rows(std::string& out, const options<Draft>& known, const std::string& prefix) {
  for (const auto& o : known) {
    auto name = prefix + o.name;
    if (!o.inner.empty()) {
      add_rows(out, o.inner, name + ".");
      continue;
    }
    auto fallback = o.required ? "**required**" : o.fallback.empty() ? "" : "`" + o.fallback + "`";
    out += "| `" + name + "` | " + cell(o.type) + " | " + cell(fallback) + " | " + cell(o.help) +
           " |\n";
  }
}

template <class Draft>
void add_table(std::string& out, const std::string& title, const std::string& about,
               const options<Draft>& known) {
  out += "### " + title + "\n\n" + about +
         "\n\n| key | value | default | meaning |\n|---|---|---|---|\n";
  add_rows(out, known, "");
  out += '\n';
}

}  // namespace

std::string reference() {
  std::string out;
  add_table(out, "Keys outside all tables",
            "Beside these stands `include`: another file, or a list of files.", general_options());
  add_table(out, "`[providers.NAME]`", "An account at an API.", provider_options());
  add_table(out, "`[models.NAME]`", "A model, and who serves it.", model_options());
  add_table(out, "`[datasets.NAME]`", "A file of samples.", dataset_options());
  add_table(out, "`[prompts.NAME]`", "A template variant.", prompt_options());
  add_table(out, "`few_shot` of a prompt", "Each element of the list.", few_shot_options());
  add_table(out, "`[judges.NAME]`", "A rule that scores answers.", judge_options());
  add_table(out, "`filters` of a judge", "Each element of the list.", filter_options());
  add_table(out, "`rubric` of a judge", "Each element of the list, if it is no text.",
            rubric_options());
  add_table(out, "`[sandbox]`", "What programs that models write may use (programs.md).",
            sandbox_options());
  add_table(out, "`[nodes]`", "How `assay serve` takes nodes in (nodes.md).", node_options());
  add_table(out, "`[extraction]`", "How templates are filled from documents (extraction.md).",
            extraction_options());
  add_table(out, "`[tools.NAME]`", "A command that models may use in mode agent (agents.md).",
            tool_options());
  add_table(out, "`[experiments.NAME]`", "What is asked of whom.", experiment_options());
  add_table(out, "`[mocks.NAME]`", "A simulated provider.", mock_options());
  add_table(out, "`[mocks.NAME.models.MODEL]`", "A model of a simulated provider.",
            mock_model_options());
  add_table(out, "`first_token_ms`, `output_tokens` of such a model",
            "One number, or these two (log-normal).", distribution_options());
  return out;
}

std::string preset_reference() {
  std::string out =
      "| preset | dialect | base_url | api_key_env | reserve | max_parallel | limit_scope | rpm | "
      "rpd "
      "|\n|---|---|---|---|---|---|---|---|---|\n";
  auto code = [](std::string_view text) {
    return text.empty() ? std::string() : "`" + std::string(text) + "`";
  };
  for (const auto& p : provider_presets())
    out += "| " + code(p.name) + " | " + code(p.dialect) + " | " + code(p.base_url) + " | " +
           code(p.api_key_env) + " | " + show(p.reserve) + " | " + show(p.max_parallel) + " | " +
           show(p.scope) + " | " + show(p.rpm) + " | " + show(p.rpd) + " |\n";
  out +=
      "\n| preset | max_parallel | max_retries | initial_backoff | max_backoff |\n"
      "|---|---|---|---|---|\n";
  for (const auto& p : behaviour_presets())
    out += "| " + code(p.name) + " | " + show(p.max_parallel) + " | " + show(p.retry.max_retries) +
           " | " + show(p.retry.initial_backoff) + " | " + show(p.retry.max_backoff) + " |\n";
  return out;
}

}  // namespace assay::config
