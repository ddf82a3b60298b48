#pragma once

#include <filesystem>
#include <string>

#include "messages/problem.hpp"

namespace assay::cli {

/// Writes a file that is not there yet. One that is stays as it is, and is a problem with `advice`.
expected<void> write_new(const std::filesystem::path&, const std::string& text,
                         const std::string& advice);
/// Writes a file, also in place of one that is there.
expected<void> write_over(const std::filesystem::path&, const std::string& text);

}  // namespace assay::cli
