#include "app/report/clean_text.hpp"

#include <spdlog/fmt/fmt.h>

#include <cstdint>

namespace assay::report {

namespace {

constexpr std::string_view replacement = "\xef\xbf\xbd";

/// Length of the valid sequence (RFC 3629) at the start of `text`, 0 if there is none.
std::size_t sequence_length(std::string_view text) {
  auto byte = [&](std::size_t i) -> unsigned {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u;
  };
  auto continues = [&](std::size_t i) { return (byte(i) & 0xC0) == 0x80; };
  const unsigned a = byte(0), b = byte(1);
  if (a < 0x80) return 1;
  if (a >= 0xC2 && a <= 0xDF) return continues(1) ? 2 : 0;
  if (a >= 0xE0 && a <= 0xEF) {
    const bool overlong = a == 0xE0 && b < 0xA0;
    const bool surrogate = a == 0xED && b > 0x9F;
    return continues(1) && continues(2) && !overlong && !surrogate ? 3 : 0;
  }
  if (a >= 0xF0 && a <= 0xF4) {
    const bool overlong = a == 0xF0 && b < 0x90;
    const bool too_high = a == 0xF4 && b > 0x8F;
    return continues(1) && continues(2) && continues(3) && !overlong && !too_high ? 4 : 0;
  }
  return 0;
}

std::uint32_t code_point(std::string_view sequence) {
  const auto first = static_cast<unsigned char>(sequence[0]);
  if (sequence.size() == 1) return first;
  std::uint32_t code = first & (0xFFu >> (sequence.size() + 1));
  for (std::size_t i = 1; i < sequence.size(); ++i)
    code = code << 6 | (static_cast<unsigned char>(sequence[i]) & 0x3Fu);
  return code;
}

bool obeyed_by_terminals(std::uint32_t code) {
  const bool control =
      (code < 0x20 && code != '\n' && code != '\t') || (code >= 0x7F && code < 0xA0);
  const bool turns = (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
  return control || turns;
}

/// Calls `visit(sequence, valid)` for each code point or stray byte.
template <class Visit>
void each_character(std::string_view text, Visit visit) {
  while (!text.empty()) {
    const auto length = sequence_length(text);
    visit(text.substr(0, length ? length : 1), length > 0);
    text.remove_prefix(length ? length : 1);
  }
}

}  // namespace

std::string valid_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  each_character(
      text, [&](std::string_view sequence, bool valid) { out += valid ? sequence : replacement; });
  return out;
}

std::string for_terminal(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  each_character(text, [&](std::string_view sequence, bool valid) {
    if (!valid) {
      out += replacement;
    } else if (const auto code = code_point(sequence); obeyed_by_terminals(code)) {
      out += code < 0x100 ? fmt::format("\\x{:02x}", code) : fmt::format("\\u{:04x}", code);
    } else {
      out += sequence;
    }
  });
  return out;
}

std::size_t columns_of(std::string_view text) {
  std::size_t n = 0;
  each_character(text, [&](std::string_view, bool) { ++n; });
  return n;
}

std::string_view first_characters(std::string_view text, std::size_t characters) {
  std::size_t end = 0;
  while (end < text.size() && characters-- > 0) {
    const auto length = sequence_length(text.substr(end));
    end += length ? length : 1;
  }
  return text.substr(0, end);
}

std::string one_line(std::string_view text, std::size_t columns) {
  auto line = for_terminal(first_characters(text, columns + 1));
  for (char& c : line)
    if (c == '\n' || c == '\t') c = ' ';
  if (columns_of(line) <= columns) return line;
  if (columns < 3) return std::string(first_characters(line, columns));
  return std::string(first_characters(line, columns - 2)) + "..";
}

}  // namespace assay::report
