#pragma once

#include <optional>
#include <string_view>

#include "providers/http.hpp"

namespace assay::dialects {

/// True if `a` and `b` are equal but for the case of ASCII letters.
bool same_word(std::string_view a, std::string_view b);

/// `text` without blanks, tabs and line breaks at both ends.
std::string_view trimmed(std::string_view text);

/// The trimmed value of the first header called `name` (any case), or nothing.
std::optional<std::string_view> find_header(const header_list&, std::string_view name);

}  // namespace assay::dialects
