#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace assay::evaluation {

/// Bytes of a text that a tool gives at once.
inline constexpr std::size_t page_size = 8'000;

/// A part of a text of `total` bytes that begins at `offset`, as a model is given it: valid UTF-8,
/// with a line before it that says which part it is and how to get the next one, unless it is the
/// whole. Characters that are cut at either end go to the page on which they begin. `part` should
/// have a few bytes more than a page, if there are more.
std::string show_page(std::string_view part, std::size_t offset, std::size_t total);

/// The same of a text that is at hand.
std::string show_page_of(std::string_view text, std::size_t offset);

}  // namespace assay::evaluation
