#pragma once

#include <filesystem>
#include <string>

#include "messages/problem.hpp"

namespace assay::importing {

/// The content of a file that an import reads; at most 1 GiB.
expected<std::string> read_file(const std::string& path);

/// `stated`, without `file://`, as seen from the folder of `from`.
std::string path_beside(const std::string& stated, const std::string& from);

/// The ending of a path in lower case, with its dot.
std::string ending_of(const std::string& path);

}  // namespace assay::importing
