#include "app/cli/serving.hpp"

#include <CLI/App.hpp>
#include <cstdio>

#include "app/cli/input.hpp"
#include "app/cli/run.hpp"

namespace assay::cli {

tl::expected<std::unique_ptr<app::serving_stage>, exit_code> open_serving(
    settings all, const serving_options& wanted, const globals& options) {
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
  auto opened = app::serving_stage::open(std::move(all), ledger, std::move(*leads),
                                         wanted.calls_here, "127.0.0.1", wanted.programs_here);
  if (!opened) return refuse(opened.error());
  std::fprintf(stderr, "nodes join at port %u\n", (*opened)->here().port());
  return std::move(*opened);
}

void add_serving_options(CLI::App& command, serving_options& wanted) {
  command.add_option("--listen", wanted.listen,
                     "Where nodes join, HOST:PORT (default: listen of [nodes])");
  command.add_option("--certificates", wanted.certificates,
                     "Folder with ca.pem, coordinator.pem and coordinator.key (default: "
                     "certificates of [nodes])");
}

}  // namespace assay::cli
