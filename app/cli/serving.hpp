#pragma once

#include <cstdint>
#include <limits>
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
  std::string listen;            ///< instead of the file's
  std::string certificates;      ///< instead of the file's
  std::uint32_t calls_here = 0;  ///< of an account, made by this process at the same time
  /// Of a judge, run by this process at the same time; at most as many as the judge says.
  std::uint32_t programs_here = std::numeric_limits<std::uint32_t>::max();
};

void add_serving_options(CLI::App& command, serving_options&);

/// Waits until the ledger is ours to lead, then opens the door and says where. After it was printed
/// why not, the exit code. REQUIRES: stop signals are blocked.
tl::expected<std::unique_ptr<app::serving_stage>, exit_code> open_serving(settings,
                                                                          const serving_options&,
                                                                          const globals&);

}  // namespace assay::cli
