#pragma once

#include <filesystem>
#include <functional>
#include <string>

namespace CLI {
class App;
}

namespace assay::cli {

/// What every command exits with.
enum exit_code : int {
  success = 0,
  usage_error = 2,       ///< command line, config or any other input
  some_errors = 3,       ///< some samples ended in error
  threshold_missed = 4,  ///< a mean score is below its threshold, or a required field is missing
  interrupted = 130,
};

/// Options before or after any command.
struct globals {
  std::string log_level = "info";
  std::string log_file;  ///< empty: stderr
  std::string ledger;    ///< empty: the config's, else `assay-results/ledger.db`
  bool quiet = false;
  bool json = false;  ///< machine output on stdout, log on stderr
};

/// What the chosen command does; gives the exit code.
using action = std::function<int()>;

/// Each adds one command to the program and, when the command is chosen, stores what to do.
void add_run(CLI::App&, globals&, action&);
void add_check(CLI::App&, globals&, action&);
void add_init(CLI::App&, globals&, action&);
void add_import(CLI::App&, globals&, action&);
void add_plan(CLI::App&, globals&, action&);
void add_probe(CLI::App&, globals&, action&);
void add_bench(CLI::App&, globals&, action&);
void add_runs(CLI::App&, globals&, action&);
void add_show(CLI::App&, globals&, action&);
void add_export(CLI::App&, globals&, action&);
void add_extract(CLI::App&, globals&, action&);
void add_report(CLI::App&, globals&, action&);
void add_judge(CLI::App&, globals&, action&);
void add_compare(CLI::App&, globals&, action&);
void add_usage(CLI::App&, globals&, action&);
void add_db(CLI::App&, globals&, action&);
void add_mock(CLI::App&, globals&, action&);
void add_serve(CLI::App&, globals&, action&);
void add_node(CLI::App&, globals&, action&);
void add_certs(CLI::App&, globals&, action&);
void add_demo(CLI::App&, globals&, action&);
void add_version(CLI::App&, globals&, action&);

/// The ledger the options, else the file, else the default name.
std::string ledger_path(const globals&, const std::string& from_config = {});

/// The folder of the ledger's file; `assay-results` if the ledger is on a server.
std::filesystem::path folder_beside(const std::string& ledger);

}  // namespace assay::cli
