#include "providers/simulated/extraction_form.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <optional>

namespace assay::simulated {

namespace {

using nlohmann::json;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front())))
    text.remove_prefix(1);
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back())))
    text.remove_suffix(1);
  return text;
}

/// Lower case, letters and digits, one space for whatever is between.
std::string plain(std::string_view text) {
  std::string out;
  for (unsigned char c : text) {
    bool word = std::isalnum(c) || c >= 0x80;
    if (word)
      out += static_cast<char>(std::tolower(c));
    else if (!out.empty() && out.back() != ' ')
      out += ' ';
  }
  if (out.ends_with(' ')) out.pop_back();
  return out;
}

std::vector<std::string_view> pieces(std::string_view text, char border) {
  std::vector<std::string_view> all;
  for (std::size_t begin = 0; begin <= text.size();) {
    auto end = std::min(text.find(border, begin), text.size());
    all.push_back(trimmed(text.substr(begin, end - begin)));
    begin = end + 1;
  }
  return all;
}

// -- reading the prompt ---------------------------------------------------------------------------

/// The passage whose tag begins at `at`; moves `at` behind it.
std::optional<form_passage> passage_at(std::string_view prompt, std::size_t& at) {
  constexpr std::string_view id_mark = " id=\"";
  auto name_end = prompt.find(' ', at);
  auto head_end = prompt.find(">\n", at);
  if (name_end == prompt.npos || head_end == prompt.npos) return std::nullopt;
  auto name = std::string(prompt.substr(at + 1, name_end - at - 1));
  auto tail = prompt.find("\n</" + name + ">", head_end);
  if (tail == prompt.npos || prompt.substr(name_end, id_mark.size()) != id_mark)
    return std::nullopt;
  form_passage passage;
  auto digits = prompt.substr(name_end + id_mark.size());
  std::from_chars(digits.data(), digits.data() + digits.size(), passage.id);
  passage.text = prompt.substr(head_end + 2, tail - head_end - 2);
  at = tail;
  return passage;
}

std::optional<form_field> field_of(std::string_view line) {
  auto object = json::parse(line, nullptr, false);
  if (!object.is_object() || !object["id"].is_number_integer()) return std::nullopt;
  if (!object["name"].is_string() || !object["expects"].is_string()) return std::nullopt;
  auto description = object.value("description", json());
  return form_field{object["id"].get<int>(), object["name"].get<std::string>(),
                    object["expects"].get<std::string>(),
                    description.is_string() ? description.get<std::string>() : ""};
}

// -- reading a value ------------------------------------------------------------------------------

/// The first number of a text: `$ 1,234.5`, `( 27 )` is negative.
json number_in(std::string_view text) {
  auto at = std::find_if(text.begin(), text.end(), is_digit) - text.begin();
  std::string digits;
  auto begin = static_cast<std::size_t>(at);
  for (auto i = begin; i < text.size(); ++i) {
    bool inner = (text[i] == '.' || text[i] == ',') && i + 1 < text.size() && is_digit(text[i + 1]);
    if (!is_digit(text[i]) && !inner) break;
    if (text[i] != ',') digits += text[i];
  }
  auto before = trimmed(text.substr(0, begin));
  auto number = json::parse(digits, nullptr, false);
  if (!number.is_number()) return nullptr;
  if (!before.ends_with('-') && !before.ends_with('(')) return number;
  return number.is_number_integer() ? json(-number.get<std::int64_t>())
                                    : json(-number.get<double>());
}

json date_in(std::string_view text) {
  static constexpr std::array<std::string_view, 12> months{
      "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"};
  auto words = plain(text);
  auto parts = pieces(words, ' ');
  if (parts.size() < 3) return nullptr;
  auto two = [](std::string_view n) { return (n.size() < 2 ? "0" : "") + std::string(n); };
  if (parts[0].size() == 4 && is_digit(parts[0][0]))
    return std::string(parts[0]) + "-" + two(parts[1]) + "-" + two(parts[2]);
  for (std::size_t i = 0; i < months.size(); ++i)
    if (parts[0].starts_with(months[i]))
      return std::string(parts[2]) + "-" + two(std::to_string(i + 1)) + "-" + two(parts[1]);
  return nullptr;
}

/// Of `one of "a", "b"` the one that occurs in the text.
json choice_in(std::string_view text, std::string_view expects) {
  auto list =
      json::parse("[" + std::string(expects.substr(expects.find('"'))) + "]", nullptr, false);
  auto said = " " + plain(text) + " ";
  for (const auto& choice : list)
    if (said.find(" " + plain(choice.get<std::string>()) + " ") != said.npos) return choice;
  return nullptr;
}

json list_in(std::string_view text) {
  auto list = json::array();
  for (auto piece : pieces(text, text.find(';') == text.npos ? ',' : ';'))
    if (!piece.empty()) list.push_back(piece);
  return list.empty() ? json() : list;
}

json read_as(std::string_view text, std::string_view expects) {
  if (text.empty() || text == "-") return nullptr;
  if (expects.starts_with("one of \"")) return choice_in(text, expects);
  if (expects.starts_with("a list")) return list_in(text);
  if (expects.starts_with("a date")) return date_in(text);
  if (expects == "true or false") return plain(text) == "yes" || plain(text) == "true";
  if (expects.ends_with("number")) return number_in(text);
  return text;
}

// -- finding it -----------------------------------------------------------------------------------

/// Where a description puts a label in quotes: from the one to the other.
std::string_view quoted_in(std::string_view description) {
  auto open = description.find('\'');
  auto close = open == description.npos ? open : description.rfind('\'');
  if (open == close) return {};
  return description.substr(open, close - open + 1);
}

/// What is in quotes in the description, else the name in words.
std::string label_of(const form_field& field) {
  auto quoted = quoted_in(field.description);
  return plain(quoted.empty() ? std::string_view(field.name) : quoted);
}

/// The first whole number of four digits; empty if there is none.
std::string year_in(std::string_view text) {
  for (std::size_t i = 0; i + 4 <= text.size(); ++i) {
    bool digits = std::all_of(text.begin() + static_cast<long>(i),
                              text.begin() + static_cast<long>(i + 4), is_digit);
    bool alone =
        (i == 0 || !is_digit(text[i - 1])) && (i + 4 == text.size() || !is_digit(text[i + 4]));
    if (digits && alone) return std::string(text.substr(i, 4));
  }
  return {};
}

/// Goes down the lines of one passage.
std::string_view value_in(std::string_view passage, const std::string& label,
                          const std::string& year) {
  std::size_t column = 1;
  for (auto line : pieces(passage, '\n')) {
    auto cells = pieces(line, '|');
    if (cells.size() == 1) {
      auto colon = line.find(':');
      if (colon != line.npos && plain(line.substr(0, colon)) == label)
        return trimmed(line.substr(colon + 1));
      continue;
    }
    for (std::size_t i = 1; i < cells.size() && !year.empty(); ++i)
      if (cells[i].find(year) != line.npos && plain(cells[i]).size() <= 30) column = i;
    if (plain(cells[0]) == label && column < cells.size() && !cells[column].empty())
      return cells[column];
  }
  return {};
}

}  // namespace

extraction_form read_form(std::string_view prompt) {
  extraction_form form;
  constexpr std::string_view open = "\n<passage";
  for (auto at = prompt.find(open); at != prompt.npos; at = prompt.find(open, at)) {
    ++at;
    if (auto passage = passage_at(prompt, at)) form.passages.push_back(*passage);
  }
  for (auto line : pieces(prompt, '\n'))
    if (line.starts_with("{\"id\""))
      if (auto field = field_of(line)) form.fields.push_back(std::move(*field));
  return form;
}

found_value look_up(const extraction_form& form, const form_field& field) {
  auto label = label_of(field);
  auto quoted = quoted_in(field.description);
  auto rest = quoted.empty() ? field.description.data() : quoted.data() + quoted.size();
  auto year = year_in(rest);
  for (const auto& passage : form.passages) {
    auto value = read_as(value_in(passage.text, label, year), field.expects);
    if (!value.is_null()) return {std::move(value), passage.id};
  }
  return {};
}

}  // namespace assay::simulated
