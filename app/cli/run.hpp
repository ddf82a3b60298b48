#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <tl/expected.hpp>

#include "app/cli/carry_out.hpp"
#include "app/cli/input.hpp"
#include "app/stage/stage.hpp"

/// What the commands that run the experiments of a file share.
namespace assay::cli {

struct run_options {
  file_options input;
  bool dry_run = false;
  bool unsafe_no_sandbox = false;
};

void add_run_options(CLI::App& command, run_options&);

/// The stage for the runs of a file; or, after it was printed why not, the exit code.
using stage_or_code = tl::expected<std::unique_ptr<app::stage>, exit_code>;
using make_stage = std::function<stage_or_code(settings)>;
/// Shows what a run came to; its HTML report is at the path, which is empty if it was not written.
using show_run =
    std::function<void(const finished_run&, const std::filesystem::path& html, const globals&)>;

/// Prints the problems.
tl::unexpected<exit_code> refuse(const std::vector<problem>&);

/// The summary on stdout.
void print_report(const finished_run&, const std::filesystem::path& html, const globals&);

/// Runs the experiments of a file one after the other; the exit code.
int run_file(const run_options&, const globals&, const make_stage&, const show_run&);

}  // namespace assay::cli
