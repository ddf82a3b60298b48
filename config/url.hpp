#pragma once

#include <string>
#include <string_view>

namespace assay::config {

/// Why `url` cannot be a base URL (`http(s)://host[:port][/path]` or `mock:NAME`), in words that do
/// not repeat it; empty if it can.
std::string bad_base_url(std::string_view url);

/// The name in `mock:NAME`; empty for any other URL.
std::string_view mock_name(std::string_view url);

}  // namespace assay::config
