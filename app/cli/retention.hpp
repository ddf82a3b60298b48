#pragma once

#include "app/cli/command.hpp"

namespace assay::cli {

/// Adds `archive`, `prune` and `restore` to `assay db`.
void add_retention(CLI::App& db, globals&, action&);

}  // namespace assay::cli
