#include "config/node.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>

#include "config/secrets.hpp"

namespace assay::config {

namespace {

constexpr std::size_t longest_shown = 60;

/// The longest prefix of at most `size` bytes that does not end within a character.
std::string_view whole_characters(std::string_view text, std::size_t size) {
  if (text.size() <= size) return text;
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) --size;
  return text.substr(0, size);
}

}  // namespace

const entry* find(const node& table, std::string_view key) {
  auto found = std::find_if(table.entries.begin(), table.entries.end(),
                            [&](const entry& e) { return e.key == key; });
  return found == table.entries.end() ? nullptr : &*found;
}

place item_place(const node& table, place otherwise, std::string_view key, std::size_t index) {
  const auto* found = find(table, key);
  if (!found) return otherwise;
  const auto& value = found->value;
  return index < value.items.size() ? value.items[index].at : value.at;
}

std::string in_digits(double value) {
  if (value == std::floor(value) && std::abs(value) < 1e15)
    return std::to_string(static_cast<std::int64_t>(value));
  char digits[32];
  return {digits, std::to_chars(digits, digits + sizeof digits, value).ptr};
}

std::string dotted(std::string_view section, std::string_view key) {
  bool bare = !key.empty() && std::all_of(key.begin(), key.end(), [](unsigned char c) {
    return (c < 0x80 && std::isalnum(c)) || c == '-' || c == '_';
  });
  return std::string(section) + '.' + (bare ? std::string(key) : in_quotes(key));
}

std::string in_quotes(std::string_view text) {
  auto shown = whole_characters(text, longest_shown);
  std::string out = "\"";
  for (char c : shown) {
    if (c == '\n') {
      out += "\\n";
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      out += '?';
    } else {
      out += c;
    }
  }
  if (shown.size() < text.size()) out += "...";
  return out + '"';
}

std::string describe(const node& n) {
  switch (n.kind) {
    case node_kind::text:
      return looks_like_key(n.raw) ? "a text that looks like a key" : in_quotes(n.raw);
    case node_kind::integer:
      return std::to_string(n.integer);
    case node_kind::real:
      return in_digits(n.real);
    case node_kind::boolean:
      return n.boolean ? "true" : "false";
    case node_kind::date:
      return "a date or time";
    case node_kind::list:
      return n.items.empty() ? "an empty list" : "a list";
    case node_kind::table:
      return "a table";
    case node_kind::broken:
      break;
  }
  return "nothing";
}

}  // namespace assay::config
