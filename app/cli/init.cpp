#include <CLI/App.hpp>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "app/cli/command.hpp"
#include "app/cli/new_file.hpp"
#include "config/load.hpp"

namespace assay::cli {

namespace {

namespace fs = std::filesystem;

/// `assay.toml` in the folder, if `path` is one.
fs::path target(const fs::path& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored) ? path / "assay.toml" : path;
}

int init(const std::string& wanted, bool force, const globals& options) {
  auto path = target(wanted);
  auto done = force ? write_over(path, config::starter())
                    : write_new(path, config::starter(), "--force replaces it");
  if (!done) {
    std::fprintf(stderr, "%s\n", render(done.error()).c_str());
    return usage_error;
  }
  // Questions that are there already are somebody's data: they stay, with --force too.
  auto questions = path.parent_path() / "questions.jsonl";
  bool fresh = write_new(questions, config::starter_dataset(), "").has_value();
  if (options.json) {
    auto written = nlohmann::json::array({path.string()});
    if (fresh) written.push_back(questions.string());
    std::printf("%s\n", nlohmann::json{{"written", written}}.dump().c_str());
  } else if (!options.quiet) {
    std::printf("wrote %s%s%s\nnext: assay run %s\n", path.c_str(), fresh ? " and " : "",
                fresh ? questions.c_str() : "", path.c_str());
  }
  return success;
}

struct init_arguments {
  std::string path = "assay.toml";
  bool force = false;
};

}  // namespace

void add_init(CLI::App& app, globals& options, action& chosen) {
  auto wanted = std::make_shared<init_arguments>();
  auto* command = app.add_subcommand("init", "Write an experiment file to start from");
  command->add_option("PATH", wanted->path, "The file to write, assay.toml if not given");
  command->add_flag("--force", wanted->force, "Replace the file if it exists");
  command->callback([&options, &chosen, wanted] {
    chosen = [&options, wanted] { return init(wanted->path, wanted->force, options); };
  });
}

}  // namespace assay::cli
