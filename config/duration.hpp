#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace assay::config {

/// Milliseconds of a duration such as `500ms`, `1.5s`, `2m`, `1h`, `30d`; nothing if it is none.
std::optional<double> parse_duration_ms(std::string_view text);

/// The shortest way to write a duration: `1500ms`, `30s`.
std::string show_duration(long long milliseconds);

}  // namespace assay::config
