#pragma once

#include <memory>
#include <string>
#include <tl/expected.hpp>

#include "app/cli/command.hpp"
#include "app/stage/serving_stage.hpp"

namespace CLI {
class App;
}

/// What the commands that nodes join share.
namespace assay::cli {

struct serving_options {
  std::string listen;        ///< instead of the file's
  std::string certificates;  ///< instead of the file's
};

void add_serving_options(CLI::App& command, serving_options&);

/// Waits until the ledger is ours to lead, then opens the door and says where. `places_here`:
/// exchanges of an account that this process makes itself. After it was printed why not, the exit
/// code. REQUIRES: stop signals are blocked.
tl::expected<std::unique_ptr<app::serving_stage>, exit_code> open_serving(settings,
                                                                          const serving_options&,
                                                                          std::uint32_t places_here,
                                                                          const globals&);

}  // namespace assay::cli
