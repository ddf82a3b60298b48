#include "evaluation/prompt.hpp"

#include <algorithm>
#include <array>

#include "evaluation/prompts/mustache_program.hpp"
#include "evaluation/prompts/template_library.hpp"

namespace assay::evaluation {

namespace {

enum class variable : std::uint8_t {
  none,
  input,
  id,
  choices,
  letters,
  task_type,
  difficulty,
  letter,
  text,
  field,
};

struct variable_name {
  std::string_view name;
  variable what;
};

constexpr std::array<variable_name, 8> variables = {{
    {"input", variable::input},
    {"id", variable::id},
    {"choices", variable::choices},
    {"letters", variable::letters},
    {"task_type", variable::task_type},
    {"difficulty", variable::difficulty},
    {"letter", variable::letter},
    {"text", variable::text},
}};

constexpr std::string_view field_prefix = "fields.";
constexpr std::string_view leaking[] = {"target", "targets"};

/// An instruction whose name has been looked up; `text` is literal text or the name of a field.
struct step {
  instruction_kind kind;
  variable what = variable::none;
  std::string text;
  std::size_t jump = 0;
};

/// A variable that a sample must have.
struct need {
  variable what;
  std::string field;

  bool operator==(const need&) const = default;
};

struct program {
  std::vector<step> steps;
  std::size_t literal_bytes = 0;
};

std::string_view name_of(variable what) {
  for (auto& v : variables)
    if (v.what == what) return v.name;
  return "fields";
}

const std::string* find_field(const sample& s, const std::string& name) {
  for (auto& field : s.fields)
    if (field.first == name) return &field.second;
  return nullptr;
}

bool in_choices_only(variable what) { return what == variable::letter || what == variable::text; }

problem unknown_variable(const instruction& at, const std::string& place) {
  if (std::find(std::begin(leaking), std::end(leaking), at.text) != std::end(leaking))
    return {place, "{{" + at.text + "}} would tell the model the answer", "take it out"};
  std::vector<std::string_view> names;
  for (auto& v : variables) names.push_back(v.name);
  auto close = nearest(at.text, names);
  auto what = "no sample has a variable '" + at.text +
              "'; there are input, id, choices, letters, "
              "task_type, difficulty and fields.NAME, and letter and text within {{#choices}}";
  if (!close.empty()) return {place, what, "did you mean {{" + std::string(close) + "}}?"};
  return {place, what, "for a field of the data write {{fields." + at.text + "}}"};
}

/// Looks the names of a parsed template up and notes what it needs of a sample.
class resolver {
 public:
  resolver(const std::string& text, const std::string& where) : text_(text), where_(where) {}

  expected<program> run(std::vector<instruction> parsed) {
    program made;
    for (auto& at : parsed) {
      step s{at.kind, variable::none, at.text, at.jump};
      if (at.kind == instruction_kind::text) {
        made.literal_bytes += at.text.size();
      } else if (at.kind == instruction_kind::end) {
        open_.pop_back();
      } else if (auto found = resolve(at, s); !found) {
        return tl::make_unexpected(found.error());
      }
      made.steps.push_back(std::move(s));
    }
    return made;
  }

  std::vector<need> take_needs() { return std::move(needs_); }

 private:
  expected<void> resolve(const instruction& at, step& s) {
    auto place = where_ + ", " + place_in(text_, at.position);
    auto known = std::find_if(variables.begin(), variables.end(),
                              [&](const variable_name& v) { return v.name == at.text; });
    if (known != variables.end()) {
      s.what = known->what;
      s.text.clear();
    } else if (at.text.rfind(field_prefix, 0) == 0 && at.text.size() > field_prefix.size()) {
      s.what = variable::field;
      s.text = at.text.substr(field_prefix.size());
    } else {
      return tl::make_unexpected(unknown_variable(at, place));
    }
    need n{s.what, s.text};
    if (in_choices_only(s.what) && !is_open({variable::choices, ""}))
      return fail(place, "{{" + at.text + "}} stands outside of {{#choices}} ... {{/choices}}");
    if (at.kind != instruction_kind::variable)
      open_.push_back({n, at.kind == instruction_kind::section});
    else if (!is_open(n) && std::find(needs_.begin(), needs_.end(), n) == needs_.end())
      needs_.push_back(n);
    return {};
  }

  bool is_open(const need& n) const {
    return std::any_of(open_.begin(), open_.end(),
                       [&](const auto& section) { return section.second && section.first == n; });
  }

  const std::string& text_;
  const std::string& where_;
  std::vector<std::pair<need, bool>>
      open_;  ///< sections around the current place; true: not inverted
  std::vector<need> needs_;
};

/// Runs a program over a sample.
class renderer {
 public:
  renderer(const program& p, const sample& s) : program_(p), sample_(s) {
    out_.reserve(p.literal_bytes + s.input.size() + 64);
  }

  std::string run() {
    run(0, program_.steps.size());
    return std::move(out_);
  }

 private:
  void run(std::size_t from, std::size_t to) {
    for (auto i = from; i < to; ++i) {
      auto& s = program_.steps[i];
      switch (s.kind) {
        case instruction_kind::text:
          out_ += s.text;
          break;
        case instruction_kind::variable:
          append(s);
          break;
        case instruction_kind::end:
          break;
        case instruction_kind::inverted:
          if (!is_true(s)) run(i + 1, s.jump);
          i = s.jump;
          break;
        case instruction_kind::section:
          run_section(s, i);
          i = s.jump;
          break;
      }
    }
  }

  void run_section(const step& s, std::size_t at) {
    if (s.what != variable::choices) {
      if (is_true(s)) run(at + 1, s.jump);
      return;
    }
    auto outer = choice_;
    for (choice_ = 0; choice_ < sample_.choices.size(); ++choice_) run(at + 1, s.jump);
    choice_ = outer;
  }

  bool is_true(const step& s) const {
    switch (s.what) {
      case variable::choices:
      case variable::letters:
        return !sample_.choices.empty();
      case variable::task_type:
        return !sample_.task_type.empty();
      case variable::difficulty:
        return !sample_.difficulty.empty();
      case variable::input:
        return !sample_.input.empty();
      case variable::text:
        return !sample_.choices[choice_].empty();
      case variable::field: {
        auto value = find_field(sample_, s.text);
        return value && !value->empty() && *value != "false";
      }
      default:
        return true;
    }
  }

  static char letter(std::size_t i) { return static_cast<char>('A' + i % 26); }

  void append(const step& s) {
    switch (s.what) {
      case variable::input:
        out_ += sample_.input;
        break;
      case variable::id:
        out_ += sample_.id;
        break;
      case variable::task_type:
        out_ += sample_.task_type;
        break;
      case variable::difficulty:
        out_ += sample_.difficulty;
        break;
      case variable::letter:
        out_ += letter(choice_);
        break;
      case variable::text:
        out_ += sample_.choices[choice_];
        break;
      case variable::choices:
        append_choices();
        break;
      case variable::letters:
        append_letters();
        break;
      case variable::field:
        if (auto value = find_field(sample_, s.text)) out_ += *value;
        break;
      case variable::none:
        break;
    }
  }

  void append_choices() {
    for (std::size_t i = 0; i < sample_.choices.size(); ++i) {
      if (i > 0) out_ += '\n';
      out_ += letter(i);
      out_ += ") ";
      out_ += sample_.choices[i];
    }
  }

  void append_letters() {
    for (std::size_t i = 0; i < sample_.choices.size(); ++i) {
      if (i > 0) out_ += ',';
      out_ += letter(i);
    }
  }

  const program& program_;
  const sample& sample_;
  std::size_t choice_ = 0;
  std::string out_;
};

bool has(const sample& s, const need& n) {
  switch (n.what) {
    case variable::choices:
    case variable::letters:
      return !s.choices.empty();
    case variable::task_type:
      return !s.task_type.empty();
    case variable::difficulty:
      return !s.difficulty.empty();
    case variable::field:
      return find_field(s, n.field) != nullptr;
    default:
      return true;
  }
}

std::string fields_of(const sample& s) {
  std::string names;
  for (auto& field : s.fields) names += (names.empty() ? "" : ", ") + field.first;
  return names.empty() ? "nothing" : names;
}

std::string place_of(const prompt_settings& settings) {
  auto name = "prompt '" + settings.name + "'";
  return settings.declared_at.empty() ? name : settings.declared_at + ": " + name;
}

}  // namespace

struct prompt_template::parts {
  std::string where;
  std::string name;
  std::optional<program> system;
  program user;
  std::vector<few_shot_example> few_shot;
  std::vector<need> needs;
};

namespace {

expected<program> compile(const std::string& text, const std::string& where,
                          std::vector<need>& needs) {
  auto parsed = parse_mustache(text, where);
  if (!parsed) return tl::make_unexpected(parsed.error());
  resolver names(text, where);
  auto made = names.run(std::move(*parsed));
  for (auto& n : names.take_needs())
    if (std::find(needs.begin(), needs.end(), n) == needs.end()) needs.push_back(std::move(n));
  return made;
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
  made->name = settings.name;
  made->few_shot = settings.few_shot;
  if (system && !system->empty()) {
    auto compiled = compile(*system, where + ", system", made->needs);
    if (!compiled) return tl::make_unexpected(compiled.error());
    made->system = std::move(*compiled);
  }
  auto compiled = compile(*user, where + ", user", made->needs);
  if (!compiled) return tl::make_unexpected(compiled.error());
  made->user = std::move(*compiled);
  prompt_template result;
  result.parts_ = std::move(made);
  return result;
}

std::vector<chat_message> prompt_template::render(const sample& s) const {
  std::vector<chat_message> messages;
  messages.reserve(2 + 2 * parts_->few_shot.size());
  if (parts_->system) messages.push_back({role::system, renderer(*parts_->system, s).run()});
  for (auto& example : parts_->few_shot) {
    messages.push_back({role::user, example.user});
    messages.push_back({role::assistant, example.assistant});
  }
  messages.push_back({role::user, renderer(parts_->user, s).run()});
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
