#include <algorithm>
#include <array>

#include "app/importing/nunjucks.hpp"
#include "app/importing/promptfoo.hpp"

namespace assay::importing {

namespace {

using nlohmann::ordered_json;

/// Assertions whose value is what the answer should be, the closest first.
constexpr std::array<std::string_view, 8> target_types{
    "equals",      "contains",     "icontains",  "starts-with",
    "levenshtein", "contains-all", "factuality", "model-graded-factuality"};

class maker {
 public:
  maker(draft& to, const std::set<std::string>& expressions, const config::environment& env)
      : to_(to), expressions_(expressions), env_(env) {}

  /// One row for each combination of the values of variables that are lists.
  void make(const whole_test& test) {
    auto varying = std::find_if(test.vars.begin(), test.vars.end(),
                                [](auto& value) { return value.is_array(); });
    if (varying == test.vars.end()) return make_row(test);
    for (auto& value : *varying) {
      if (to_.rows.size() >= most_rows) return;
      auto one = test;
      one.vars[varying.key()] = value.is_array() ? ordered_json(value.dump()) : value;
      make(one);
    }
  }

 private:
  void make_row(const whole_test& test) {
    auto vars = rendered_vars(test);
    ordered_json row = ordered_json::object();
    auto number = std::to_string(to_.rows.size() + 1);
    row[id_field] = number;
    row[input_field] = shown(vars, test);
    auto assertions = rendered_assertions(test, vars, row);
    for (auto& [name, value] : vars.items())
      if (!value.is_null()) row[name] = text_of(value);
    row.erase("env");
    for (auto& expression : expressions_)
      row[expression] = evaluate(expression, vars).value_or(std::string());
    if (!test.description.empty() && !row.contains("__description"))
      row["__description"] = test.description;
    if (test.threshold)
      row["assert"] = {{"threshold", *test.threshold}, {"assert", assertions}};
    else if (!assertions.empty())
      row["assert"] = assertions;
    to_.rows.push_back(std::move(row));
  }

  /// Those of the judge `assertions`; what other judges are about goes into fields of the row.
  ordered_json rendered_assertions(const whole_test& test, const ordered_json& vars,
                                   ordered_json& row) {
    auto all = ordered_json::array(), by_rule = ordered_json::array();
    for (auto& stated : test.assertions) {
      all.push_back(rendered(stated.what, vars, test.where));
      if (stated.judge.empty())
        by_rule.push_back(all.back());
      else
        row[field_of_judge(stated.judge)] = text_of(all.back()["value"]);
    }
    row[target_field] = target_of(all);
    return by_rule;
  }

  static ordered_json text_of(const ordered_json& value) {
    return value.is_string() ? value : ordered_json(value.dump());
  }

  /// Variables may name each other.
  ordered_json rendered_vars(const whole_test& test) {
    constexpr int rounds = 3;
    auto vars = test.vars;
    auto used = expressions_;
    if (std::any_of(used.begin(), used.end(), [](auto& e) { return e.starts_with("env."); }))
      vars["env"] = environment_of(used);
    for (int round = 0; round < rounds; ++round) {
      auto before = vars;
      for (auto& value : vars)
        if (value.is_string()) value = rendered(value, before, test.where);
      if (vars == before) break;
    }
    return vars;
  }

  ordered_json environment_of(const std::set<std::string>& used) const {
    auto out = ordered_json::object();
    for (auto& expression : used) {
      if (!expression.starts_with("env.")) continue;
      auto name = expression.substr(4, expression.find('|') - 4);
      out[name] = env_(name).value_or("");
    }
    return out;
  }

  /// The value with all texts in it filled in.
  ordered_json rendered(const ordered_json& value, const ordered_json& vars,
                        const std::string& where) {
    if (value.is_string()) {
      auto text = value.get<std::string>();
      if (text.find("{{") == std::string::npos) return value;
      auto filled = fill_in(text, vars);
      if (!filled) to_.not_understood(where, filled.error().what);
      return filled ? ordered_json(*filled) : value;
    }
    auto out = value;
    if (value.is_structured())
      for (auto& item : out) item = rendered(item, vars, where);
    return out;
  }

  /// What stands for the question in reports: the longest variable.
  static std::string shown(const ordered_json& vars, const whole_test& test) {
    std::string longest;
    for (auto& value : vars)
      if (value.is_string() && value.get_ref<const std::string&>().size() > longest.size())
        longest = value.get<std::string>();
    if (!longest.empty()) return longest;
    return vars.empty() ? test.description : vars.dump();
  }

  static ordered_json target_of(const ordered_json& assertions) {
    for (auto type : target_types)
      for (auto& assertion : assertions)
        if (assertion.contains("value") && assertion.value("type", ordered_json()) == type) {
          return text_of(assertion["value"]);
        }
    return "";
  }

  draft& to_;
  const std::set<std::string>& expressions_;
  const config::environment& env_;
};

}  // namespace

void make_rows(const whole_test& test, draft& to, const std::set<std::string>& expressions,
               const config::environment& env) {
  maker(to, expressions, env).make(test);
}

}  // namespace assay::importing
