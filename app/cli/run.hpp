#pragma once

#include <functional>
#include <optional>

#include "app/cli/input.hpp"
#include "app/run/session.hpp"

/// What `assay run` and `assay serve` share.
namespace assay::cli {

struct run_options {
  file_options input;
  bool dry_run = false;
  bool unsafe_no_sandbox = false;
};

void add_run_options(CLI::App& command, run_options&);

/// Gives the place where the actors of all runs of a file live; nothing after it has printed why
/// not.
using make_home = std::function<std::optional<app::session_home>(const settings&)>;

/// Runs the experiments of a file one after the other; in homes of their own if `home` is empty.
int run_file(const run_options&, const globals&, const make_home& home);

}  // namespace assay::cli
