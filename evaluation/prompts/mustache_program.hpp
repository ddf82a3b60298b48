#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "messages/problem.hpp"

namespace assay::evaluation {

enum class instruction_kind : std::uint8_t { text, variable, section, inverted, end };

/// One step of a parsed template. `text` is literal text, or the name of a variable or section.
struct instruction {
  instruction_kind kind = instruction_kind::text;
  std::string text;
  std::size_t jump = 0;      ///< section: index of its `end`; end: index of its section
  std::size_t position = 0;  ///< offset in the template
};

/// Parses mustache (variables, sections, inverted sections, comments, `{{{x}}}`, changed
/// delimiters) into a flat program; lines that hold nothing but sections or comments vanish, as the
/// mustache specification says of standalone tags. Partials are refused. A problem is placed at
/// `where`, line and column of the template.
expected<std::vector<instruction>> parse_mustache(const std::string& text,
                                                  const std::string& where);

/// `line L, column C` of an offset.
std::string place_in(std::string_view text, std::size_t offset);

}  // namespace assay::evaluation
