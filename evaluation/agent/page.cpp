#include "evaluation/agent/page.hpp"

#include <algorithm>

#include "evaluation/text/unicode.hpp"

namespace assay::evaluation {

namespace {

constexpr std::size_t longest_character = 4;

bool is_continuation(char c) { return (c & 0xC0) == 0x80; }

/// The beginning of the first character at or after `at`.
std::size_t next_character(std::string_view text, std::size_t at) {
  auto end = std::min(text.size(), at + longest_character - 1);
  while (at < end && is_continuation(text[at])) ++at;
  return at;
}

}  // namespace

std::string show_page(std::string_view part, std::size_t offset, std::size_t total) {
  auto from = offset == 0 ? 0 : next_character(part, 0);
  auto to = part.size() <= page_size ? part.size() : next_character(part, page_size);
  auto shown = repair_utf8(part.substr(from, to - from));
  if (from == 0 && offset == 0 && to == total) return shown;
  auto head = "[bytes " + std::to_string(offset + from) + " to " + std::to_string(offset + to) +
              " of " + std::to_string(total);
  if (offset + to < total) head += "; go on with offset " + std::to_string(offset + to);
  return head + "]\n" + shown;
}

std::string show_page_of(std::string_view text, std::size_t offset) {
  offset = std::min(offset, text.size());
  return show_page(text.substr(offset, page_size + longest_character), offset, text.size());
}

}  // namespace assay::evaluation
