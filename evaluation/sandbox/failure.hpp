#pragma once

#include <string>

#include "evaluation/sandbox/sandbox.hpp"

namespace assay::sandbox {

/// Why a program did not end well: its time-out, its signal, the last line that it complained with.
/// Well-formed UTF-8. REQUIRES: not `good()`.
std::string describe_failure(const result&, const sandbox_settings&);

}  // namespace assay::sandbox
