#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "messages/sample.hpp"

/// What the simulated models say where they are asked for programs (Python, in a fenced block).
namespace assay::simulated {

/// The field of a dataset that holds a program which solves the sample: HumanEval's name for it.
inline constexpr std::string_view solution_field = "canonical_solution";

/// The sample's solution, else a program that prints the right answer. Empty if it has neither.
std::string right_program(const sample&);

/// A program that runs and is wrong, does not compile, or fails as it runs.
std::string wrong_program(const sample&, std::uint64_t bits);

}  // namespace assay::simulated
