#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "messages/sample.hpp"

namespace assay::evaluation {

/// The program in an answer, as it stands there: of its fenced blocks the last one that defines
/// `entry_point`, else the last one marked as Python, else the last one; without any block the
/// whole answer. A block that is not closed goes to the end.
std::string extract_program(std::string_view answer, std::string_view entry_point = {});

/// What a sample brings along to check a program with, as HumanEval does: its input is the
/// beginning of the program, `test` defines `check`, which is called with `entry_point`.
struct program_test {
  std::string_view entry_point;
  std::string_view code;
};

/// The test of a sample; nothing if it has not both fields.
std::optional<program_test> test_of(const sample&);

/// A whole program that runs the sample's test on `program`, which may be the rest of the input or
/// stand for itself, and then prints `token`.
std::string with_test(const sample&, const program_test&, std::string_view program,
                      std::string_view token);

}  // namespace assay::evaluation
