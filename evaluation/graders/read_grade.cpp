#include "evaluation/graders/read_grade.hpp"

#include <algorithm>
#include <charconv>

#include "evaluation/text/regex.hpp"
#include "evaluation/text/unicode.hpp"

namespace assay::evaluation {

namespace {

/// White space and characters without width.
constexpr std::string_view space = R"([\s\u200b\u200c\u200d\u200e\u200f\u2060\u2063\ufeff]*)";

/// What stands after a `GRADE:`. Looked at without being taken, so that `GRADE: GRADE: C` has two.
regex after_grade(std::string_view what) {
  auto gap = std::string(space);
  return regex::compile(
             R"((?i)(?<!\w)GRADE(?!\w))" + gap + ":" + gap + "(?=" + std::string(what) + ")",
             "grade")
      .value();
}

/// Well-formed text, which the patterns require.
class readable {
 public:
  explicit readable(std::string_view text) : view_(text) {
    if (!is_utf8(text)) view_ = repaired_ = repair_utf8(text);
  }
  std::string_view view() const { return view_; }

 private:
  std::string repaired_;
  std::string_view view_;
};

std::optional<char> letter_of(std::string_view word, const std::vector<letter_grade>& offered) {
  const auto capitals = upper(word);
  for (const auto& grade : offered) {
    if (capitals.size() == 1 && capitals[0] == grade.letter) return grade.letter;
    for (auto other : grade.words)
      if (capitals == other) return grade.letter;
  }
  return {};
}

bool is_mark(char c) {
  constexpr std::string_view marks = R"(!"#$%&'()*+,-./:;<=>?@[\]^_`{|}~)";
  return marks.find(c) != std::string_view::npos;
}

/// The first or last word of a line, its marks taken off.
std::string_view without_marks(std::string_view word) {
  while (!word.empty() && is_mark(word.front())) word.remove_prefix(1);
  while (!word.empty() && is_mark(word.back())) word.remove_suffix(1);
  return word;
}

/// A capital with its marks, or a word that begins with one: an article `a` is no A.
std::optional<char> capital_letter(std::string_view word,
                                   const std::vector<letter_grade>& offered) {
  word = without_marks(word);
  const bool capital = !word.empty() && word[0] >= 'A' && word[0] <= 'Z';
  return capital ? letter_of(word, offered) : std::nullopt;
}

/// A first word that stands for itself: alone in its line, or set off by a mark (`B)`, `(B)`,
/// `B.`).
std::optional<char> leading_letter(const std::vector<std::string_view>& words,
                                   const std::vector<letter_grade>& offered) {
  const auto word = words.front();
  const bool set_off = words.size() == 1 || is_mark(word.back());
  return set_off ? capital_letter(word, offered) : std::nullopt;
}

std::optional<char> letter_in_line(std::string_view line,
                                   const std::vector<letter_grade>& offered) {
  const auto words = split(line);
  if (words.empty()) return {};
  if (auto last = capital_letter(words.back(), offered)) return last;
  return leading_letter(words, offered);
}

}  // namespace

std::optional<char> read_letter(std::string_view reply, const std::vector<letter_grade>& offered) {
  static const auto pattern = after_grade(R"((\w*))");
  const readable text(reply);
  const auto found = pattern.find(text.view(), -1);
  if (found.status != search_status::found) return {};
  return letter_of(found.text, offered);
}

std::optional<char> read_letter_in_lines(std::string_view reply,
                                         const std::vector<letter_grade>& offered) {
  const readable text(reply);
  auto rest = text.view();
  while (!rest.empty()) {
    const auto end = rest.rfind('\n');
    const auto line = end == std::string_view::npos ? rest : rest.substr(end + 1);
    if (auto letter = letter_in_line(line, offered)) return letter;
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(0, end);
  }
  return {};
}

bool has_grade(std::string_view reply) {
  static const auto pattern = after_grade("");
  const readable text(reply);
  return pattern.find(text.view(), -1).status == search_status::found;
}

std::optional<double> read_number(std::string_view reply, double least, double most) {
  static const auto pattern = after_grade(R"((\S*))");
  const readable text(reply);
  const auto found = pattern.find(text.view(), -1);
  if (found.status != search_status::found) return {};
  double number = 0;
  const auto* end = found.text.data() + found.text.size();
  const auto [stop, error] =
      std::from_chars(found.text.data(), end, number, std::chars_format::fixed);
  if (error != std::errc() || !(number >= least && number <= most)) return {};
  std::string_view rest(stop, static_cast<std::size_t>(end - stop));
  const auto out_of = "/" + std::to_string(static_cast<int>(most));
  if (rest.substr(0, out_of.size()) == out_of) rest.remove_prefix(out_of.size());
  constexpr std::string_view closing = ".,;!";
  const bool ends = std::all_of(rest.begin(), rest.end(),
                                [&](char c) { return closing.find(c) != std::string_view::npos; });
  return ends ? std::optional(number) : std::nullopt;
}

std::optional<std::string> read_items(std::string_view reply, std::size_t count) {
  static const std::vector<letter_grade> offered{{'Y', {"YES"}, 1, ""}, {'N', {"NO"}, 0, ""}};
  const readable text(reply);
  const auto gap = std::string(space);
  std::string items;
  for (std::size_t i = 1; i <= count; ++i) {
    const auto pattern = regex::compile(
        R"((?i)(?<!\w)ITEM)" + gap + std::to_string(i) + gap + ":" + gap + R"((?=(\w*)))", "item");
    const auto found = pattern.value().find(text.view(), -1);
    if (found.status != search_status::found) return {};
    const auto letter = letter_of(found.text, offered);
    if (!letter) return {};
    items += *letter;
  }
  return items;
}

}  // namespace assay::evaluation
