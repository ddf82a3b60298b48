#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Dates of the calendar as texts.
namespace assay::evaluation {

/// `2007-12-31`, and such a day exists.
bool is_iso_date(std::string_view text);

/// Reads `2007-12-31`, `December 31, 2007`, `Dec. 31 2007`, `31 December 2007`; as `2007-12-31`.
/// Nothing for dates whose parts could be told in two ways, such as `3/4/2007`.
std::optional<std::string> read_date(std::string_view text);

/// How a date of the form `2007-12-31` may be written, as words in lower case with single spaces.
std::vector<std::string> spellings(std::string_view iso_date);

}  // namespace assay::evaluation
