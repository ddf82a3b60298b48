#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

/// Prompts that ask for the fields of a form from numbered passages, and where their values stand.
namespace assay::simulated {

struct form_passage {
  int id = 0;
  std::string_view text;
};

struct form_field {
  int id = 0;
  std::string name;
  std::string expects;  ///< `a text`, `a number`, `one of "a", "b"` ...
  std::string description;
};

/// The views point into the prompt.
struct extraction_form {
  std::vector<form_passage> passages;  ///< `<passage... id="1" ...>\n...\n</passage...>`
  std::vector<form_field> fields;      ///< lines of JSON with `id`, `name` and `expects`
};

/// No fields for any other prompt.
extraction_form read_form(std::string_view prompt);

struct found_value {
  nlohmann::json value;  ///< null: stands nowhere
  int passage = 0;
};

/// Looks for a line `LABEL: value`, or a row of a table `LABEL | value | value`, whose label is the
/// text in quotes of the field's description, else the field's name in words. A year in the
/// description chooses the column whose head it is. The value is read as what the field expects.
found_value look_up(const extraction_form&, const form_field&);

}  // namespace assay::simulated
