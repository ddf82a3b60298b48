#include <algorithm>
#include <array>
#include <utility>

#include "evaluation/prompts/program.hpp"

namespace assay::evaluation {

namespace {

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

bool in_choices_only(variable what) { return what == variable::letter || what == variable::text; }

problem unknown_variable(const instruction& at, const std::string& place,
                         const std::vector<std::string_view>& given) {
  if (std::find(std::begin(leaking), std::end(leaking), at.text) != std::end(leaking))
    return {place, "{{" + at.text + "}} would tell the model the answer", "take it out"};
  auto names = given;
  for (auto& v : variables) names.push_back(v.name);
  auto close = nearest(at.text, names);
  std::string others;
  for (auto name : given) others += std::string(name) + ", ";
  auto what = "no sample has a variable '" + at.text + "'; there are " + others +
              "input, id, choices, letters, "
              "task_type, difficulty and fields.NAME, and letter and text within {{#choices}}";
  if (!close.empty()) return {place, what, "did you mean {{" + std::string(close) + "}}?"};
  return {place, what, "for a field of the data write {{fields." + at.text + "}}"};
}

/// Looks the names of a parsed template up and notes what it needs of a sample.
class resolver {
 public:
  resolver(const std::string& text, const std::string& where,
           const std::vector<std::string_view>& given)
      : text_(text), where_(where), given_(given) {}

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
    if (std::find(given_.begin(), given_.end(), at.text) != given_.end()) {
      s.what = variable::given;
    } else if (known != variables.end()) {
      s.what = known->what;
      s.text.clear();
    } else if (at.text.rfind(field_prefix, 0) == 0 && at.text.size() > field_prefix.size()) {
      s.what = variable::field;
      s.text = at.text.substr(field_prefix.size());
    } else {
      return tl::make_unexpected(unknown_variable(at, place, given_));
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
  const std::vector<std::string_view>& given_;
  std::vector<std::pair<need, bool>>
      open_;  ///< sections around the current place; true: not inverted
  std::vector<need> needs_;
};

}  // namespace

std::string_view name_of(variable what) {
  for (auto& v : variables)
    if (v.what == what) return v.name;
  return what == variable::given ? "given" : "fields";
}

expected<program> compile_template(const std::string& text, const std::string& where,
                                   std::vector<need>& needs,
                                   const std::vector<std::string_view>& given) {
  auto parsed = parse_mustache(text, where);
  if (!parsed) return tl::make_unexpected(parsed.error());
  resolver names(text, where, given);
  auto made = names.run(std::move(*parsed));
  for (auto& n : names.take_needs())
    if (std::find(needs.begin(), needs.end(), n) == needs.end()) needs.push_back(std::move(n));
  return made;
}

}  // namespace assay::evaluation
