#include <cmath>

#include "evaluation/judges/finqa_program.hpp"
#include "evaluation/judges/text_judge.hpp"
#include "evaluation/text/number.hpp"
#include "evaluation/text/unicode.hpp"

/// FinQA, execution accuracy (`code/evaluate/evaluate.py`): the result, rounded to five places,
/// equals the gold one. How the answer is found in running text is ours; the comparison is FinQA's.
namespace assay::evaluation {

namespace {

constexpr int places = 5;
constexpr double same_number = 1e-9;

std::optional<finqa_result> read_plain(std::string_view text) {
  auto word = lower(strip(text));
  while (!word.empty() && word.back() == '.') word.pop_back();
  if (word == "yes" || word == "no") return word;
  if (auto number = finqa_number(word)) return python_round(*number, places);
  return std::nullopt;
}

/// A program is run; otherwise yes, no or a number, and at last the last number of the text.
std::optional<finqa_result> read_answer(std::string_view text, const sample& asked) {
  if (is_finqa_program(text)) {
    std::string_view table;
    for (auto& [name, value] : asked.fields)
      if (name == "table") table = value;
    return run_finqa_program(text, table);
  }
  if (auto plain = read_plain(text)) return plain;
  if (auto number = find_quantity(text)) return python_round(number->value(), places);
  return std::nullopt;
}

bool equal(const finqa_result& got, const finqa_result& gold) {
  if (got.index() != gold.index()) return false;
  if (auto word = std::get_if<std::string>(&got)) return *word == std::get<std::string>(gold);
  auto a = std::get<double>(got), b = std::get<double>(gold);
  return a == b || std::fabs(a - b) <= same_number * std::max(std::fabs(a), std::fabs(b));
}

std::string text_of_result(const finqa_result& result) {
  if (auto word = std::get_if<std::string>(&result)) return *word;
  return python_repr(std::get<double>(result));
}

class finqa_judge : public text_judge {
 public:
  using text_judge::text_judge;

 private:
  verdict compare(const sample& asked, const std::string& text) const override {
    static const auto pattern = regex::compile(R"((?i)Answer\s*:\s*([^\n]+))", "").value();
    auto line = pattern.find(text, -1);
    auto found = line.status == search_status::found ? line.text : std::string_view(text);
    auto got = read_answer(found, asked);
    bool usable = false;
    for (auto& target : asked.targets) {
      auto gold = read_plain(clean_target(target));
      if (!gold) continue;
      usable = true;
      if (got && equal(*got, *gold)) return scored(1, text_of_result(*got));
    }
    if (!usable) return unscored("no target of the sample is a number, yes or no");
    if (got) return scored(0, text_of_result(*got));
    return scored(0, "[invalid]",
                  is_finqa_program(found) ? "the program is not valid"
                                          : "neither a number, yes, no, nor a program");
  }
};

}  // namespace

made_judge make_finqa(const judge_settings& settings, const std::string& where) {
  return with_filters<finqa_judge>(settings.filters, where);
}

}  // namespace assay::evaluation
