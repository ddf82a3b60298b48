#pragma once

#include <functional>
#include <string>

#include "messages/problem.hpp"

namespace assay::app {

/// Sends the log to stderr, or to `file` if it is not empty. Levels: trace, debug, info, warn,
/// error, off. One line an event: time, level, a stable event id, key=value pairs.
expected<void> start_logging(const std::string& level, const std::string& file);

/// While set, lines for stderr go through `print` (the progress display prints them above itself).
void redirect_log(std::function<void(const std::string& line)> print);

}  // namespace assay::app
