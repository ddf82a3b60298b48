#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "config/node.hpp"

namespace assay::config {

/// What is wrong with a text before it is even TOML. `at.file` is not set.
struct bad_text {
  place at;
  std::string what;
  std::string fix;
};

/// The largest settings or prompt file that is read.
inline constexpr std::size_t largest_file = 4 << 20;

/// The first byte that is no UTF-8 (or is a NUL), if there is one.
std::optional<bad_text> bad_character(std::string_view text);

/// What the TOML reader is not asked to digest: too large, not UTF-8, or nested so deeply that
/// recursion over the tree would not be safe.
std::optional<bad_text> check_text(std::string_view text);

}  // namespace assay::config
