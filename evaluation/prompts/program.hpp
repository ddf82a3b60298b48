#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "evaluation/prompts/mustache_program.hpp"
#include "messages/problem.hpp"
#include "messages/sample.hpp"

namespace assay::evaluation {

/// What a template can say of a sample; `letter` and `text` within a section over `choices`.
enum class variable : std::uint8_t {
  none,
  input,
  id,
  choices,
  letters,
  task_type,
  difficulty,
  letter,
  text,
  field,
  given,  ///< a value of the caller's, beside the sample
};

/// A value that a template may name besides what the sample has.
struct given_value {
  std::string_view name;
  std::string text;
};

/// An instruction whose name has been looked up; `text` is literal text, or the name of a field or
/// of a given value.
struct step {
  instruction_kind kind;
  variable what = variable::none;
  std::string text;
  std::size_t jump = 0;
};

/// A variable that a sample must have.
struct need {
  variable what;
  std::string field;  ///< name of the field or given value

  bool operator==(const need&) const = default;
};

/// A template ready to run over samples.
struct program {
  std::vector<step> steps;
  std::size_t literal_bytes = 0;
};

/// Parses a template and looks its names up, first among those of the `given` values; adds what it
/// needs of a sample and of these to `needs`.
expected<program> compile_template(const std::string& text, const std::string& where,
                                   std::vector<need>& needs,
                                   const std::vector<std::string_view>& given = {});

/// The text of a template for a sample; what the sample lacks is empty.
std::string run_program(const program&, const sample&, const std::vector<given_value>& = {});

/// True if the sample, or what is given, has what is needed; an empty given value is none.
bool has(const sample&, const need&, const std::vector<given_value>& = {});

/// The name in a template, e.g. `task_type`.
std::string_view name_of(variable);

/// The value of a field of the row, or null.
const std::string* find_field(const sample&, const std::string& name);

}  // namespace assay::evaluation
