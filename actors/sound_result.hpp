#pragma once

#include <string>

#include "messages/node.hpp"

namespace assay::actors {

/// Why a report that came from another machine cannot be true, or empty. Numbers of enumerators,
/// counts and times are checked, so that nothing that reads it later can be led astray by it.
std::string unsound(const exchange_result&);
std::string unsound(const early_headers&);
std::string unsound(const heartbeat&);
std::string unsound(const ended_examination&);

}  // namespace assay::actors
