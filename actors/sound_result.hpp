#pragma once

#include <string>

#include "messages/attempt.hpp"

namespace assay::actors {

/// Why a result that came from another machine cannot be true, or empty. Numbers of enumerators
/// and counts are checked, so that nothing that reads the result later can be led astray by it.
std::string unsound(const exchange_result&);
std::string unsound(const early_headers&);

}  // namespace assay::actors
