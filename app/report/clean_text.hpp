#pragma once

#include <cstddef>
#include <string>
#include <string_view>

/// Texts of models and services are foreign bytes: they are made safe here before they reach a
/// terminal, a page or a file.
namespace assay::report {

/// The text with each byte that does not belong to valid UTF-8 replaced by U+FFFD.
std::string valid_utf8(std::string_view);

/// Valid UTF-8 without anything that a terminal would obey: control characters other than newline
/// and tab are shown as `\x1b`, and so are C1 controls and marks that turn the writing direction.
std::string for_terminal(std::string_view);

/// How many columns a text takes, counting each code point as one.
std::size_t columns_of(std::string_view);

/// The text on one line, cut to `columns` with ` ..` if it is longer; line breaks become spaces.
std::string one_line(std::string_view, std::size_t columns);

/// The first `characters` code points, never cutting one in two.
std::string_view first_characters(std::string_view, std::size_t characters);

}  // namespace assay::report
