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
};

void add_file_options(CLI::App& command, file_options& options);

/// Loads and narrows; prints every problem to stderr and gives nothing if there is one.
std::optional<settings> load_selected(const file_options&);

/// One problem a line, on stderr.
void print_problems(const std::vector<problem>&);

/// The ledger of the options, else of the file, else the default name.
std::string ledger_of(const globals&, const settings&);

}  // namespace assay::cli
