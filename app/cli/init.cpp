#include <CLI/App.hpp>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "app/cli/command.hpp"
#include "config/load.hpp"

namespace assay::cli {

namespace {

namespace fs = std::filesystem;

/// Writes a file; without `replace` an existing one is left alone and is a problem.
expected<void> write_file(const fs::path& path, const std::string& text, bool replace) {
  auto* file = std::fopen(path.c_str(), replace ? "wb" : "wbx");
  if (!file && errno == EEXIST) return fail(path, "already exists", "--force replaces it");
  if (!file) return fail(path, std::string("cannot be written: ") + std::strerror(errno));
  bool whole = std::fwrite(text.data(), 1, text.size(), file) == text.size();
  whole = std::fclose(file) == 0 && whole;
  if (!whole) return fail(path, std::string("cannot be written: ") + std::strerror(errno));
  return {};
}

/// `assay.toml` in the folder, if `path` is one.
fs::path target(const fs::path& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored) ? path / "assay.toml" : path;
}

int init(const std::string& wanted, bool force, const globals& options) {
  auto path = target(wanted);
  if (auto done = write_file(path, config::starter(), force); !done) {
    std::fprintf(stderr, "%s\n", render(done.error()).c_str());
    return usage_error;
  }
  // Questions that are there already are somebody's data: they stay, with --force too.
  auto questions = path.parent_path() / "questions.jsonl";
  bool fresh = write_file(questions, config::starter_dataset(), false).has_value();
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
