#include <CLI/App.hpp>
#include <cstdio>
#include <memory>
#include <set>

#include "app/cli/command.hpp"
#include "app/cli/run.hpp"
#include "app/nodes/coordinator.hpp"
#include "app/nodes/leadership.hpp"

namespace assay::cli {

namespace {

struct serve_options {
  run_options run;
  std::string listen;        ///< instead of the file's
  std::string certificates;  ///< instead of the file's
  std::uint32_t local = 0;
};

/// Every account that may be called: those of models that experiments, judges and extraction name.
/// A key that is not here may be at the nodes.
std::vector<actors::account_access_ptr> accounts_of(const settings& all) {
  std::vector<actors::account_access_ptr> accounts;
  std::set<std::string> used;
  for (const auto& model : all.models) {
    used.insert(model.providers.begin(), model.providers.end());
    used.insert(model.fallback.begin(), model.fallback.end());
  }
  for (const auto& name : used) {
    auto access = std::make_shared<actors::account_access>();
    access->settings = *find_named(all.providers, name);
    if (auto key = catalog::resolve(access->settings.credential, name)) access->key = *key;
    accounts.push_back(std::move(access));
  }
  return accounts;
}

/// What a coordinator holds while it serves.
struct service {
  std::unique_ptr<app::leadership> leads;
  std::unique_ptr<app::coordinator> nodes;
};

tl::unexpected<exit_code> refuse(const problem& p) {
  print_problems({p});
  return tl::make_unexpected(usage_error);
}

expected<std::string> secret_of(const std::string& ledger) {
  auto opened = storage::open_ledger(ledger);
  if (!opened) return tl::make_unexpected(opened.error());
  return (*opened)->secret("seal");
}

/// Waits until the ledger is ours to lead, then opens the door.
home_or_code open_home(const settings& all, const serve_options& wanted, const globals& options,
                       service& here) {
  auto rules = all.nodes;
  if (!wanted.listen.empty()) rules.listen = wanted.listen;
  if (!wanted.certificates.empty()) rules.certificates = wanted.certificates;
  if (rules.listen.empty() || rules.certificates.empty())
    return refuse({all.file, "nodes need an address and certificates",
                   "set listen and certificates in [nodes], or give --listen and "
                   "--certificates; `assay certs init` makes certificates"});
  auto leads = app::leadership::await(ledger_of(options, all), app::wait_for_stop_signal);
  if (!leads) return refuse(leads.error());
  if (!*leads) return tl::make_unexpected(interrupted);
  auto opened = secret_of(ledger_of(options, all)).and_then([&](const std::string& secret) {
    return app::coordinator::open(rules, accounts_of(all), wanted.local, secret);
  });
  if (!opened) return refuse(opened.error());
  here = {std::move(*leads), std::move(*opened)};
  std::fprintf(stderr, "nodes join at port %u\n", here.nodes->port());
  auto home = here.nodes->home();
  home.term = here.leads->term();
  home.lost = [leads = here.leads.get()] { return leads->lost(); };
  return home;
}

int serve(const serve_options& wanted, const globals& options) {
  service here;
  return run_file(wanted.run, options,
                  [&](const settings& all) { return open_home(all, wanted, options, here); });
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
