#pragma once

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>

namespace assay::tests {

/// A file of the optional data folder (`$ASSAY_SHARED`, else `../shared` beside the checkout), or
/// nothing if it is not there: the test then says so and is skipped.
inline std::optional<std::string> shared_data(const std::string& name) {
  const char* set = std::getenv("ASSAY_SHARED");
  auto folder = std::filesystem::path(set ? set : "../shared");
  auto path = folder / "data" / name;
  if (!std::filesystem::exists(path)) return std::nullopt;
  return path.string();
}

}  // namespace assay::tests
