#pragma once

namespace assay::app {

/// The version of the program, e.g. `0.1.0`.
inline constexpr const char* version = ASSAY_VERSION;

}  // namespace assay::app
