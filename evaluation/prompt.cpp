#include "evaluation/prompt.hpp"

#include "evaluation/prompts/conversation.hpp"
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

/// A message that is a template.
struct turn {
  role who;
  program content;
};

struct prompt_template::parts {
  /// Adds a message; its problem is placed in `part` of the prompt.
  expected<void> add(role who, const std::string& text, const std::string& part) {
    auto compiled = compile_template(text, where + ", " + part, needs);
    if (!compiled) return tl::make_unexpected(compiled.error());
    turns.push_back({who, std::move(*compiled)});
    return {};
  }

  /// Adds a conversation: of templates if `text` is one as it stands, else one that each sample's
  /// text is.
  expected<void> add_conversation(const std::string& text) {
    auto messages = read_conversation(text);
    if (!messages) {
      read_last = true;
      return add(role::user, text, "user");
    }
    for (std::size_t i = 0; i < messages->size(); ++i) {
      auto part = "message " + std::to_string(i + 1);
      if (auto ok = add((*messages)[i].who, (*messages)[i].content, part); !ok) return ok;
    }
    return {};
  }

  std::string where;
  std::vector<turn> turns;
  std::vector<few_shot_example> few_shot;  ///< before the last turn
  bool read_last = false;                  ///< the last turn's text is a conversation in JSON
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
  expected<void> added;
  if (system && !system->empty()) added = made->add(role::system, *system, "system");
  if (added)
    added = *base && (*base)->conversation ? made->add_conversation(*user)
                                           : made->add(role::user, *user, "user");
  if (!added) return tl::make_unexpected(added.error());
  prompt_template result;
  result.parts_ = std::move(made);
  return result;
}

std::vector<chat_message> prompt_template::render(const sample& s) const {
  std::vector<chat_message> messages;
  messages.reserve(parts_->turns.size() + 2 * parts_->few_shot.size());
  for (auto& said : parts_->turns) {
    if (&said == &parts_->turns.back())
      for (auto& example : parts_->few_shot) {
        messages.push_back({role::user, example.user});
        messages.push_back({role::assistant, example.assistant});
      }
    messages.push_back({said.who, run_program(said.content, s)});
  }
  if (!parts_->read_last) return messages;
  if (auto read = read_conversation(messages.back().content)) {
    messages.pop_back();
    for (auto& message : *read) messages.push_back(std::move(message));
  }
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
  if (!parts_->read_last) return {};
  auto read = read_conversation(run_program(parts_->turns.back().content, s));
  if (read) return {};
  return fail("sample '" + s.id + "'", parts_->where + ": " + read.error().what, read.error().fix);
}

}  // namespace assay::evaluation
