#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace assay::evaluation {

/// What a FinQA program or answer comes to: a number rounded to five places, or `yes` / `no`.
using finqa_result = std::variant<double, std::string>;

/// `str_to_num` of FinQA's `evaluate.py`: commas are dropped, `8%` is 0.08, `const_100` is 100,
/// `const_m1` is -1.
std::optional<double> finqa_number(std::string_view text);

/// True if the text starts like a program: an operation and a bracket.
bool is_finqa_program(std::string_view text);

/// Runs a program such as `subtract(5829, 5735), divide(#0, 5735)` as FinQA's `eval_program` does.
/// `table` is the row's table as JSON text (an array of rows, the first cell of each its name),
/// empty for none. Nothing if the program is not valid.
std::optional<finqa_result> run_finqa_program(std::string_view program, std::string_view table);

}  // namespace assay::evaluation
