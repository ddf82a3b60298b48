#pragma once

#include <string_view>
#include <vector>

namespace assay::simulated {

/// The items of a prompt that asks for several numbered answers in one JSON list:
/// `<NAME id="1">\n...\n</NAME>`, with one name that begins with `item` and numbers from 1 without
/// a gap. Empty for any other prompt. The views point into it.
std::vector<std::string_view> numbered_items(std::string_view prompt);

}  // namespace assay::simulated
