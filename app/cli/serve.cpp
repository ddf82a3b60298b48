#include <CLI/App.hpp>
#include <memory>

#include "app/cli/command.hpp"
#include "app/cli/run.hpp"
#include "app/cli/serving.hpp"

namespace assay::cli {

namespace {

struct serve_options {
  run_options run;
  serving_options door;
};

int serve(const serve_options& wanted, const globals& options) {
  auto open = [&](settings all) -> stage_or_code {
    auto opened = open_serving(std::move(all), wanted.door, options);
    if (!opened) return tl::make_unexpected(opened.error());
    return std::move(*opened);
  };
  return run_file(wanted.run, options, open, print_report);
}

}  // namespace

void add_serve(CLI::App& app, globals& options, action& chosen) {
  auto wanted = std::make_shared<serve_options>();
  auto* command = app.add_subcommand(
      "serve",
      "Run the experiments of a file over nodes on other machines (`assay node`): the limits stay "
      "here, the calls are made there. A second one for the same ledger stands by and takes over");
  add_run_options(*command, wanted->run);
  add_serving_options(*command, wanted->door);
  command->add_option("--local", wanted->door.calls_here,
                      "Exchanges of an account that this process makes itself at the same time");
  command
      ->add_option("--programs", wanted->door.programs_here,
                   "Programs of a judge that this process runs itself at the same time; 0: only "
                   "nodes run them (default: workers of [sandbox])")
      ->check(CLI::Range(0u, 1'000u));
  command->callback([&options, &chosen, wanted] {
    chosen = [&options, wanted] { return serve(*wanted, options); };
  });
}

}  // namespace assay::cli
