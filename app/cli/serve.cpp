#include <CLI/App.hpp>
#include <cstdio>
#include <memory>

#include "app/cli/command.hpp"
#include "app/cli/run.hpp"
#include "app/stage/serving_stage.hpp"

namespace assay::cli {

namespace {

struct serve_options {
  run_options run;
  std::string listen;        ///< instead of the file's
  std::string certificates;  ///< instead of the file's
  std::uint32_t local = 0;
};

/// Waits until the ledger is ours to lead, then opens the door.
stage_or_code open_stage(settings all, const serve_options& wanted, const globals& options) {
  if (!wanted.listen.empty()) all.nodes.listen = wanted.listen;
  if (!wanted.certificates.empty()) all.nodes.certificates = wanted.certificates;
  if (all.nodes.listen.empty() || all.nodes.certificates.empty())
    return refuse({{all.file, "nodes need an address and certificates",
                    "set listen and certificates in [nodes], or give --listen and "
                    "--certificates; `assay certs init` makes certificates"}});
  const auto ledger = ledger_of(options, all);
  auto leads = app::leadership::await(ledger, app::wait_for_stop_signal);
  if (!leads) return refuse({leads.error()});
  if (!*leads) return tl::make_unexpected(interrupted);
  auto opened = app::serving_stage::open(std::move(all), ledger, std::move(*leads), wanted.local);
  if (!opened) return refuse(opened.error());
  std::fprintf(stderr, "nodes join at port %u\n", (*opened)->here().port());
  return std::move(*opened);
}

int serve(const serve_options& wanted, const globals& options) {
  return run_file(
      wanted.run, options,
      [&](settings all) { return open_stage(std::move(all), wanted, options); }, print_report);
}

}  // namespace

void add_serve(CLI::App& app, globals& options, action& chosen) {
  auto wanted = std::make_shared<serve_options>();
  auto* command = app.add_subcommand(
      "serve",
      "Run the experiments of a file over nodes on other machines (`assay node`): the limits stay "
      "here, the calls are made there. A second one for the same ledger stands by and takes over");
  add_run_options(*command, wanted->run);
  command->add_option("--listen", wanted->listen,
                      "Where nodes join, HOST:PORT (default: listen of [nodes])");
  command->add_option("--certificates", wanted->certificates,
                      "Folder with ca.pem, coordinator.pem and coordinator.key (default: "
                      "certificates of [nodes])");
  command->add_option("--local", wanted->local,
                      "Exchanges of an account that this process makes itself at the same time");
  command->callback([&options, &chosen, wanted] {
    chosen = [&options, wanted] { return serve(*wanted, options); };
  });
}

}  // namespace assay::cli
