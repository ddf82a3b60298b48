#include "app/importing/model_graded.hpp"

#include <algorithm>
#include <array>

#include "app/importing/models.hpp"
#include "app/importing/promptfoo.hpp"

namespace assay::importing {

namespace {

struct graded_type {
  std::string_view theirs, name, ours;
};

constexpr std::array<graded_type, 4> graded_types{{
    {"factuality", "factuality", "model_graded_fact"},
    {"llm-rubric", "llm-rubric", "closed_qa"},
    {"model-graded-closedqa", "closedqa", "closed_qa"},
    {"model-graded-factuality", "factuality", "model_graded_fact"},
}};

const graded_type* find_type(std::string_view name) {
  auto found = std::find_if(graded_types.begin(), graded_types.end(),
                            [&](const graded_type& t) { return t.theirs == name; });
  return found == graded_types.end() ? nullptr : &*found;
}

std::string type_of(const stated_assertion& stated) {
  auto type = stated.what.find("type");
  return type != stated.what.end() && type->is_string() ? type->get<std::string>() : std::string();
}

/// Judges stand beside each other: a test passes if all do. So weights and thresholds cannot count.
std::string why_not(const whole_test& test, const stated_assertion& stated) {
  if (test.threshold) return "in a test with a threshold";
  if (stated.what.contains("transform")) return "with a transform";
  auto value = stated.what.find("value");
  bool says = value != stated.what.end() && !value->is_null() && !value->is_structured();
  return says ? "" : "without a text as its value";
}

}  // namespace

bool is_model_graded(std::string_view type) { return find_type(type) != nullptr; }

std::string field_of_judge(const std::string& judge) { return "__" + judge; }

std::string model_graded::grader(const tree& provider, const std::string& file) {
  auto where = at_line(file, provider);
  if (auto text = provider.find("text")) return grader(*text, file);  // beside `embedding` ...
  model_wish wish{provider.text, {}, nullptr, where};
  wish.as_declared = true;
  if (auto id = provider.find("id")) {
    wish.spec = id->text;
    wish.config = provider.find("config");
  } else if (provider.entries.size() == 1) {  // { openai:gpt-4o: { config: ... } }
    wish.spec = provider.entries.front().key;
    wish.config = provider.entries.front().value.find("config");
  }
  return declare_model(to_, wish, env_);
}

void model_graded::assign(whole_test& test) {
  std::map<std::string_view, std::size_t> met;
  for (auto& stated : test.assertions) {
    const auto* type = find_type(type_of(stated));
    if (!type) continue;
    const auto& by = stated.grader.empty() ? test.grader : stated.grader;
    if (by.empty()) {
      to_.not_understood(
          stated.where,
          "assertion '" + std::string(type->theirs) + "' is not understood: no model grades it",
          "name one: defaultTest: {options: {provider: openai:gpt-4o}}");
    } else if (auto why = why_not(test, stated); !why.empty()) {
      to_.not_understood(stated.where,
                         "assertion '" + std::string(type->theirs) + "' is not understood " + why,
                         "samples that pass the others stay unscored");
    } else {
      stated.judge = judge(type->theirs, ++met[type->name], by);
      if (stated.what.contains("threshold"))
        to_.not_understood(stated.where,
                           "'threshold' of '" + std::string(type->theirs) + "' is not understood",
                           "the judge says right or wrong");
    }
  }
}

std::string model_graded::judge(std::string_view theirs, std::size_t number,
                                const std::string& grader) {
  const auto& type = *find_type(theirs);
  auto& name = judges_[{std::string(type.name), number, grader}];
  if (!name.empty()) return name;
  name = distinct(std::string(type.name), to_.names("judges"));
  to_.judges.push_back(name);
  to_.tables.push_back({"judges",
                        name,
                        {{"type", toml(std::string(type.ours))},
                         {"models", toml(grader)},
                         {"against", toml(field_of_judge(name))}}});
  return name;
}

}  // namespace assay::importing
