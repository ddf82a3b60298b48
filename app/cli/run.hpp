#pragma once

#include <functional>
#include <tl/expected.hpp>

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

/// Where the actors of all runs of a file live; or, after it was printed why not, the exit code.
using home_or_code = tl::expected<app::session_home, exit_code>;
using make_home = std::function<home_or_code(const settings&)>;

/// Runs the experiments of a file one after the other; in homes of their own if `home` is empty.
int run_file(const run_options&, const globals&, const make_home& home);

}  // namespace assay::cli
