#pragma once

#include <string>
#include <string_view>

#include "config/load.hpp"
#include "config/report.hpp"

namespace assay::config {

/// `raw` with every `${NAME}` replaced from the environment and every `$$` by `$`; any other `$`
/// stands for itself. False, with problems at `at`, if a variable is missing or not UTF-8, or if a
/// `${` does not begin a name.
bool fill_in(std::string_view raw, const environment&, report&, place at, std::string& filled);

}  // namespace assay::config
