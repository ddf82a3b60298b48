#include "evaluation/data/choices.hpp"

#include <algorithm>
#include <charconv>

#include "evaluation/text/unicode.hpp"

namespace assay::evaluation {

namespace {

constexpr std::size_t max_options = 26;

std::string letter(std::size_t i) { return std::string(1, static_cast<char>('A' + i)); }

/// Bytes of a leading `A)`, `A.`, `A:` or `(A)` with the space after it; 0 if there is none.
std::size_t letter_prefix(std::string_view text, char letter) {
  std::size_t open = !text.empty() && text[0] == '(' ? 1 : 0;
  if (text.size() < open + 2 || text[open] != letter) return 0;
  auto close = text[open + 1];
  if (open ? close != ')' : close != ')' && close != '.' && close != ':') return 0;
  auto end = open + 2;
  while (end < text.size() && text[end] == ' ') ++end;
  return end;
}

void add_element(option_list& options, value_kind kind, std::string_view raw) {
  if (kind != value_kind::structure) {
    options.texts.push_back(text_of(kind, raw));
    return;
  }
  std::string text(raw), label;
  each_member(raw, [&](std::string&& name, value_kind k, std::string_view value) {
    if (name == "text") text = text_of(k, value);
    if (name == "label") label = text_of(k, value);
  });
  options.texts.push_back(std::move(text));
  if (!label.empty()) options.labels.push_back(std::move(label));
}

std::vector<std::string> read_texts(std::string_view array) {
  std::vector<std::string> texts;
  each_element(array,
               [&](value_kind kind, std::string_view raw) { texts.push_back(text_of(kind, raw)); });
  return texts;
}

void read_object(option_list& options, std::string_view object) {
  option_list by_key, by_list;
  each_member(object, [&](std::string&& name, value_kind kind, std::string_view raw) {
    if (name == "text" && raw.front() == '[') by_list.texts = read_texts(raw);
    if (name == "label" && raw.front() == '[') by_list.labels = read_texts(raw);
    by_key.texts.push_back(text_of(kind, raw));
    by_key.labels.push_back(std::move(name));
  });
  options = by_list.texts.empty() ? std::move(by_key) : std::move(by_list);
}

}  // namespace

void strip_option_letters(std::vector<std::string>& texts) {
  if (texts.size() < 2 || texts.size() > max_options) return;
  std::vector<std::size_t> prefixes;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    prefixes.push_back(letter_prefix(texts[i], static_cast<char>('A' + i)));
    if (prefixes.back() == 0) return;
  }
  for (std::size_t i = 0; i < texts.size(); ++i) texts[i].erase(0, prefixes[i]);
}

expected<option_list> read_options(const field_value& value) {
  auto text = strip(value.text);
  option_list options;
  bool array = !text.empty() && text.front() == '[';
  bool object = !text.empty() && text.front() == '{';
  bool good = false;
  if (array)
    good = each_element(text,
                        [&](value_kind k, std::string_view raw) { add_element(options, k, raw); });
  if (object) good = each_member(text, [](std::string&&, value_kind, std::string_view) {});
  if (object && good) read_object(options, text);
  if (!good) return fail("", "choices must be an array or an object");
  if (options.texts.size() > max_options)
    return fail("", "a row has " + std::to_string(options.texts.size()) + " choices; at most " +
                        std::to_string(max_options) + " are possible");
  if (options.labels.size() != options.texts.size()) options.labels.clear();
  strip_option_letters(options.texts);
  return options;
}

std::string resolve_target(const option_list& options, value_kind kind, const std::string& target) {
  for (std::size_t i = 0; i < options.labels.size(); ++i)
    if (options.labels[i] == target) return letter(i);
  if (kind != value_kind::number) return target;
  if (std::find(options.texts.begin(), options.texts.end(), target) != options.texts.end())
    return target;
  std::size_t index = 0;
  auto end = target.data() + target.size();
  auto read = std::from_chars(target.data(), end, index);
  return read.ptr == end && index < options.texts.size() ? letter(index) : target;
}

}  // namespace assay::evaluation
