#include <algorithm>
#include <array>

#include "app/importing/files.hpp"
#include "app/importing/nunjucks.hpp"
#include "app/importing/promptfoo.hpp"
#include "evaluation/judges/assertion.hpp"

namespace assay::importing {

namespace {

using nlohmann::ordered_json;

constexpr std::size_t most_rows = 1'000'000;

/// A test with all that it inherits, on its way to rows.
struct whole_test {
  std::string where;
  std::string description;
  ordered_json vars = ordered_json::object();
  ordered_json assertions = ordered_json::array();
  std::optional<double> threshold;
};

/// Assertions whose value is what the answer should be, the closest first.
constexpr std::array<std::string_view, 6> target_types{
    "equals", "contains", "icontains", "starts-with", "levenshtein", "contains-all"};

class reader {
 public:
  reader(const tree& root, draft& to, const std::set<std::string>& expressions,
         const config::environment& env)
      : root_(root), to_(to), expressions_(expressions), env_(env) {}

  expected<void> read() {
    whole_test base;
    if (auto stated = root_.find("defaultTest")) {
      if (stated->is == tree::kind::text) {
        auto file = read_test_file(path_beside(stated->text, to_.source));
        if (!file) return tl::make_unexpected(file.error());
        default_ = std::move(*file);
        stated = &default_;
      }
      add(*stated, at_line(to_.source, *stated), base);
    }
    if (auto tests = root_.find("tests")) {
      if (auto ok = read_tests(*tests, base, to_.source); !ok) return ok;
    }
    if (auto scenarios = root_.find("scenarios"))
      if (auto ok = read_scenarios(*scenarios, base); !ok) return ok;
    if (!root_.find("tests") && !root_.find("scenarios")) make_rows(base);
    if (to_.rows.empty()) return fail(to_.source, "the file has no tests that can be used");
    if (to_.rows.size() >= most_rows) return fail(to_.source, "more than 1,000,000 tests");
    return {};
  }

 private:
  expected<void> read_tests(const tree& stated, const whole_test& base, const std::string& file) {
    if (stated.is == tree::kind::text) return read_from(stated, base, file);
    for (auto& one : stated.items) {
      auto where = at_line(file, one);
      if (one.is == tree::kind::text) {
        if (auto ok = read_from(one, base, file); !ok) return ok;
      } else if (one.is == tree::kind::table) {
        auto test = base;
        add(one, where, test);
        make_rows(test);
      } else {
        to_.not_understood(where, "a test that is no table is not understood");
      }
    }
    if (stated.is == tree::kind::table)
      to_.not_understood(at_line(file, stated), "this form of tests is not understood");
    return {};
  }

  expected<void> read_from(const tree& stated, const whole_test& base, const std::string& file) {
    auto where = at_line(file, stated);
    if (stated.text.find("://") != std::string::npos && !stated.text.starts_with("file://")) {
      to_.not_understood(where, "tests from '" + stated.text + "' are not understood");
      return {};
    }
    if (files_open_ > 20) return fail(where, "test files name each other without end");
    auto path = path_beside(stated.text, file);
    auto tests = read_test_file(path);
    if (!tests) {
      to_.not_understood(where, "tests left out: " + render(tests.error()));
      return {};
    }
    ++files_open_;
    auto read = read_tests(*tests, base, path);
    --files_open_;
    return read;
  }

  /// Every entry of `config` with every entry of `tests`.
  expected<void> read_scenarios(const tree& scenarios, const whole_test& base) {
    for (auto& scenario : scenarios.items) {
      auto config = scenario.find("config");
      auto tests = scenario.find("tests");
      if (!config) {
        to_.not_understood(at_line(to_.source, scenario), "a scenario without config is left out");
        continue;
      }
      for (auto& variant : config->items) {
        auto with = base;
        add(variant, at_line(to_.source, variant), with);
        if (!tests) {
          make_rows(with);
        } else if (auto ok = read_tests(*tests, with, to_.source); !ok) {
          return ok;
        }
      }
    }
    return {};
  }

  // -- one test -----------------------------------------------------------------------------------

  /// Adds what a table of a test says to what it inherits.
  void add(const tree& stated, const std::string& where, whole_test& test) {
    test.where = where;
    auto transform = std::string();
    for (auto& [key, value] : stated.entries) {
      if (key == "vars")
        add_vars(value, where, test);
      else if (key == "description")
        test.description = value.text;
      else if (key == "threshold" && value.is == tree::kind::number)
        test.threshold = std::strtod(value.text.c_str(), nullptr);
      else if (key == "options")
        transform = read_options(value, where);
      else if (key != "assert" && key != "metadata")
        to_.not_understood(where, "'" + key + "' of a test is not understood");
    }
    if (!transform.empty())
      for (auto& assertion : test.assertions) assertion["transform"] = transform;
    if (auto assertions = stated.find("assert"))
      for (auto& one : assertions->items) {
        auto made = assertion_of(one, where);
        if (!transform.empty()) made["transform"] = transform;
        test.assertions.push_back(std::move(made));
      }
  }

  /// The test's transform, which changes what is asserted about.
  std::string read_options(const tree& options, const std::string& where) {
    std::string transform;
    for (auto& [key, value] : options.entries) {
      if (key == "transform" || key == "postprocess") transform = value.text;
      if (key != "provider" && key != "rubricPrompt" && value.is != tree::kind::null)
        to_.not_understood(where, "'" + key + "' of a test's options is not understood");
    }
    return transform;
  }

  void add_vars(const tree& stated, const std::string& where, whole_test& test) {
    if (stated.is == tree::kind::text && stated.text.starts_with("file://")) {
      auto path = path_beside(stated.text, to_.source);
      auto text = read_file(path);
      auto parsed = text ? read_yaml(*text, path) : tl::make_unexpected(text.error());
      if (!parsed) return to_.not_understood(where, "vars left out: " + render(parsed.error()));
      return add_vars(*parsed, where, test);
    }
    for (auto& [name, value] : stated.entries) {
      if (name == "assert" || name == id_field || name == input_field || name == target_field)
        to_.not_understood(where, "a variable called '" + name + "' cannot be used");
      else
        test.vars[name] = var_of(value, where);
    }
  }

  ordered_json var_of(const tree& value, const std::string& where) {
    if (value.is != tree::kind::text || !value.text.starts_with("file://")) return value.json();
    auto path = path_beside(value.text, to_.source);
    auto ending = ending_of(path);
    bool structured = ending == ".json" || ending == ".yaml" || ending == ".yml";
    bool program = ending == ".js" || ending == ".ts" || ending == ".mjs" || ending == ".py";
    auto text =
        program ? fail(path, "a variable that a program makes is not understood") : read_file(path);
    if (text && structured) {
      if (auto parsed = read_yaml(*text, path)) return parsed->json().dump();
    }
    if (text) {
      while (!text->empty() && text->back() == '\n') text->pop_back();
      return *text;
    }
    to_.not_understood(where, render(text.error()));
    return "";
  }

  /// The assertion as the judge reads it. Notes what the judge will not understand.
  ordered_json assertion_of(const tree& stated, const std::string& where) {
    auto source = &stated;
    if (auto ref = stated.find("$ref")) source = referenced(ref->text, stated);
    ordered_json out = ordered_json::object();
    for (auto key : {"type", "value", "threshold", "weight", "transform"})
      if (auto found = source->find(key)) out[key] = value_of(*found, where);
    if (auto members = source->find("assert")) {
      out["assert"] = ordered_json::array();
      for (auto& member : members->items) out["assert"].push_back(assertion_of(member, where));
    }
    auto type = source->find("type");
    auto name = type ? type->text : std::string();
    auto plain = name.starts_with("not-") ? name.substr(4) : name;
    auto known = evaluation::assertion_types();
    if (name != "assert-set" && std::find(known.begin(), known.end(), plain) == known.end())
      to_.not_understood(at_line(to_.source, stated), "assertion '" + name + "' is not understood",
                         "samples that pass the others stay unscored");
    if (out.contains("transform"))
      to_.not_understood(where, "'transform' of an assertion is not understood");
    return out;
  }

  /// `#/assertionTemplates/NAME`.
  const tree* referenced(const std::string& path, const tree& otherwise) const {
    constexpr std::string_view before = "#/assertionTemplates/";
    auto templates = root_.find("assertionTemplates");
    if (!templates || !path.starts_with(before)) return &otherwise;
    auto found = templates->find(path.substr(before.size()));
    return found ? found : &otherwise;
  }

  /// A value; that of a file if it names one of texts or JSON.
  ordered_json value_of(const tree& value, const std::string& where) {
    if (value.is != tree::kind::text || !value.text.starts_with("file://")) return value.json();
    auto path = path_beside(value.text, to_.source);
    auto ending = ending_of(path);
    if (ending != ".json" && ending != ".yaml" && ending != ".yml" && ending != ".txt")
      return value.json();
    auto text = read_file(path);
    if (!text) {
      to_.not_understood(where, render(text.error()));
      return value.json();
    }
    if (ending == ".txt") return *text;
    auto parsed = read_yaml(*text, path);
    if (!parsed) to_.not_understood(where, render(parsed.error()));
    return parsed ? parsed->json() : value.json();
  }

  // -- rows ---------------------------------------------------------------------------------------

  /// One row for each combination of the values of variables that are lists.
  void make_rows(const whole_test& test) {
    auto varying = std::find_if(test.vars.begin(), test.vars.end(),
                                [](auto& value) { return value.is_array(); });
    if (varying == test.vars.end()) return make_row(test);
    for (auto& value : *varying) {
      if (to_.rows.size() >= most_rows) return;
      auto one = test;
      one.vars[varying.key()] = value.is_array() ? ordered_json(value.dump()) : value;
      make_rows(one);
    }
  }

  void make_row(const whole_test& test) {
    auto vars = rendered_vars(test);
    ordered_json row = ordered_json::object();
    auto number = std::to_string(to_.rows.size() + 1);
    row[id_field] = number;
    row[input_field] = shown(vars, test);
    auto assertions = rendered(test.assertions, vars, test.where);
    row[target_field] = target_of(assertions);
    for (auto& [name, value] : vars.items())
      if (!value.is_null()) row[name] = value.is_string() ? value : ordered_json(value.dump());
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
          auto& value = assertion["value"];
          return value.is_string() ? value : ordered_json(value.dump());
        }
    return "";
  }

  const tree& root_;
  draft& to_;
  const std::set<std::string>& expressions_;
  const config::environment& env_;
  tree default_;
  int files_open_ = 0;
};

}  // namespace

expected<void> read_tests(const tree& root, draft& to, const std::set<std::string>& expressions,
                          const config::environment& env) {
  return reader(root, to, expressions, env).read();
}

}  // namespace assay::importing
