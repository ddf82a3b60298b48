#include "config/text.hpp"

#include <cstdint>

namespace assay::config {

namespace {

constexpr int deepest_brackets = 32;
constexpr int most_dots_in_a_key = 16;

void advance(place& at, unsigned char c) {
  if (c == '\n') {
    ++at.line;
    at.column = 1;
  } else if ((c & 0xC0) != 0x80) {
    ++at.column;
  }
}

/// Length of the UTF-8 sequence at the beginning of `text` (RFC 3629), 0 if it is none.
std::size_t sequence_length(std::string_view text) {
  auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u;
  };
  auto tail = [&](std::size_t i) { return (byte(i) & 0xC0) == 0x80; };
  auto first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return tail(1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    bool overlong = first == 0xE0 && byte(1) < 0xA0;
    bool surrogate = first == 0xED && byte(1) > 0x9F;
    return tail(1) && tail(2) && !overlong && !surrogate ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    bool overlong = first == 0xF0 && byte(1) < 0x90;
    bool too_large = first == 0xF4 && byte(1) > 0x8F;
    return tail(1) && tail(2) && tail(3) && !overlong && !too_large ? 4 : 0;
  }
  return 0;
}

/// Follows brackets and dotted keys outside strings and comments.
class nesting {
 public:
  explicit nesting(std::string_view text) : text_(text) {}

  std::optional<bad_text> check() {
    for (std::size_t i = 0; i < text_.size();) {
      auto begin = i;
      i = next(i);
      if (depth_ > deepest_brackets || dots_ > most_dots_in_a_key)
        return bad_text{at_, "values are nested too deeply",
                        "at most " + std::to_string(deepest_brackets) + " brackets and " +
                            std::to_string(most_dots_in_a_key) + " dots in a key"};
      for (; begin < i; ++begin) advance(at_, static_cast<unsigned char>(text_[begin]));
    }
    return std::nullopt;
  }

 private:
  /// The position after the string, comment or character at `i`.
  std::size_t next(std::size_t i) {
    char c = text_[i];
    if (c == '"' || c == '\'') return after_string(i, c);
    if (c == '#') return std::min(text_.find('\n', i), text_.size());
    if (c == '[' || c == '{') ++depth_;
    if ((c == ']' || c == '}') && depth_ > 0) --depth_;
    if (c == '.') {
      ++dots_;
    } else if (std::string_view("=[]{},\n").find(c) != std::string_view::npos) {
      dots_ = 0;
    }
    return i + 1;
  }

  std::size_t after_string(std::size_t i, char quote) const {
    bool multi_line = text_.substr(i, 3) == std::string(3, quote);
    auto close = std::string(multi_line ? 3 : 1, quote);
    for (i += close.size(); i < text_.size(); ++i) {
      if (quote == '"' && text_[i] == '\\') {
        ++i;
      } else if (text_.substr(i, close.size()) == close) {
        return i + close.size();
      } else if (!multi_line && text_[i] == '\n') {
        return i;
      }
    }
    return text_.size();
  }

  std::string_view text_;
  place at_;
  int depth_ = 0;
  int dots_ = 0;
};

}  // namespace

std::optional<bad_text> bad_character(std::string_view text) {
  place at;
  for (std::size_t i = 0; i < text.size();) {
    auto length = sequence_length(text.substr(i));
    if (length == 0) return bad_text{at, "the text is not UTF-8", "save the file as UTF-8"};
    if (text[i] == '\0')
      return bad_text{at, "the text holds a NUL byte", "it is perhaps no text file, or UTF-16"};
    advance(at, static_cast<unsigned char>(text[i]));
    i += length;
  }
  return std::nullopt;
}

std::optional<bad_text> check_text(std::string_view text) {
  if (text.size() > largest_file)
    return bad_text{{}, "the file is larger than 4 MiB", "is it really a settings file?"};
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF"))
    return bad_text{{}, "the file is UTF-16", "save it as UTF-8"};
  if (auto bad = bad_character(text)) return bad;
  return nesting(text).check();
}

}  // namespace assay::config
