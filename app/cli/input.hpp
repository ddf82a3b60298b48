#pragma once

#include <string>
#include <vector>

#include "app/cli/command.hpp"
#include "app/run/selection.hpp"
#include "messages/problem.hpp"
#include "messages/settings.hpp"

namespace CLI {
class App;
}

/// What the commands that take an experiment file share.
namespace assay::cli {

/// The options that choose what of a file is meant.
struct file_options {
  std::string file;
  app::selection chosen;
  std::vector<std::string> models;  ///< instead of those of another tool's file
  std::string with;                 ///< an experiment file that declares models for it
};

void add_file_options(CLI::App& command, file_options& options);

/// `--model` and `--with`, for files of other tools.
void add_model_options(CLI::App& command, std::vector<std::string>& models, std::string& with);

/// Loads and narrows; prints every problem to stderr and gives nothing if there is one. A file of
/// another tool is imported first.
std::optional<settings> load_selected(const file_options&, const globals&);

/// One problem a line, on stderr.
void print_problems(const std::vector<problem>&);

/// The ledger of the options, else of the file, else the default name.
std::string ledger_of(const globals&, const settings&);

}  // namespace assay::cli
