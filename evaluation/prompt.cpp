#include "evaluation/prompt.hpp"

#include "evaluation/prompts/program.hpp"
#include "evaluation/prompts/template_library.hpp"

namespace assay::evaluation {

namespace {

std::string fields_of(const sample& s) {
  std::string names;
  for (auto& field : s.fields) names += (names.empty() ? "" : ", ") + field.first;
  return names.empty() ? "nothing" : names;
}

std::string place_of(const prompt_settings& settings) {
  auto name = "prompt '" + settings.name + "'";
  return settings.declared_at.empty() ? name : settings.declared_at + ": " + name;
}

expected<const library_template*> base_of(const prompt_settings& settings,
                                          const std::string& where) {
  if (settings.library.empty()) return nullptr;
  if (auto found = find_library_template(settings.library)) return found;
  auto names = template_library();
  auto close = nearest(settings.library, names);
  std::string all;
  for (auto name : names) all += (all.empty() ? "" : ", ") + std::string(name);
  return fail(where, "there is no library template '" + settings.library + "'; there are " + all,
              close.empty() ? "" : "did you mean '" + std::string(close) + "'?");
}

}  // namespace

struct prompt_template::parts {
  std::string where;
  std::optional<program> system;
  program user;
  std::vector<few_shot_example> few_shot;
  std::vector<need> needs;
};

expected<prompt_template> prompt_template::make(const prompt_settings& settings) {
  auto where = place_of(settings);
  auto base = base_of(settings, where);
  if (!base) return tl::make_unexpected(base.error());
  auto system = settings.system;
  if (!system && *base && !(*base)->system.empty()) system = std::string((*base)->system);
  auto user = settings.user;
  if (!user && *base) user = std::string((*base)->user);
  if (!user)
    return fail(where, "the prompt has no user text",
                "set user = \"...\" or library = \"baseline\"");
  auto made = std::make_shared<parts>();
  made->where = where;
  made->few_shot = settings.few_shot;
  if (system && !system->empty()) {
    auto compiled = compile_template(*system, where + ", system", made->needs);
    if (!compiled) return tl::make_unexpected(compiled.error());
    made->system = std::move(*compiled);
  }
  auto compiled = compile_template(*user, where + ", user", made->needs);
  if (!compiled) return tl::make_unexpected(compiled.error());
  made->user = std::move(*compiled);
  prompt_template result;
  result.parts_ = std::move(made);
  return result;
}

std::vector<chat_message> prompt_template::render(const sample& s) const {
  std::vector<chat_message> messages;
  messages.reserve(2 + 2 * parts_->few_shot.size());
  if (parts_->system) messages.push_back({role::system, run_program(*parts_->system, s)});
  for (auto& example : parts_->few_shot) {
    messages.push_back({role::user, example.user});
    messages.push_back({role::assistant, example.assistant});
  }
  messages.push_back({role::user, run_program(parts_->user, s)});
  return messages;
}

expected<void> prompt_template::check(const sample& s) const {
  for (auto& n : parts_->needs) {
    if (has(s, n)) continue;
    if (n.what != variable::field)
      return fail("sample '" + s.id + "'", parts_->where + " uses {{" +
                                               std::string(name_of(n.what)) +
                                               "}}, which this sample does not have");
    return fail(
        "sample '" + s.id + "'",
        parts_->where + " uses {{fields." + n.field + "}}; the sample has the fields " +
            fields_of(s),
        "wrap it in {{#fields." + n.field + "}} ... {{/fields." + n.field + "}} if it is optional");
  }
  return {};
}

}  // namespace assay::evaluation
