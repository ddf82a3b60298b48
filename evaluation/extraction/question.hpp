#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "evaluation/extraction/corpus.hpp"
#include "evaluation/extraction/field_check.hpp"
#include "messages/chat.hpp"
#include "messages/extraction_template.hpp"

/// One call of an extraction: what the model is shown and asked, and how its answer is read.
namespace assay::evaluation {

/// A field that a call asks for.
struct asked_field {
  std::size_t field = 0;  ///< index in the template
  std::string rejected;   ///< why its value of the last call was not taken; empty if none was given
};

/// What a call is about: both lists are numbered from 1 in the call, in this order.
struct question {
  std::vector<asked_field> fields;
  std::vector<std::size_t> passages;  ///< indices in the corpus
};

/// What a model said of one field.
struct field_answer {
  nlohmann::json value;     ///< null: no passage states it
  std::size_t passage = 0;  ///< index in the corpus; of a value
  std::string fault;        ///< why the answer is not taken; empty if it is
};

/// The messages of a call: passages in elements that their texts cannot end, fields as lines of
/// JSON, and the form of the answer. `instructions` come before ours in the system message.
std::vector<chat_message> ask(const question&, const extraction_template&, const corpus&,
                              const std::string& instructions);

/// Reads the answer to a call: for each of its fields a value that the check takes, with a passage
/// of the call, or what is wrong.
std::vector<field_answer> read_answers(std::string_view text, const question&,
                                       const std::vector<field_check>&, const corpus&);

}  // namespace assay::evaluation
