#include "app/cli/input.hpp"

#include <CLI/App.hpp>
#include <cstdio>

#include "app/cli/imported.hpp"
#include "config/load.hpp"
#include "storage/ledger.hpp"

namespace assay::cli {

void add_file_options(CLI::App& command, file_options& options) {
  command
      .add_option("FILE", options.file,
                  "Experiment file (TOML), or a file of another tool (see `assay import`)")
      ->required();
  command
      .add_option("--only", options.chosen.only,
                  "Only this: an experiment's name, or model=, dataset=, prompt=, "
                  "provider=NAME; may be repeated")
      ->allow_extra_args(false);
  command.add_option("--limit", options.chosen.limit, "At most this many samples per dataset");
  command.add_option("--max-tasks", options.chosen.max_tasks,
                     "Send at most this many tasks now; the rest stays for the next run");
  add_model_options(command, options.models, options.with);
}

void add_model_options(CLI::App& command, std::vector<std::string>& models, std::string& with) {
  command
      .add_option("--model", models,
                  "For a file of another tool: ask this model (openai:gpt-4o-mini, or one of "
                  "--with); may be repeated")
      ->allow_extra_args(false);
  command.add_option("--with", with,
                     "For a file of another tool: an experiment file that declares the models");
}

void print_problems(const std::vector<problem>& problems) {
  for (const auto& p : problems) std::fprintf(stderr, "%s\n", render(p).c_str());
}

std::optional<settings> load_selected(const file_options& wanted, const globals& global) {
  auto options = wanted;
  if (importing::is_foreign(options.file)) {
    auto read = import_for_run({wanted.file, wanted.models, wanted.with}, ledger_path(global),
                               options.file);
    if (!read) {
      print_problems(read.error());
      return std::nullopt;
    }
    if (options.chosen.only.empty()) options.chosen.only = {read->name};
  } else if (!options.models.empty() || !options.with.empty()) {
    print_problems({{options.file, "--model and --with are for files of other tools",
                     "an experiment file declares its models itself"}});
    return std::nullopt;
  }
  auto loaded = config::load(options.file);
  if (!loaded) {
    print_problems(loaded.error());
    return std::nullopt;
  }
  auto selected = app::select(std::move(*loaded), options.chosen);
  if (!selected) {
    print_problems({selected.error()});
    return std::nullopt;
  }
  return std::move(*selected);
}

std::string ledger_path(const globals& options, const std::string& from_config) {
  if (!options.ledger.empty()) return options.ledger;
  return from_config.empty() ? "assay-results/ledger.db" : from_config;
}

std::filesystem::path folder_beside(const std::string& ledger) {
  if (storage::is_server(ledger)) return "assay-results";
  return std::filesystem::path(ledger).parent_path();
}

std::string ledger_of(const globals& options, const settings& all) {
  return ledger_path(options, all.ledger);
}

}  // namespace assay::cli
