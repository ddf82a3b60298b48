#pragma once

#include <optional>
#include <string_view>

#include "config/load.hpp"
#include "config/node.hpp"
#include "config/report.hpp"

namespace assay::config {

/// The root table of a TOML text, `${NAME}` in all texts replaced. Nothing, with a problem, if the
/// text is no TOML at all; a value that cannot be used is reported and left in the tree as
/// `broken`.
std::optional<node> read_toml(std::string_view text, std::uint32_t file, const environment&,
                              report&);

}  // namespace assay::config
