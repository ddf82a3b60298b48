#include "app/nodes/node.hpp"

#include <unistd.h>

#include <CLI/App.hpp>
#include <algorithm>
#include <cctype>
#include <csignal>
#include <memory>
#include <random>
#include <thread>

#include "app/cli/input.hpp"
#include "app/run/session.hpp"
#include "app/version.hpp"

namespace assay::cli {

namespace {

struct node_arguments {
  app::node_options options;
  std::vector<std::string> at;                      ///< ACCOUNT=N
  bool no_anomalies = false, no_forecasts = false;  ///< a node does neither
};

std::string host_name() {
  char name[256] = "node";
  ::gethostname(name, sizeof name - 1);
  std::string host = name;
  std::transform(host.begin(), host.end(), host.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return host;
}

/// `openai=8` into the terms; a problem if it is nothing of the kind.
expected<void> read_share(const std::string& text, node_terms& into) {
  auto equals = text.find('=');
  auto number = equals == text.npos ? std::string{} : text.substr(equals + 1);
  auto digits =
      !number.empty() && number.size() < 7 &&
      std::all_of(number.begin(), number.end(), [](unsigned char c) { return std::isdigit(c); });
  if (!digits || equals == 0)
    return fail("--max-parallel-at", "\"" + text + "\" is not ACCOUNT=NUMBER",
                "for example openai=8");
  into.max_parallel_at[text.substr(0, equals)] = static_cast<std::uint32_t>(std::stoul(number));
  return {};
}

/// What an account can ask for (`node_tags`).
std::string bad_tag(const std::string& tag) {
  auto bad = tag.empty() || tag.find_first_of(" \t\r\n") != tag.npos;
  return bad ? "\"" + tag + "\" is no tag: they are separated by commas, without spaces" : "";
}

int work(const node_arguments& wanted) {
  auto options = wanted.options;
  auto& terms = options.terms;
  if (terms.name.empty()) terms.name = host_name();
  terms.version = app::version;
  terms.process = std::random_device{}();
  terms.cores = std::max(1u, std::thread::hardware_concurrency());
  for (const auto& share : wanted.at)
    if (auto read = read_share(share, terms); !read) {
      print_problems({read.error()});
      return usage_error;
    }
  app::block_stop_signals();
  auto here = app::node::make(options);
  if (!here) {
    print_problems({here.error()});
    return usage_error;
  }
  return (*here)->work(app::wait_for_stop_signal) ? success : interrupted;
}

}  // namespace

void add_node(CLI::App& app, globals&, action& chosen) {
  auto wanted = std::make_shared<node_arguments>();
  auto& options = wanted->options;
  auto* command = app.add_subcommand(
      "node", "Work for a coordinator (`assay serve`): make the calls that it hands out");
  command
      ->add_option("--coordinator", options.coordinators,
                   "Where it listens, HOST:PORT; with a standby HOST:PORT,HOST:PORT")
      ->delimiter(',')
      ->required();
  command
      ->add_option("--certificates", options.certificates,
                   "Folder with ca.pem, NAME.pem and NAME.key (`assay certs issue DIR NAME`)")
      ->required();
  command->add_option("--worker-id", options.terms.name,
                      "NAME in the certificate (default: this machine's name)");
  command
      ->add_option("--tags", options.terms.tags,
                   "What it is, for accounts that ask for it (node_tags): region=eu,gpu")
      ->delimiter(',')
      ->check(bad_tag);
  command
      ->add_option("--egress-address", options.egress,
                   "The address by which APIs see it, for limits of each address: nodes of one "
                   "address share them, `local` is the coordinator's (default: as the coordinator "
                   "sees it)")
      ->check(bad_egress);
  command->add_option("--max-parallel", options.terms.max_parallel, "Exchanges at the same time")
      ->check(CLI::Range(1u, 100'000u))
      ->capture_default_str();
  command->add_option("--max-parallel-at", wanted->at, "ACCOUNT=N: of one account; may be repeated")
      ->allow_extra_args(false);
  command
      ->add_option(
          "--programs", options.programs,
          "Programs that it runs at the same time in its sandbox; 0: none (default: one per "
          "core where bubblewrap works)")
      ->check(CLI::Range(0u, 1'000u));
  command->add_option("--results-dir", options.results_dir,
                      "Keep results that no coordinator has taken in this folder");
  command->add_flag("--disable-anomaly-detection", wanted->no_anomalies,
                    "Accepted: it is the coordinator that looks for anomalies");
  command->add_flag("--disable-predictive-analytics", wanted->no_forecasts,
                    "Accepted: it is the coordinator that makes forecasts");
  command->callback([&chosen, wanted] { chosen = [wanted] { return work(*wanted); }; });
}

}  // namespace assay::cli
