#include <CLI/App.hpp>
#include <cstdio>

#include "app/cli/command.hpp"
#include "app/version.hpp"

namespace assay::cli {

void add_version(CLI::App& app, globals& options, action& chosen) {
  auto* command = app.add_subcommand("version", "Print the version");
  command->callback([&] {
    chosen = [&options] {
      std::printf(options.json ? "{\"version\":\"%s\"}\n" : "assay %s\n", app::version);
      return int{success};
    };
  });
}

}  // namespace assay::cli
