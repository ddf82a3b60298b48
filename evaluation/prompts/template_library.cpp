#include "evaluation/prompts/template_library.hpp"

#include <algorithm>
#include <array>

#include "evaluation/prompt.hpp"

namespace assay::evaluation {

namespace {

/// Sorted by name. Each ends in the form that the judges of docs/judges.md read.
constexpr std::array<library_template, 12> library = {{
    {"baseline", "", "{{input}}"},
    {"conversation", "", "{{fields.messages}}", true},
    {"cot", "",
     "{{input}}\n\n"
     "Think step by step. Then give the final answer on a last line of its own, in the form\n"
     "Answer: <answer>"},
    {"docfinqa",
     "You are a financial analyst. You answer from the document alone, with exact figures.",
     "{{input}}\n\n"
     "Work out the figure step by step. Give percentages with a % sign and use the unit that the "
     "document uses. Finish with one line of the form\n"
     "Answer: <number>"},
    {"drop", "",
     "{{#fields.passage}}\nPassage: {{fields.passage}}\n\n{{/fields.passage}}\n"
     "Question: {{input}}\n\n"
     "Think step by step, then write a line of the form \"Answer: $ANSWER\" at the end of your "
     "response."},
    {"finqa", "You are a financial analyst. You answer from the text and the table alone.",
     "{{input}}\n\n"
     "Compute the result to five decimal places; write a percentage as a fraction (8.284% is "
     "0.08284). For a yes/no question answer yes or no. Finish with one line of the form\n"
     "Answer: <number>"},
    {"gsm8k", "",
     "Question: {{input}}\n\n"
     "Solve the problem step by step. Then write the final answer, a number without unit, on a "
     "last "
     "line of its own in the form\n"
     "#### <number>"},
    {"mmlu-simple", "",
     "Answer the following multiple choice question. The last line of your response should be of "
     "the following format: 'Answer: $LETTER' (without quotes) where LETTER is one of {{letters}}. "
     "Think step by step before answering.\n\n"
     "{{input}}\n\n{{choices}}"},
    {"multiple-choice", "",
     "Answer the following multiple choice question. The entire content of your response should be "
     "of the following format: 'ANSWER: $LETTER' (without quotes) where LETTER is one of "
     "{{letters}}.\n\n"
     "{{input}}\n\n{{choices}}"},
    {"multiple-choice-cot", "",
     "Answer the following multiple choice question. The last line of your response should be of "
     "the following format: 'ANSWER: $LETTER' (without quotes) where LETTER is one of {{letters}}. "
     "Think step by step before answering.\n\n"
     "{{input}}\n\n{{choices}}"},
    {"optimal",
     "You are a careful expert. You check every step before you go on, and you verify the result "
     "against the question before you state it.",
     "{{input}}\n"
     "{{#choices}}\n{{letter}}) {{text}}\n{{/choices}}\n\n"
     "First restate what is asked and list the facts that matter. Then solve it step by step and "
     "check the result in a second way. Finish with one line of the form\n"
     "Answer: <answer>"},
    {"squad", "",
     "{{#fields.context}}\n{{fields.context}}\n\n{{/fields.context}}\n"
     "Question: {{input}}\n\n"
     "Answer with the shortest span of the text that answers the question, and nothing else."},
}};

}  // namespace

const library_template* find_library_template(std::string_view name) {
  auto found = std::find_if(library.begin(), library.end(),
                            [&](const library_template& t) { return t.name == name; });
  return found == library.end() ? nullptr : found;
}

std::vector<std::string_view> template_library() {
  std::vector<std::string_view> names;
  for (auto& t : library) names.push_back(t.name);
  return names;
}

}  // namespace assay::evaluation
