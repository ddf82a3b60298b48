#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace assay::analysis {

/// The compact letter display (Piepho 2004): two of `count` entries share a letter if and only if
/// they are not distinguishable. Entries are best first, and so are the letters: `a`, `b`, ...
/// `z`, `aa`, ... An entry in several groups has several, e.g. {"a", "b"}.
std::vector<std::vector<std::string>> letter_groups(
    std::size_t count, const std::function<bool(std::size_t, std::size_t)>& distinguishable);

}  // namespace assay::analysis
