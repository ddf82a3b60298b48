#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>

#include "app/cli/command.hpp"
#include "app/cli/unexpected_argument.hpp"
#include "app/log.hpp"
#include "app/version.hpp"

using namespace assay;

namespace {

void add_globals(CLI::App& app, cli::globals& options) {
  app.add_option("--log-level", options.log_level, "trace, debug, info, warn, error or off")
      ->capture_default_str();
  app.add_option("--log-file", options.log_file, "Write the log to this file instead of stderr");
  app.add_option("--ledger", options.ledger,
                 "The store of all records (default: the experiment's, else "
                 "assay-results/ledger.db)");
  app.add_flag("-q,--quiet", options.quiet, "No progress");
  app.add_flag("--json", options.json, "Machine output on stdout; the log stays on stderr");
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{
      "assay measures language-model APIs: how good the answers are, and how well the "
      "service behaves."};
  app.require_subcommand(0, 1);
  app.fallthrough();
  app.set_version_flag("--version", std::string{"assay "} + app::version);
  cli::globals options;
  add_globals(app, options);
  cli::action chosen;
  for (auto add :
       {cli::add_run,   cli::add_plan,    cli::add_probe,  cli::add_bench,   cli::add_check,
        cli::add_init,  cli::add_import,  cli::add_runs,   cli::add_show,    cli::add_report,
        cli::add_judge, cli::add_compare, cli::add_export, cli::add_extract, cli::add_usage,
        cli::add_db,    cli::add_serve,   cli::add_node,   cli::add_certs,   cli::add_demo,
        cli::add_mock,  cli::add_version})
    add(app, options, chosen);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ExtrasError&) {
    std::fprintf(stderr, "%s\n", render(cli::unexpected_argument(app)).c_str());
    return cli::usage_error;
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? cli::success : cli::usage_error;
  }
  if (!chosen) {
    std::fputs(app.help().c_str(), stdout);
    return argc > 1 ? cli::usage_error : cli::success;
  }
  if (auto logging = app::start_logging(options.log_level, options.log_file); !logging) {
    std::fprintf(stderr, "%s\n", render(logging.error()).c_str());
    return cli::usage_error;
  }
  return chosen();
}
