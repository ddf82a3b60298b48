#include "providers/simulated/wording.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <cstdio>

namespace assay::simulated {

namespace {

using std::string_view_literals::operator""sv;

constexpr std::string_view tail_mark = "####";
constexpr std::string_view reasoning = "Step by step, we get there.\n";

/// Three letters each: with the blank behind it a filler word is one token.
constexpr std::array filler_words = {"now"sv, "let"sv, "see"sv, "how"sv, "the"sv, "and"sv,
                                     "for"sv, "may"sv, "can"sv, "yet"sv, "but"sv, "our"sv,
                                     "way"sv, "was"sv, "has"sv, "all"sv};

constexpr std::array wrong_phrases = {"I do not know"sv, "That is unclear"sv, "Hard to say"sv,
                                      "Who can tell"sv};

char lower(char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); }

bool contains_ignoring_case(std::string_view text, std::string_view part) {
  return std::search(text.begin(), text.end(), part.begin(), part.end(),
                     [](char a, char b) { return lower(a) == lower(b); }) != text.end();
}

bool holds_a_target(std::string_view text, const std::vector<std::string>& targets) {
  return std::any_of(targets.begin(), targets.end(), [&](const std::string& t) {
    return !t.empty() && contains_ignoring_case(text, t);
  });
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

/// `#### 18` of a worked solution, one line.
std::string_view gold_tail(std::string_view target) {
  const auto at = target.rfind(tail_mark);
  if (at == std::string_view::npos) return {};
  auto tail = trim(target.substr(at));
  return tail.substr(0, tail.find('\n'));
}

/// The letter of the right choice: the target names it, or is its text.
std::optional<char> choice_letter(const sample& s) {
  if (s.choices.empty() || s.targets.empty()) return {};
  const auto target = trim(s.targets[0]);
  const auto last = static_cast<char>('A' + std::min<std::size_t>(s.choices.size(), 26) - 1);
  if (target.size() == 1) {
    const auto letter = static_cast<char>(std::toupper(static_cast<unsigned char>(target[0])));
    if (letter >= 'A' && letter <= last) return letter;
  }
  for (std::size_t i = 0; i < s.choices.size() && i < 26; ++i)
    if (trim(s.choices[i]) == target) return static_cast<char>('A' + i);
  return {};
}

/// A number within a short text: `$1,234.50 a day` is "$", 1234.5 with 2 decimals, " a day".
struct number_text {
  std::string before;
  double value = 0;
  int decimals = 0;
  std::string after;
};

std::optional<number_text> read_number(std::string_view text) {
  number_text n;
  const auto first = std::find_if(text.begin(), text.end(), is_digit) - text.begin();
  auto end = static_cast<std::size_t>(first);
  std::string plain;
  bool point = false;
  for (; end < text.size(); ++end) {
    const char c = text[end];
    const bool more = end + 1 < text.size() && is_digit(text[end + 1]);
    if (c == '.' && !point && more)
      point = true;
    else if (c == ',' && !point && more)
      continue;
    else if (!is_digit(c))
      break;
    else if (point)
      ++n.decimals;
    plain += c;
  }
  if (plain.empty() || plain.size() > 15) return {};
  n.before = text.substr(0, static_cast<std::size_t>(first));
  n.after = text.substr(end);
  if (n.before.size() > 8 || n.after.size() > 24) return {};
  if (std::any_of(n.after.begin(), n.after.end(), is_digit)) return {};
  std::from_chars(plain.data(), plain.data() + plain.size(), n.value);
  return n;
}

/// Another number: integers move by half and a bit more, others grow by 60 to 120 %, so that no
/// tolerance and no shift of the decimal point makes it right.
std::string other_number(const number_text& n, std::uint64_t k) {
  const double step = static_cast<double>(k % 7 + 1);
  const bool whole = n.decimals == 0 || n.value == 0;
  const double value =
      whole ? n.value + std::floor(n.value / 2) + step : n.value * (1.5 + 0.1 * step);
  char digits[64];
  const int decimals = n.decimals == 0 ? 0 : n.decimals + 1;
  const int size = std::snprintf(digits, sizeof digits, "%.*f", decimals, value);
  return n.before + std::string(digits, static_cast<std::size_t>(size)) + n.after;
}

std::string other_letter(const sample& s, char right, std::uint64_t bits) {
  const auto count = std::min<std::size_t>(s.choices.size(), 26);
  if (count < 2) return "I do not know";
  const auto step = 1 + bits % (count - 1);
  const auto letter =
      static_cast<char>('A' + (static_cast<std::size_t>(right - 'A') + step) % count);
  return std::string("ANSWER: ") + letter;
}

std::string wrong_phrase(const std::vector<std::string>& targets) {
  for (const auto phrase : wrong_phrases)
    if (!holds_a_target(phrase, targets)) return std::string(phrase);
  return "?";
}

/// Another number in place of the target's, unlike any other acceptable one; empty if it has none.
std::string wrong_number(std::string_view target, const std::vector<std::string>& targets,
                         std::uint64_t bits) {
  const auto number = read_number(target);
  if (!number) return {};
  for (std::uint64_t k = 0; k < 7; ++k) {
    auto text = other_number(*number, bits + k);
    if (!holds_a_target(text, targets)) return text;
  }
  return {};
}

std::size_t code_points(std::string_view text) {
  return text.size() -
         static_cast<std::size_t>(std::count_if(text.begin(), text.end(), is_continuation));
}

}  // namespace

std::string right_answer(const sample& s) {
  if (s.targets.empty()) return {};
  if (const auto tail = gold_tail(s.targets[0]); !tail.empty())
    return std::string(reasoning) + std::string(tail);
  if (const auto letter = choice_letter(s)) return std::string("ANSWER: ") + *letter;
  return std::string(trim(s.targets[0]));
}

std::string wrong_answer(const sample& s, std::uint64_t bits) {
  if (s.targets.empty()) return "I do not know";
  if (const auto letter = choice_letter(s)) return other_letter(s, *letter, bits);
  if (const auto tail = gold_tail(s.targets[0]); !tail.empty()) {
    auto number = wrong_number(trim(tail.substr(tail_mark.size())), {}, bits);
    if (!number.empty()) return std::string(reasoning) + "#### " + number;
  }
  auto number = wrong_number(trim(s.targets[0]), s.targets, bits);
  return number.empty() ? wrong_phrase(s.targets) : number;
}

std::optional<std::int64_t> arithmetic(std::string_view prompt) {
  for (auto plus = prompt.find('+'); plus != std::string_view::npos;
       plus = prompt.find('+', plus + 1)) {
    const auto left = trim(prompt.substr(0, plus));
    const auto right = trim(prompt.substr(plus + 1));
    std::size_t digits_left = 0, digits_right = 0;
    while (digits_left < left.size() && is_digit(left[left.size() - 1 - digits_left]))
      ++digits_left;
    while (digits_right < right.size() && is_digit(right[digits_right])) ++digits_right;
    if (!digits_left || !digits_right || digits_left > 15 || digits_right > 15) continue;
    std::int64_t a = 0, b = 0;
    std::from_chars(left.data() + left.size() - digits_left, left.data() + left.size(), a);
    std::from_chars(right.data(), right.data() + digits_right, b);
    return a + b;
  }
  return {};
}

std::int64_t count_tokens(std::string_view text) {
  return static_cast<std::int64_t>((code_points(text) + 3) / 4);
}

std::vector<std::string_view> split_tokens(std::string_view text) {
  std::vector<std::string_view> tokens;
  tokens.reserve(text.size() / 4 + 1);
  std::size_t begin = 0, points = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_continuation(text[i])) continue;
    if (points == 4) {
      tokens.push_back(text.substr(begin, i - begin));
      begin = i;
      points = 0;
    }
    ++points;
  }
  if (begin < text.size()) tokens.push_back(text.substr(begin));
  return tokens;
}

std::string lengthen(std::string_view answer, std::int64_t tokens, std::uint64_t bits,
                     const std::vector<std::string>& targets) {
  std::string text;
  const auto missing = tokens - count_tokens(answer);
  std::vector<std::string_view> words;
  for (const auto word : filler_words)
    if (!holds_a_target(word, targets)) words.push_back(word);
  if (missing > 0 && !words.empty()) {
    text.reserve(static_cast<std::size_t>(missing) * 4 + answer.size());
    for (std::int64_t i = 0; i < missing; ++i) {
      bits = bits * 6364136223846793005ULL + 1442695040888963407ULL;
      text += words[(bits >> 33) % words.size()];
      text += i + 1 == missing ? '\n' : ' ';
    }
  }
  text += answer;
  return text;
}

}  // namespace assay::simulated
