#pragma once

#include <string>
#include <string_view>
#include <vector>

/// Text as Python sees it: the scorers that others publish are Python programs, and their results
/// depend on what `str.lower`, `str.split` and `str.strip` do. Sizes are bytes of UTF-8.
namespace assay::evaluation {

/// True for well-formed UTF-8 (no surrogates, no overlong forms, at most U+10FFFF).
bool is_utf8(std::string_view);

/// Offset of the first byte that is not UTF-8, or npos.
std::size_t first_bad_utf8(std::string_view);

/// Every malformed byte replaced by U+FFFD.
std::string repair_utf8(std::string_view);

/// `str.lower()` for well-formed text, with the two special cases of Python: U+0130 becomes two
/// code points, and a capital sigma that ends a word becomes the final one.
std::string lower(std::string_view);

/// `str.upper()` with simple mappings (no U+00DF to "SS").
std::string upper(std::string_view);

/// `str.strip()`.
std::string_view strip(std::string_view);

/// `str.split()`.
std::vector<std::string_view> split(std::string_view);

/// `" ".join(text.split())`.
std::string collapse_space(std::string_view);

/// The text without any white space.
std::string remove_space(std::string_view);

/// The text without the 32 characters of Python's `string.punctuation`.
std::string remove_punctuation(std::string_view);

/// Digits of all scripts as 0 to 9: what Python's `float` and `int` read.
std::string ascii_digits(std::string_view);

/// The text without the digits 0 to 9.
std::string remove_digits(std::string_view);

}  // namespace assay::evaluation
