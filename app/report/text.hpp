#pragma once

#include <string>

#include "app/report/document.hpp"

namespace assay::report {

/// The document for a terminal: at most 80 columns, aligned, without colour.
std::string to_text(const document&);

/// The summary for a terminal, long tables cut.
std::string to_text(const run_summary&);

}  // namespace assay::report
