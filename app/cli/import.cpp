#include <CLI/App.hpp>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "app/cli/command.hpp"
#include "app/cli/imported.hpp"
#include "app/cli/input.hpp"

namespace assay::cli {

namespace {

struct import_options {
  importing::request wanted;
  std::string output;
  bool force = false;
};

void print_json(const importing::draft& d, const imported_files& files) {
  using nlohmann::ordered_json;
  auto notes = ordered_json::array();
  for (auto& note : d.notes)
    notes.push_back({{"where", note.where}, {"what", note.what}, {"fix", note.fix}});
  ordered_json object{{"tool", d.tool},
                      {"written", {files.experiment, files.samples}},
                      {"samples", d.rows.size()},
                      {"prompts", d.prompts},
                      {"models", d.models},
                      {"judges", d.judges},
                      {"not_understood", std::move(notes)}};
  std::printf("%s\n", object.dump(-1, ' ', false, ordered_json::error_handler_t::replace).c_str());
}

int run_import(const import_options& options, const globals& global) {
  auto read = importing::import_file(options.wanted);
  if (!read) {
    print_problems(read.error());
    return usage_error;
  }
  auto output = options.output.empty()
                    ? std::filesystem::path(options.wanted.path).stem().string() + ".toml"
                    : options.output;
  auto files = files_of(output);
  auto written = write_imported(*read, files, options.force);
  if (!written) {
    print_problems({written.error()});
    return usage_error;
  }
  if (global.json) {
    print_json(*read, files);
    return success;
  }
  print_notes(*read);
  if (!global.quiet)
    std::printf("%s: wrote %s and %s (%zu samples, %zu prompts, %zu models)\nnext: assay run %s\n",
                read->tool.c_str(), files.experiment.c_str(), files.samples.c_str(),
                read->rows.size(), read->prompts.size(), read->models.size(),
                files.experiment.c_str());
  return success;
}

}  // namespace

void add_import(CLI::App& app, globals& options, action& chosen) {
  auto wanted = std::make_shared<import_options>();
  auto* command = app.add_subcommand(
      "import",
      "Write an experiment file from one of promptfoo (YAML, JSON), a sample file of "
      "lm-evaluation-harness, or OpenAI evals (JSONL)");
  command->add_option("FILE", wanted->wanted.path, "The file of the other tool")->required();
  command->add_option("-o,--output", wanted->output,
                      "The experiment file to write; STEM.toml if not given");
  command->add_flag("--force", wanted->force, "Replace files that exist");
  add_model_options(*command, wanted->wanted.models, wanted->wanted.with);
  command->callback([&options, &chosen, wanted] {
    chosen = [&options, wanted] { return run_import(*wanted, options); };
  });
}

}  // namespace assay::cli
