#pragma once

#include <string>

#include "config/report.hpp"

namespace assay::config {

/// The value as JSON, keys sorted by their bytes. Dates, NaN and infinity are problems: JSON has
/// none.
std::string to_json(report&, const node&);

}  // namespace assay::config
