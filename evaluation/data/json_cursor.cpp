#include "evaluation/data/json_cursor.hpp"

#include <array>
#include <utility>

namespace assay::evaluation {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Bytes that end a run of plain characters within a string.
constexpr auto ends_run = [] {
  std::array<bool, 256> table{};
  for (int c = 0; c < 0x20; ++c) table[static_cast<std::size_t>(c)] = true;
  table['"'] = table['\\'] = true;
  return table;
}();

void append_utf8(std::string& out, unsigned c) {
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xC0 | c >> 6);
    out += static_cast<char>(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    out += static_cast<char>(0xE0 | c >> 12);
    out += static_cast<char>(0x80 | (c >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (c & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | c >> 18);
    out += static_cast<char>(0x80 | (c >> 12 & 0x3F));
    out += static_cast<char>(0x80 | (c >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (c & 0x3F));
  }
}

std::size_t run_length(std::string_view text, std::size_t at) {
  auto end = at;
  while (end < text.size() && !ends_run[static_cast<unsigned char>(text[end])]) ++end;
  return end - at;
}

}  // namespace

bool json_cursor::fail(const char* fault) {
  fault_ = fault;
  return false;
}

char json_cursor::peek() {
  while (at_ < text_.size()) {
    auto c = text_[at_];
    if (c != ' ' && c != '\n' && c != '\r' && c != '\t') return c;
    ++at_;
  }
  return 0;
}

bool json_cursor::take(char c) {
  if (peek() != c || at_ == text_.size()) return false;
  ++at_;
  return true;
}

bool json_cursor::read_end() {
  peek();
  return at_ == text_.size() || fail("something follows the value");
}

bool json_cursor::read_hex4(unsigned& unit) {
  if (text_.size() - at_ < 4) return fail("a \\u escape needs four hexadecimal digits");
  unit = 0;
  for (int i = 0; i < 4; ++i) {
    auto c = text_[at_++];
    unit <<= 4;
    if (is_digit(c))
      unit |= static_cast<unsigned>(c - '0');
    else if ((c | 32) >= 'a' && (c | 32) <= 'f')
      unit |= static_cast<unsigned>((c | 32) - 'a' + 10);
    else
      return fail("a \\u escape needs four hexadecimal digits");
  }
  return true;
}

bool json_cursor::read_escape(std::string& out) {
  if (at_ == text_.size()) return fail("the string does not end");
  switch (text_[at_++]) {
    case '"':
      out += '"';
      return true;
    case '\\':
      out += '\\';
      return true;
    case '/':
      out += '/';
      return true;
    case 'b':
      out += '\b';
      return true;
    case 'f':
      out += '\f';
      return true;
    case 'n':
      out += '\n';
      return true;
    case 'r':
      out += '\r';
      return true;
    case 't':
      out += '\t';
      return true;
    case 'u':
      break;
    default:
      return fail("an unknown escape in a string");
  }
  unsigned unit = 0, low = 0;
  if (!read_hex4(unit)) return false;
  if (unit >= 0xDC00 && unit <= 0xDFFF) return fail("a \\u escape is half of a surrogate pair");
  if (unit >= 0xD800 && unit <= 0xDBFF) {
    if (text_.substr(at_, 2) != "\\u") return fail("a \\u escape is half of a surrogate pair");
    at_ += 2;
    if (!read_hex4(low)) return false;
    if (low < 0xDC00 || low > 0xDFFF) return fail("a \\u escape is half of a surrogate pair");
    unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
  }
  append_utf8(out, unit);
  return true;
}

bool json_cursor::read_string(std::string& out) {
  out.clear();
  if (!take('"')) return fail("a string was expected");
  while (true) {
    auto run = run_length(text_, at_);
    out.append(text_, at_, run);
    at_ += run;
    if (at_ == text_.size()) return fail("the string does not end");
    auto c = text_[at_++];
    if (c == '"') return true;
    if (c != '\\') return --at_, fail("a control character in a string");
    if (!read_escape(out)) return false;
  }
}

bool json_cursor::skip_string() {
  std::string escaped;
  ++at_;
  while (true) {
    at_ += run_length(text_, at_);
    if (at_ == text_.size()) return fail("the string does not end");
    auto c = text_[at_++];
    if (c == '"') return true;
    if (c != '\\') return --at_, fail("a control character in a string");
    escaped.clear();
    if (!read_escape(escaped)) return false;
  }
}

bool json_cursor::skip_number() {
  auto digits = [this] {
    auto start = at_;
    while (at_ < text_.size() && is_digit(text_[at_])) ++at_;
    return at_ > start;
  };
  auto next_is = [this](char a, char b) {
    return at_ < text_.size() && (text_[at_] == a || text_[at_] == b);
  };
  if (next_is('-', '-')) ++at_;
  auto first = at_;
  if (!digits()) return fail("a number needs digits");
  if (text_[first] == '0' && at_ - first > 1) return fail("a number must not start with 0");
  if (next_is('.', '.')) {
    ++at_;
    if (!digits()) return fail("a number needs digits after its point");
  }
  if (next_is('e', 'E')) {
    ++at_;
    if (next_is('+', '-')) ++at_;
    if (!digits()) return fail("a number needs digits in its exponent");
  }
  return true;
}

bool json_cursor::skip_word(std::string_view word) {
  if (text_.substr(at_, word.size()) != word) return fail("a value was expected");
  at_ += word.size();
  return true;
}

bool json_cursor::skip_object(int depth) {
  ++at_;
  if (take('}')) return true;
  value_kind kind;
  do {
    if (peek() != '"') return fail("a field name in quotes was expected");
    if (!skip_string()) return false;
    if (!take(':')) return fail("':' was expected");
    if (!skip_value(kind, depth + 1)) return false;
  } while (take(','));
  return take('}') ||
         fail(at_ == text_.size() ? "the object does not end" : "',' or '}' was expected");
}

bool json_cursor::skip_array(int depth) {
  ++at_;
  if (take(']')) return true;
  value_kind kind;
  do {
    if (!skip_value(kind, depth + 1)) return false;
  } while (take(','));
  return take(']') ||
         fail(at_ == text_.size() ? "the array does not end" : "',' or ']' was expected");
}

bool json_cursor::skip_value(value_kind& kind, int depth) {
  if (depth > max_depth) return fail("nested deeper than 128 levels");
  switch (peek()) {
    case '"':
      kind = value_kind::string;
      return skip_string();
    case '{':
      kind = value_kind::structure;
      return skip_object(depth);
    case '[':
      kind = value_kind::structure;
      return skip_array(depth);
    case 't':
      kind = value_kind::boolean;
      return skip_word("true");
    case 'f':
      kind = value_kind::boolean;
      return skip_word("false");
    case 'n':
      kind = value_kind::null;
      return skip_word("null");
    case 0:
      return fail(at_ == text_.size() ? "the text ends in the middle" : "a NUL byte");
    default:
      break;
  }
  kind = value_kind::number;
  if (text_[at_] != '-' && !is_digit(text_[at_])) return fail("a value was expected");
  return skip_number();
}

bool json_cursor::read_value(value_kind& kind, std::string_view& raw) {
  peek();
  auto start = at_;
  if (!skip_value(kind, 1)) return false;
  raw = text_.substr(start, at_ - start);
  return true;
}

std::string text_of(value_kind kind, std::string_view raw) {
  if (kind != value_kind::string) return std::string(raw);
  std::string text;
  json_cursor(raw).read_string(text);
  return text;
}

bool each_element(std::string_view array, const element_sink& sink) {
  json_cursor cursor(array);
  if (!cursor.take('[')) return false;
  if (cursor.take(']')) return cursor.read_end();
  value_kind kind;
  std::string_view raw;
  do {
    if (!cursor.read_value(kind, raw)) return false;
    sink(kind, raw);
  } while (cursor.take(','));
  return cursor.take(']') && cursor.read_end();
}

bool each_member(std::string_view object, const member_sink& sink) {
  json_cursor cursor(object);
  if (!cursor.take('{')) return false;
  if (cursor.take('}')) return cursor.read_end();
  std::string name;
  value_kind kind;
  std::string_view raw;
  do {
    if (!cursor.read_string(name) || !cursor.take(':') || !cursor.read_value(kind, raw))
      return false;
    sink(std::move(name), kind, raw);
  } while (cursor.take(','));
  return cursor.take('}') && cursor.read_end();
}

std::string_view find_json_object(std::string_view text) {
  constexpr int max_attempts = 1000;
  auto first_object = [](std::string_view within) -> std::string_view {
    int attempts = 0;
    for (auto at = within.find('{'); at != std::string_view::npos && attempts < max_attempts;
         at = within.find('{', at + 1), ++attempts) {
      json_cursor cursor(within.substr(at));
      value_kind kind;
      std::string_view raw;
      if (cursor.read_value(kind, raw)) return raw;
    }
    return {};
  };
  for (auto open = text.find("```"); open != std::string_view::npos;) {
    auto begin = text.find('\n', open);
    if (begin == std::string_view::npos) break;
    auto close = text.find("```", begin);
    if (auto found = first_object(text.substr(begin, close - begin)); !found.empty()) return found;
    if (close == std::string_view::npos) break;
    open = text.find("```", close + 3);
  }
  return first_object(text);
}

}  // namespace assay::evaluation
