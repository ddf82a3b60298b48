#include "actors/parcels.hpp"

#include <spdlog/fmt/fmt.h>

namespace assay::actors {

std::string too_large(const char* what, std::size_t bytes, std::size_t most) {
  auto megabytes = [](std::size_t n) { return static_cast<double>(n) / (1 << 20); };
  return fmt::format(
      "the {} takes {:.1f} MB, more than a message between coordinator and node may ({:.0f} MB): "
      "raise max_message_mb in [nodes]",
      what, megabytes(bytes), megabytes(most));
}

}  // namespace assay::actors
