#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <memory>

#include "app/cli/past_run.hpp"
#include "app/cli/run.hpp"
#include "app/demo/folder.hpp"
#include "app/demo/node_stage.hpp"
#include "app/demo/results.hpp"
#include "app/stage/virtual_stage.hpp"

namespace assay::cli {

namespace {

struct demo_options {
  demo::wishes wanted;
  std::string mode = "simulation";
  std::uint32_t workers = 3;
  std::string folder;
  bool unsafe_no_sandbox = false;
};

demo::folder folder_of(const demo_options& o) {
  auto top = o.folder.empty() ? "assay-demo/" + o.wanted.suite + "-" + std::to_string(o.wanted.seed)
                              : o.folder;
  return {top, o.mode};
}

/// Now; or when the last simulation ended, if its virtual time is ahead of ours.
std::chrono::system_clock::time_point calendar_after(const std::string& ledger_path) {
  auto begins = std::chrono::system_clock::now();
  if (!storage::may_exist(ledger_path)) return begins;
  auto ledger = storage::open_ledger(ledger_path);
  if (!ledger) return begins;  // the run will say why
  if (auto runs = (*ledger)->runs())
    for (const auto& run : *runs)
      begins = std::max(begins, std::chrono::system_clock::time_point(
                                    std::chrono::nanoseconds(run.ended_unix_ns)));
  return begins;
}

stage_or_code open_stage(settings all, const demo_options& o, const demo::folder& where) {
  if (o.mode == "simulation") {
    auto simulated = app::virtual_stage(std::move(all),
                                        {o.workers, o.wanted.seed, calendar_after(where.ledger())});
    if (!simulated) return refuse(simulated.error());
    return std::move(*simulated);
  }
  auto leads = app::leadership::await(where.ledger(), app::wait_for_stop_signal);
  if (!leads) return refuse({leads.error()});
  if (!*leads) return tl::make_unexpected(interrupted);
  demo::node_options nodes{where, {}, o.mode == "distributed"};
  for (std::uint32_t i = 1; i <= o.workers; ++i) nodes.names.push_back("node-" + std::to_string(i));
  auto opened = demo::node_stage::open(std::move(all), std::move(*leads), nodes);
  if (!opened) return refuse(opened.error());
  return std::move(*opened);
}

/// Reads what the ledger has, writes it to the folder, and prints it.
expected<void> tell(const demo_options& o, const demo::folder& where, const globals& options) {
  auto ledger = open_existing(where.ledger());
  if (!ledger) return tl::make_unexpected(ledger.error());
  auto read = demo::read_results(**ledger, o.wanted, o.mode, o.workers);
  if (!read) return tl::make_unexpected(read.error());
  const auto json = demo::to_json(*read);
  if (auto written = write_output(where.results(), json); !written) return written;
  const auto text = options.json ? json
                                 : demo::to_text(*read) + "\nresults: " + where.results().string() +
                                       "\nreports: " + (where.of_mode() / "*.html").string() + "\n";
  std::fwrite(text.data(), 1, text.size(), stdout);
  return {};
}

int run_demo(const demo_options& o, globals options) {
  const auto where = folder_of(o);
  auto ready = demo::check(o.wanted);
  if (ready) ready = demo::fill(where, o.wanted);
  if (!ready) return complain(ready.error());
  options.ledger = where.ledger();
  run_options run;
  run.input.file = where.experiment();
  run.unsafe_no_sandbox = o.unsafe_no_sandbox;
  const auto code = run_file(
      run, options, [&](settings all) { return open_stage(std::move(all), o, where); },
      [](const auto&...) {});
  if (code == usage_error || code == interrupted) return code;
  if (auto told = tell(o, where, options); !told) return complain(told.error());
  return code;
}

}  // namespace

void add_demo(CLI::App& app, globals& options, action& chosen) {
  auto wanted = std::make_shared<demo_options>();
  auto* command = app.add_subcommand(
      "demo", "Rank simulated models from end to end: in virtual time, over processes, over hosts");
  command
      ->add_option(
          "--mode", wanted->mode,
          "simulation: virtual time in one process; multiprocess: a coordinator and nodes "
          "on this host; distributed: each node on a host (network) of its own, needs root")
      ->check(CLI::IsMember({"simulation", "multiprocess", "distributed"}))
      ->capture_default_str();
  command
      ->add_option("--suite", wanted->wanted.suite,
                   "basic; comprehensive: programs, tools and a model as judge too; stress: "
                   "thousands of tasks, failures, limits that nobody told")
      ->check(CLI::IsMember(demo::suite_names()))
      ->capture_default_str();
  command
      ->add_option("--apis", wanted->wanted.apis,
                   "Whose formats the simulated providers speak: " + demo::list_of_apis())
      ->delimiter(',')
      ->capture_default_str();
  command->add_option("--workers", wanted->workers, "Nodes that make the calls")
      ->check(CLI::Range(1u, 64u))
      ->capture_default_str();
  command->add_option("--seed", wanted->wanted.seed, "Decides questions, accuracies and latencies")
      ->capture_default_str();
  command->add_option("--output-dir", wanted->folder,
                      "Where all of it goes (default: assay-demo/SUITE-SEED); a demo that is there "
                      "goes on");
  command->add_flag("--unsafe-no-sandbox", wanted->unsafe_no_sandbox,
                    "Run programs of the simulated models where there is no bubblewrap");
  command->callback([&options, &chosen, wanted] {
    chosen = [&options, wanted] { return run_demo(*wanted, options); };
  });
}

}  // namespace assay::cli
