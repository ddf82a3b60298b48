#include "evaluation/extraction/stands_in.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "evaluation/extraction/dates.hpp"
#include "evaluation/text/bm25.hpp"

namespace assay::evaluation {

namespace {

using nlohmann::json;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// The words with a space before and after each.
std::string spaced(std::string_view text) {
  std::string out = " ";
  for (const auto& word : words(text)) out += word + " ";
  return out;
}

bool has_words(const std::string& passage, std::string_view text) {
  auto wanted = spaced(text);
  return wanted.size() > 1 && passage.find(wanted) != passage.npos;
}

/// Goes over the numbers of a text: `1,234.50` is one.
bool has_number(std::string_view text, double wanted) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (!is_digit(text[at])) continue;
    std::string digits;
    auto inner = [&](std::size_t i) {
      return (text[i] == ',' || text[i] == '.') && i + 1 < text.size() && is_digit(text[i + 1]);
    };
    for (; at < text.size() && (is_digit(text[at]) || inner(at)); ++at)
      if (text[at] != ',') digits += text[at];
    double number = 0;
    auto [next, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    bool whole = error == std::errc{} && next == digits.data() + digits.size();
    if (whole && number == std::fabs(wanted)) return true;
  }
  return false;
}

}  // namespace

bool stands_in(std::string_view passage, const json& value, field_type type) {
  if (value.is_boolean()) return true;
  if (value.is_number()) return has_number(passage, value.get<double>());
  auto text = spaced(passage);
  auto has = [&](std::string_view wanted) { return has_words(text, wanted); };
  if (value.is_array())
    return std::all_of(value.begin(), value.end(), [&](const json& item) {
      return item.is_string() && has(item.get_ref<const std::string&>());
    });
  if (!value.is_string()) return false;
  const auto& written = value.get_ref<const std::string&>();
  if (type != field_type::date || !is_iso_date(written)) return has(written);
  auto all = spellings(written);
  return std::any_of(all.begin(), all.end(), has);
}

}  // namespace assay::evaluation
