#include "providers/simulated/grading_request.hpp"

#include <algorithm>
#include <charconv>

#include "providers/simulated/wording.hpp"

namespace assay::simulated {

namespace {

constexpr std::string_view blanks = " \t\r\n";

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(blanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

std::string_view last_line(std::string_view text) {
  text = trimmed(text);
  const auto end = text.rfind('\n');
  return trimmed(end == std::string_view::npos ? text : text.substr(end + 1));
}

/// What stands between two delimiters of the data, e.g. after `[Task]: `.
std::string_view section(std::string_view prompt, std::string_view name) {
  const auto mark = "[" + std::string(name) + "]: ";
  const auto at = prompt.find(mark);
  if (at == std::string_view::npos) return {};
  const auto rest = prompt.substr(at + mark.size());
  return trimmed(rest.substr(0, rest.find("\n***")));
}

/// Without the mark of a worked solution.
std::string_view bare(std::string_view answer) {
  constexpr std::string_view mark = "#### ";
  const auto at = answer.rfind(mark);
  return at == std::string_view::npos ? answer : answer.substr(at + mark.size());
}

bool ends_with_answer(std::string_view submission, std::string_view criterion) {
  const auto wanted = bare(last_line(criterion));
  const auto given = bare(last_line(submission));
  if (wanted.empty() || !given.ends_with(wanted)) return false;
  const auto before = given.size() - wanted.size();
  return before == 0 || blanks.find(given[before - 1]) != std::string_view::npos;
}

/// The letters of `... ($LETTER is C, P or I)`.
std::vector<char> offered_letters(std::string_view prompt) {
  constexpr std::string_view mark = "($LETTER is ";
  const auto at = prompt.rfind(mark);
  if (at == std::string_view::npos) return {};
  const auto list = prompt.substr(at + mark.size(), prompt.find(')', at) - at - mark.size());
  std::vector<char> letters;
  for (char c : list)
    if (c >= 'A' && c <= 'Z') letters.push_back(c);
  return letters;
}

/// The number in `one line for each of the 3 items`.
std::size_t item_count(std::string_view prompt) {
  constexpr std::string_view mark = "for each of the ";
  const auto at = prompt.rfind(mark);
  std::size_t count = 0;
  if (at != std::string_view::npos)
    std::from_chars(prompt.data() + at + mark.size(), prompt.data() + prompt.size(), count);
  return std::min<std::size_t>(count, 1'000);
}

void compare_pair(grading_request& wanted, const cue& c, std::string_view first,
                  std::string_view second) {
  const auto right = c.about ? right_answer(*c.about) : std::string();
  const bool one = ends_with_answer(first, right), other = ends_with_answer(second, right);
  wanted.pair = true;
  wanted.even = one == other;
  wanted.good = one;
}

/// Its letter for what is good, or bad: C I, C P I, Y N, and of the relations of facts C and D.
char letter_for(const grading_request& wanted, bool in_favour) {
  const auto has = [&](char c) {
    return std::find(wanted.letters.begin(), wanted.letters.end(), c) != wanted.letters.end();
  };
  if (wanted.letters.empty()) return in_favour ? 'C' : 'I';
  if (has('D')) return in_favour ? 'C' : 'D';
  return in_favour ? wanted.letters.front() : wanted.letters.back();
}

}  // namespace

grading_request read_grading(const cue& c) {
  const std::string_view prompt = c.asked.prompt;
  grading_request wanted;
  if (prompt.find("GRADE: $NUMBER") != std::string_view::npos)
    wanted.form = grading_request::kind::number;
  else if (prompt.find("ITEM $N: $LETTER") != std::string_view::npos)
    wanted.form = grading_request::kind::items;
  wanted.letters = offered_letters(prompt);
  wanted.items = item_count(prompt);
  const auto first = section(prompt, "Submission A"), second = section(prompt, "Submission B");
  if (!first.empty() || !second.empty())
    compare_pair(wanted, c, first, second);
  else
    wanted.good = ends_with_answer(section(prompt, "Submission"), section(prompt, "Criterion"));
  return wanted;
}

std::string grade_line(const grading_request& wanted, bool truly) {
  const bool in_favour = wanted.even ? !truly : truly == wanted.good;
  if (wanted.form == grading_request::kind::number) return in_favour ? "GRADE: 9" : "GRADE: 2";
  if (wanted.form == grading_request::kind::items) {
    std::string lines;
    for (std::size_t i = 1; i <= wanted.items; ++i)
      lines += (i > 1 ? "\nITEM " : "ITEM ") + std::to_string(i) + (in_favour ? ": Y" : ": N");
    return lines;
  }
  if (wanted.even && truly) return "GRADE: T";
  if (wanted.pair) return in_favour ? "GRADE: A" : "GRADE: B";
  return std::string("GRADE: ") + letter_for(wanted, in_favour);
}

bool judges_rightly(const cue& c) {
  return c.chance.uniform(purpose::right_or_wrong, c.draw) < c.model.accuracy;
}

}  // namespace assay::simulated
