#include <algorithm>
#include <charconv>

#include "evaluation/judges/text_judge.hpp"
#include "evaluation/text/unicode.hpp"

/// Judges for multiple choice: choice (Inspect's `choice()`) and mmlu-simple (OpenAI's
/// simple-evals).
namespace assay::evaluation {

namespace {

std::string letter(std::size_t i) { return std::string(1, static_cast<char>('A' + i)); }

bool is_letter(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }

/// The letter in `B`, `b`, `(B)`, `B)`, `B.`, `**B**`; empty if the text is anything else.
std::string lone_letter(std::string_view text) {
  text = strip(text);
  while (!text.empty() && (text.front() == '*' || text.front() == '(')) text.remove_prefix(1);
  while (!text.empty() && std::string_view("*).:").find(text.back()) != std::string_view::npos)
    text.remove_suffix(1);
  return text.size() == 1 && is_letter(text[0]) ? upper(text) : std::string();
}

bool in_range(const std::string& letter, const sample& asked) {
  return asked.choices.empty() || static_cast<std::size_t>(letter[0] - 'A') < asked.choices.size();
}

/// The option whose text is `text`, as its letter.
std::string letter_of_text(const sample& asked, std::string_view text) {
  auto wanted = lower(strip(text));
  for (std::size_t i = 0; i < asked.choices.size(); ++i)
    if (lower(strip(asked.choices[i])) == wanted) return letter(i);
  return {};
}

/// The letter that a target stands for: a letter, the text of an option, or an index from 0.
std::string letter_of_target(const sample& asked, const std::string& target) {
  auto clean = clean_target(target);
  if (auto by_letter = lone_letter(clean); !by_letter.empty() && in_range(by_letter, asked))
    return by_letter;
  if (auto by_text = letter_of_text(asked, clean); !by_text.empty()) return by_text;
  std::size_t index = 0;
  auto end = clean.data() + clean.size();
  auto read = std::from_chars(clean.data(), end, index);
  if (!clean.empty() && read.ptr == end && index < asked.choices.size()) return letter(index);
  return {};
}

std::vector<std::string> target_letters(const sample& asked) {
  std::vector<std::string> letters;
  for (auto& target : asked.targets)
    if (auto found = letter_of_target(asked, target); !found.empty()) letters.push_back(found);
  return letters;
}

verdict compare_letter(const sample& asked, const std::string& got) {
  auto letters = target_letters(asked);
  if (letters.empty()) return unscored("no target of the sample is one of its choices");
  return scored(std::find(letters.begin(), letters.end(), got) != letters.end(), got);
}

/// Inspect reads `ANSWER: X` at the start of a line, else anywhere; the last one counts, and it
/// must be one letter of the choices. With filters of its own the judge reads their result instead:
/// a letter or the text of an option.
class choice_judge : public text_judge {
 public:
  using text_judge::text_judge;

 private:
  verdict compare(const sample& asked, const std::string& text) const override {
    auto got = has_filters() ? from_filters(asked, text) : from_answer_line(text);
    if (got.size() == 1 && is_letter(got[0]) && in_range(got, asked))
      return compare_letter(asked, got);
    auto v = compare_letter(asked, "");
    if (!v.scored) return v;
    v.extracted = got.empty() ? "[invalid]" : got;
    v.explanation = has_filters() ? "neither a letter nor the text of an option"
                    : got.empty() ? "no line of the form 'ANSWER: X'"
                                  : "'ANSWER:' is not followed by one letter of the choices";
    return v;
  }

  static std::string from_filters(const sample& asked, const std::string& text) {
    auto got = lone_letter(text);
    return got.empty() ? letter_of_text(asked, text) : got;
  }

  static std::string from_answer_line(const std::string& text) {
    static const auto strict =
        regex::compile(R"((?im)^ANSWER\s*:\s*([A-Za-z\d ,]+)\s*(?:$|\n|\.))", "").value();
    static const auto loose =
        regex::compile(R"((?i)ANSWER\s*:\s*([A-Za-z\d ,]+)(?:[^\w]|\n|$|\.))", "").value();
    auto found = strict.find(text, -1);
    if (found.status != search_status::found) found = loose.find(text, -1);
    auto got = strip(found.text);
    while (!got.empty() && got.back() == '.') got.remove_suffix(1);
    return upper(got);
  }
};

/// simple-evals: the first match, its case as it stands, so `Answer: b` is wrong.
class mmlu_simple_judge : public text_judge {
 public:
  using text_judge::text_judge;

 private:
  verdict compare(const sample& asked, const std::string& text) const override {
    static const auto pattern =
        regex::compile(R"((?i)Answer[ \t]*:[ \t]*\$?([A-D])\$?)", "").value();
    auto found = pattern.find(text);
    auto none = found.status != search_status::found;
    auto v = compare_letter(asked, none ? "" : std::string(found.text));
    if (!v.scored || !none) return v;
    v.extracted = "[invalid]";
    v.explanation = "no 'Answer: X' with X one of A, B, C, D";
    return v;
  }
};

}  // namespace

made_judge make_choice(const judge_settings& settings, const std::string& where) {
  return with_filters<choice_judge>(settings.filters, where);
}

made_judge make_mmlu_simple(const judge_settings& settings, const std::string& where) {
  return with_filters<mmlu_simple_judge>(settings.filters, where);
}

}  // namespace assay::evaluation
