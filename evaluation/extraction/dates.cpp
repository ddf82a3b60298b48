#include "evaluation/extraction/dates.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>

#include "evaluation/text/bm25.hpp"

namespace assay::evaluation {

namespace {

constexpr std::array<std::string_view, 12> month_names{
    "january", "february", "march",     "april",   "may",      "june",
    "july",    "august",   "september", "october", "november", "december"};

/// The number that the text is, of at most `digits` digits; -1 if it is none.
int number_of(std::string_view text, std::size_t digits) {
  int number = -1;
  if (text.empty() || text.size() > digits) return -1;
  auto [next, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && next == text.data() + text.size() ? number : -1;
}

/// 1 to 12 for the name of a month or its first letters (three or more); 0 if it is none.
int month_of(std::string_view word) {
  for (std::size_t i = 0; i < month_names.size(); ++i)
    if (word.size() >= 3 && month_names[i].starts_with(word)) return static_cast<int>(i) + 1;
  return 0;
}

std::optional<std::string> iso(int year, int month, int day) {
  if (year < 1000 || month < 1 || day < 1) return std::nullopt;
  std::chrono::year_month_day date{std::chrono::year(year),
                                   std::chrono::month(static_cast<unsigned>(month)),
                                   std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return std::nullopt;
  auto two = [](int n) { return (n < 10 ? "0" : "") + std::to_string(n); };
  return std::to_string(year) + "-" + two(month) + "-" + two(day);
}

}  // namespace

bool is_iso_date(std::string_view text) {
  return text.size() == 10 && text[4] == '-' && text[7] == '-' &&
         iso(number_of(text.substr(0, 4), 4), number_of(text.substr(5, 2), 2),
             number_of(text.substr(8), 2)) == text;
}

std::optional<std::string> read_date(std::string_view text) {
  auto parts = words(text);
  if (parts.size() != 3) return std::nullopt;
  if (auto month = month_of(parts[0]))
    return iso(number_of(parts[2], 4), month, number_of(parts[1], 2));
  if (auto month = month_of(parts[1]))
    return iso(number_of(parts[2], 4), month, number_of(parts[0], 2));
  if (parts[0].size() == 4)
    return iso(number_of(parts[0], 4), number_of(parts[1], 2), number_of(parts[2], 2));
  return std::nullopt;
}

std::vector<std::string> spellings(std::string_view iso_date) {
  std::string year(iso_date.substr(0, 4));
  auto month = number_of(iso_date.substr(5, 2), 2);
  auto day = std::to_string(number_of(iso_date.substr(8), 2));
  std::string name(month_names[static_cast<std::size_t>(month - 1)]);
  std::string two_digits(iso_date.substr(8)), month_digits(iso_date.substr(5, 2));
  std::vector<std::string> all{
      year + " " + month_digits + " " + two_digits, month_digits + " " + two_digits + " " + year,
      two_digits + " " + month_digits + " " + year, std::to_string(month) + " " + day + " " + year,
      day + " " + std::to_string(month) + " " + year};
  for (const auto& month_name : {name, name.substr(0, 3)})
    for (const auto& number : {day, two_digits}) {
      all.push_back(month_name + " " + number + " " + year);
      all.push_back(number + " " + month_name + " " + year);
    }
  return all;
}

}  // namespace assay::evaluation
