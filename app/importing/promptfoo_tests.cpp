#include "app/importing/files.hpp"
#include "app/importing/promptfoo.hpp"

namespace assay::importing {

namespace {

using nlohmann::ordered_json;

class reader {
 public:
  reader(const tree& root, draft& to, const std::set<std::string>& expressions,
         const config::environment& env)
      : root_(root), to_(to), expressions_(expressions), env_(env), graded_(to, env) {}

  expected<void> read() {
    whole_test base;
    if (auto stated = root_.find("defaultTest")) {
      if (stated->is == tree::kind::text) {
        auto file = read_test_file(path_beside(stated->text, to_.source));
        if (!file) return tl::make_unexpected(file.error());
        default_ = std::move(*file);
        stated = &default_;
      }
      add(*stated, to_.source, base);
    }
    if (auto tests = root_.find("tests")) {
      if (auto ok = read_tests(*tests, base, to_.source); !ok) return ok;
    }
    if (auto scenarios = root_.find("scenarios"))
      if (auto ok = read_scenarios(*scenarios, base); !ok) return ok;
    if (!root_.find("tests") && !root_.find("scenarios")) make_rows_of(base);
    if (to_.rows.empty()) return fail(to_.source, "the file has no tests that can be used");
    if (to_.rows.size() >= most_rows) return fail(to_.source, "more than 1,000,000 tests");
    return {};
  }

 private:
  expected<void> read_tests(const tree& stated, const whole_test& base, const std::string& file) {
    if (stated.is == tree::kind::text) return read_from(stated, base, file);
    for (auto& one : stated.items) {
      if (one.is == tree::kind::text) {
        if (auto ok = read_from(one, base, file); !ok) return ok;
      } else if (one.is == tree::kind::table) {
        auto test = base;
        add(one, file, test);
        make_rows_of(test);
      } else {
        to_.not_understood(at_line(file, one), "a test that is no table is not understood");
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
        add(variant, to_.source, with);
        if (!tests) {
          make_rows_of(with);
        } else if (auto ok = read_tests(*tests, with, to_.source); !ok) {
          return ok;
        }
      }
    }
    return {};
  }

  // -- one test -----------------------------------------------------------------------------------

  void make_rows_of(whole_test test) {
    graded_.assign(test);
    make_rows(test, to_, expressions_, env_);
  }

  /// Adds what a table of a test says to what it inherits.
  void add(const tree& stated, const std::string& file, whole_test& test) {
    const auto where = test.where = at_line(file, stated);
    auto transform = std::string();
    for (auto& [key, value] : stated.entries) {
      if (key == "vars")
        add_vars(value, where, test);
      else if (key == "description")
        test.description = value.text;
      else if (key == "threshold" && value.is == tree::kind::number)
        test.threshold = std::strtod(value.text.c_str(), nullptr);
      else if (key == "options")
        transform = read_options(value, file, test);
      else if (key != "assert" && key != "metadata")
        to_.not_understood(where, "'" + key + "' of a test is not understood");
    }
    if (!transform.empty())
      for (auto& assertion : test.assertions) assertion.what["transform"] = transform;
    if (auto assertions = stated.find("assert"))
      for (auto& one : assertions->items) {
        auto made = read_assertion(one, root_, file, graded_, to_);
        if (!transform.empty()) made.what["transform"] = transform;
        test.assertions.push_back(std::move(made));
      }
  }

  /// Who grades the test. Gives its transform, which changes what is asserted about.
  std::string read_options(const tree& options, const std::string& file, whole_test& test) {
    std::string transform;
    for (auto& [key, value] : options.entries) {
      if (value.is == tree::kind::null) continue;
      if (key == "transform" || key == "postprocess") transform = value.text;
      if (key == "provider")
        test.grader = graded_.grader(value, file);
      else
        to_.not_understood(test.where, "'" + key + "' of a test's options is not understood");
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

  const tree& root_;
  draft& to_;
  const std::set<std::string>& expressions_;
  const config::environment& env_;
  tree default_;
  model_graded graded_;
  int files_open_ = 0;
};

}  // namespace

expected<void> read_tests(const tree& root, draft& to, const std::set<std::string>& expressions,
                          const config::environment& env) {
  return reader(root, to, expressions, env).read();
}

}  // namespace assay::importing
