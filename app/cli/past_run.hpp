#pragma once

#include <memory>
#include <optional>
#include <string>

#include "app/cli/command.hpp"
#include "messages/problem.hpp"
#include "storage/ledger.hpp"

/// What the commands that look at past runs share.
namespace assay::cli {

struct past_run {
  std::string ledger_path;
  std::unique_ptr<storage::ledger> ledger;
  storage::run_info info;
};

/// Opens a ledger that exists; looking must not create one.
expected<std::unique_ptr<storage::ledger>> open_existing(const std::string& path);

/// The run of this id or experiment name, or `latest`, in the ledger of the options. If there is
/// none, the problem names what is there.
expected<past_run> find_past_run(const globals&, const std::string& name);

/// `EXPERIMENT-runID.EXTENSION`, with a name that is safe for a file.
std::string file_name(const storage::run_info&, const std::string& extension);

/// A file of this name beside the ledger.
std::string path_beside(const past_run&, const std::string& extension);

/// Prints the problem to stderr.
int complain(const problem&);

/// Writes to the path, creating its folder, or to stdout for `-`.
expected<void> write_output(const std::string& path, const std::string& text);

}  // namespace assay::cli
