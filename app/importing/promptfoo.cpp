#include "app/importing/promptfoo.hpp"

#include <algorithm>
#include <array>

#include "app/importing/files.hpp"
#include "app/importing/models.hpp"

namespace assay::importing {

namespace {

/// Keys that are read, here or in the other files of this folder.
constexpr std::array<std::string_view, 10> read_keys{
    "assertionTemplates", "commandLineOptions", "defaultTest", "env",  "evaluateOptions", "prompts",
    "providers",          "scenarios",          "targets",     "tests"};

/// Keys about how promptfoo itself presents and keeps results.
constexpr std::array<std::string_view, 8> about_output{
    "$schema", "description", "metadata",           "outputPath",
    "sharing", "tags",        "writeLatestResults", "version"};

template <class List>
bool contains(const List& list, std::string_view name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

class reader {
 public:
  reader(const tree& root, const request& wanted) : root_(root), wanted_(wanted) {
    to_.tool = "promptfoo";
    to_.source = wanted.path;
    auto stem = std::filesystem::path(wanted.path).stem().string();
    to_.name = name_from(stem, "promptfoo");
  }

  expected<draft> read() {
    read_environment();
    for (auto& [key, value] : root_.entries)
      if (!contains(read_keys, key) && !contains(about_output, key))
        to_.not_understood(at_line(to_.source, value), "'" + key + "' is not understood");
    if (auto ok = read_models(); !ok) return tl::make_unexpected(ok.error());
    std::set<std::string> expressions;
    read_prompts(root_, to_, expressions);
    if (to_.prompts.empty())
      return fail(to_.source, "no prompt of the file can be used", reason("prompts: [\"...\"]"));
    if (auto ok = read_tests(root_, to_, expressions, env_); !ok)
      return tl::make_unexpected(ok.error());
    judge_by_rules();
    for (auto key : {"commandLineOptions", "evaluateOptions"})
      if (auto options = root_.find(key)) read_options(*options);
    return std::move(to_);
  }

 private:
  /// The first thing that was not understood, else what is expected.
  std::string reason(const char* expected_form) const {
    return to_.notes.empty() ? std::string("expected ") + expected_form : render(to_.notes.front());
  }

  /// Variables of the file's `env` go before those of the process.
  void read_environment() {
    std::map<std::string, std::string> own;
    if (auto env = root_.find("env"))
      for (auto& [name, value] : env->entries)
        if (value.is_scalar()) own[name] = value.text;
    env_ = [own, process = wanted_.env](const std::string& name) -> std::optional<std::string> {
      auto found = own.find(name);
      return found == own.end() ? process(name) : found->second;
    };
  }

  expected<void> read_models() {
    if (!wanted_.models.empty() || !wanted_.with.empty()) return declare_models(to_, wanted_);
    for (auto key : {"providers", "targets"})
      if (auto providers = root_.find(key)) read_providers(*providers, to_.source);
    if (!to_.models.empty()) return {};
    return fail(to_.source, "no provider of the file can be called",
                reason("providers: [\"openai:gpt-4o\"]") + "; or name a model: --model");
  }

  void read_providers(const tree& stated, const std::string& file) {
    if (stated.is == tree::kind::list)
      for (auto& one : stated.items) read_provider(one, file);
    else
      read_provider(stated, file);
  }

  void read_provider(const tree& stated, const std::string& file) {
    auto where = at_line(file, stated);
    if (stated.is == tree::kind::text && stated.text.starts_with("file://"))
      return read_provider_file(path_beside(stated.text, file), where);
    if (stated.is == tree::kind::text) return declare({stated.text, {}, nullptr, where});
    if (auto id = stated.find("id")) return read_provider_table(stated, id->text, where);
    // { openai:gpt-4: { config: ... } }
    for (auto& [id, body] : stated.entries) read_provider_table(body, id, where);
  }

  void read_provider_file(const std::string& path, const std::string& where) {
    auto ending = ending_of(path);
    if (ending != ".yaml" && ending != ".yml" && ending != ".json")
      return to_.not_understood(where, "a provider that is a program is not understood");
    auto text = read_file(path);
    if (!text) return to_.not_understood(where, text.error().what, path);
    auto parsed = read_yaml(*text, path);
    if (!parsed) return to_.not_understood(parsed.error().where, parsed.error().what);
    read_providers(*parsed, path);
  }

  void declare(const model_wish& wish) {
    if (auto name = declare_model(to_, wish, env_); !name.empty()) to_.models.push_back(name);
  }

  void read_provider_table(const tree& table, const std::string& id, const std::string& where) {
    auto label = table.find("label");
    declare({id, label ? label->text : "", table.find("config"), where});
    for (auto& [key, value] : table.entries)
      if (key != "id" && key != "label" && key != "config")
        to_.not_understood(where, "'" + key + "' of a provider is not understood");
  }

  /// The judge `assertions` comes first. It has nothing to do if models grade everything.
  void judge_by_rules() {
    bool rules = std::any_of(to_.rows.begin(), to_.rows.end(),
                             [](auto& row) { return row.contains("assert"); });
    if (rules || to_.judges.empty()) to_.judges.insert(to_.judges.begin(), "assertions");
  }

  void read_options(const tree& options) {
    for (auto& [key, value] : options.entries) {
      if (key == "repeat" && value.is == tree::kind::number)
        to_.options.emplace_back("epochs", value.text);
      else if (key == "maxConcurrency" && value.is == tree::kind::number)
        to_.options.emplace_back("concurrency", value.text);
      else if (key != "cache" && key != "showProgressBar" && key != "table" && key != "share")
        to_.not_understood(at_line(to_.source, value), "option '" + key + "' is not understood");
    }
  }

  const tree& root_;
  const request& wanted_;
  config::environment env_;
  draft to_;
};

}  // namespace

std::string at_line(const std::string& file, const tree& value) {
  return file + ":" + std::to_string(value.line);
}

expected<draft> read_promptfoo(const tree& root, const request& wanted) {
  return reader(root, wanted).read();
}

}  // namespace assay::importing
