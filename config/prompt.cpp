#include "config/sections.hpp"
#include "config/text.hpp"
#include "messages/known_names.hpp"

namespace assay::config {

namespace {

using draft_type = prompt_draft;

constexpr rule template_text{.may_be_empty = true, .free_text = true};
constexpr rule user_text{.free_text = true};

void read_few_shot(reading& in, const node& n, draft_type& d) {
  if (n.kind != node_kind::list)
    return mismatch(in, n, "few_shot", "a list of { user = \"...\", assistant = \"...\" }");
  for (const auto& item : n.items) {
    few_shot_example example;
    apply(in, item, item.at, "few_shot", few_shot_options(), example);
    d.value.few_shot.push_back(std::move(example));
  }
}

options<draft_type> make_options() {
  auto text = [](const char* name, std::optional<std::string> prompt_settings::*at,
                 const char* help, const rule& r) {
    return field<draft_type>(
        name, [at](auto& d) -> auto& { return d.value.*at; }, help, r);
  };
  auto file = [](const char* name, std::string draft_type::*at, const char* help) {
    return field<draft_type>(
        name, [at](auto& d) -> auto& { return d.*at; }, help);
  };
  return {
      named<draft_type>(
          "library", [](auto& d) -> auto& { return d.value.library; }, known::prompts,
          "a template of the library that fills what is not set here"),
      text("system", &prompt_settings::system, "system message, a template", template_text),
      text("user", &prompt_settings::user, "user message, a template: `{{input}}`, `{{choices}}`",
           user_text),
      file("system_file", &draft_type::system_file, "a file that holds the system message"),
      file("user_file", &draft_type::user_file, "a file that holds the user message"),
      special<draft_type>("few_shot", "a list of tables", "examples before the question",
                          read_few_shot),
  };
}

/// The text of `NAME_file` instead of `NAME`.
void read_text_file(reading& in, draft_type& d, const char* name, const std::string& stated,
                    std::optional<std::string>& text) {
  if (stated.empty()) return;
  auto key = std::string(name) + "_file";
  auto at = item_place(*d.table, d.at, key, 0);
  if (find(*d.table, name)) {
    in.problems.add(at, key + " and " + name + " are both set", "keep one of them");
    return;
  }
  auto content = in.files(resolve_path(stated, in.problems.path(d.at.file), in.env));
  if (!content) {
    in.problems.add(at, key + ": " + content.error().what);
  } else if (content->size() > largest_file) {
    in.problems.add(at, key + ": the file is larger than 4 MiB");
  } else if (auto bad = bad_character(*content)) {
    in.problems.add(at, key + ": " + bad->what + " (line " + std::to_string(bad->at.line) + ")",
                    bad->fix);
  } else {
    text = std::move(*content);
  }
}

}  // namespace

const options<few_shot_example>& few_shot_options() {
  static const options<few_shot_example> all{
      required(field<few_shot_example>(
          "user", [](auto& e) -> auto& { return e.user; }, "what the user said", template_text)),
      required(field<few_shot_example>(
          "assistant", [](auto& e) -> auto& { return e.assistant; }, "what the model should say",
          template_text)),
  };
  return all;
}

const options<prompt_draft>& prompt_options() {
  static const auto all = make_options();
  return all;
}

void complete(reading& in, prompt_draft& d) {
  read_text_file(in, d, "system", d.system_file, d.value.system);
  read_text_file(in, d, "user", d.user_file, d.value.user);
  d.value.declared_at = in.problems.where(d.at);
  for (const char* source : {"user", "user_file", "library"})
    if (find(*d.table, source)) return;
  in.problems.add(d.at, "prompts." + d.value.name + ": there is no user message",
                  "set user, user_file or library");
}

}  // namespace assay::config
