#include "app/cli/unexpected_argument.hpp"

#include <CLI/App.hpp>
#include <string>
#include <vector>

namespace assay::cli {

namespace {

std::string nearest_name(const std::string& word, const std::vector<std::string>& names) {
  std::vector<std::string_view> candidates(names.begin(), names.end());
  return std::string(nearest(word, candidates));
}

std::vector<std::string> command_names(CLI::App& app) {
  std::vector<std::string> names;
  for (const auto* command : app.get_subcommands({})) names.push_back(command->get_name());
  return names;
}

std::vector<std::string> option_names(CLI::App& app) {
  std::vector<std::string> names;
  for (const auto* option : app.get_options())
    for (const auto& name : option->get_lnames()) names.push_back("--" + name);
  return names;
}

}  // namespace

problem unexpected_argument(CLI::App& app) {
  auto chosen = app.get_subcommands();
  auto where = chosen.empty() ? std::string("assay") : "assay " + chosen.front()->get_name();
  auto word = app.remaining(true).front();
  bool is_option = word.size() > 1 && word.front() == '-';
  std::vector<std::string> names;
  if (is_option) {
    names = option_names(app);
    if (!chosen.empty())
      for (auto& name : option_names(*chosen.front())) names.push_back(std::move(name));
  } else if (chosen.empty()) {
    names = command_names(app);
  } else {
    return {where, "one argument too many: '" + word + "'", where + " --help"};
  }
  auto close = nearest_name(word, names);
  return {where,
          std::string("there is no ") + (is_option ? "option" : "command") + " '" + word + "'",
          close.empty() ? where + " --help lists them" : "did you mean '" + close + "'?"};
}

}  // namespace assay::cli
