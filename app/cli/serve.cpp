#include <CLI/App.hpp>
#include <cstdio>
#include <memory>
#include <set>

#include "app/cli/command.hpp"
#include "app/cli/run.hpp"
#include "app/nodes/coordinator.hpp"

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

std::optional<app::session_home> open_home(const settings& all, const serve_options& wanted,
                                           std::unique_ptr<app::coordinator>& into) {
  auto rules = all.nodes;
  if (!wanted.listen.empty()) rules.listen = wanted.listen;
  if (!wanted.certificates.empty()) rules.certificates = wanted.certificates;
  if (rules.listen.empty() || rules.certificates.empty()) {
    print_problems({{all.file, "nodes need an address and certificates",
                     "set listen and certificates in [nodes], or give --listen and "
                     "--certificates; `assay certs init` makes certificates"}});
    return std::nullopt;
  }
  auto opened = app::coordinator::open(rules, accounts_of(all), wanted.local);
  if (!opened) {
    print_problems({opened.error()});
    return std::nullopt;
  }
  into = std::move(*opened);
  std::fprintf(stderr, "nodes join at port %u\n", into->port());
  return into->home();
}

int serve(const serve_options& wanted, const globals& options) {
  std::unique_ptr<app::coordinator> here;
  return run_file(wanted.run, options,
                  [&](const settings& all) { return open_home(all, wanted, here); });
}

}  // namespace

void add_serve(CLI::App& app, globals& options, action& chosen) {
  auto wanted = std::make_shared<serve_options>();
  auto* command = app.add_subcommand(
      "serve",
      "Run the experiments of a file over nodes on other machines (`assay node`): the limits stay "
      "here, the calls are made there");
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
