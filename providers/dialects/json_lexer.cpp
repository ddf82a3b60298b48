#include "providers/dialects/json_lexer.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>

namespace assay::dialects {

namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
constexpr double exact_integers = 9007199254740992.0;  // 2^53

/// Bytes that stand for themselves within a string and need no second look.
constexpr auto plain = [] {
  std::array<bool, 256> table{};
  for (int byte = 0x20; byte < 0x80; ++byte) table[byte] = byte != '"' && byte != '\\';
  return table;
}();

unsigned char byte_at(const char* at) { return static_cast<unsigned char>(*at); }

/// The length of the well-formed UTF-8 sequence of two to four bytes at `at`, else 0.
int sequence_length(const char* at, const char* end) {
  auto first = byte_at(at);
  int length = first < 0xC2 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : first < 0xF5 ? 4 : 0;
  if (length == 0 || end - at < length) return 0;
  for (int i = 1; i < length; ++i)
    if ((byte_at(at + i) & 0xC0) != 0x80) return 0;
  auto second = byte_at(at + 1);
  bool overlong = (first == 0xE0 && second < 0xA0) || (first == 0xF0 && second < 0x90);
  bool surrogate = first == 0xED && second > 0x9F;
  bool beyond = first == 0xF4 && second > 0x8F;
  return overlong || surrogate || beyond ? 0 : length;
}

void append_utf8(std::string& out, std::uint32_t point) {
  auto tail = [&](int shift) { out += static_cast<char>(0x80 | (point >> shift & 0x3F)); };
  if (point < 0x80) {
    out += static_cast<char>(point);
  } else if (point < 0x800) {
    out += static_cast<char>(0xC0 | point >> 6);
    tail(0);
  } else if (point < 0x10000) {
    out += static_cast<char>(0xE0 | point >> 12);
    tail(6);
    tail(0);
  } else {
    out += static_cast<char>(0xF0 | point >> 18);
    tail(12);
    tail(6);
    tail(0);
  }
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Decimals, and integers that are too large for 64 bits.
bool decimal(const char* first, const char* last, json_lexer::number_value& out) {
  auto read = std::from_chars(first, last, out.value);
  // Out of range is said of numbers too small as well; those are 0.
  if (read.ec != std::errc{}) out.value = std::strtod(std::string(first, last).c_str(), nullptr);
  bool exact = std::abs(out.value) < exact_integers;
  out.integer = exact ? static_cast<std::int64_t>(out.value) : 0;
  return std::isfinite(out.value);
}

}  // namespace

json_lexer::json_lexer(std::string_view text) : at_(text.data()), end_(at_ + text.size()) {
  if (text.starts_with(byte_order_mark)) at_ += byte_order_mark.size();
}

int json_lexer::peek() {
  while (at_ != end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t')) ++at_;
  return at_ == end_ ? end : byte_at(at_);
}

// -- strings --------------------------------------------------------------------------------------

bool json_lexer::string(std::string_view& out) {
  if (at_ == end_ || *at_ != '"') return false;
  auto* run = ++at_;
  if (!plain_run()) return false;
  if (*at_ == '"') {
    out = {run, static_cast<std::size_t>(at_++ - run)};
    return true;
  }
  decoded_.clear();
  while (true) {
    decoded_.append(run, at_);
    if (*at_ == '"') break;
    if (!escape()) return false;
    run = at_;
    if (!plain_run()) return false;
  }
  ++at_;
  out = decoded_;
  return true;
}

/// Goes on to the next quote or backslash.
bool json_lexer::plain_run() {
  while (true) {
    while (at_ != end_ && plain[byte_at(at_)]) ++at_;
    if (at_ == end_) return false;
    if (*at_ == '"' || *at_ == '\\') return true;
    auto length = sequence_length(at_, end_);
    if (length == 0) return false;
    at_ += length;
  }
}

bool json_lexer::escape() {
  constexpr std::string_view letters = "\"\\/bfnrtu", meanings = "\"\\/\b\f\n\r\t";
  if (end_ - at_ < 2) return false;
  auto which = letters.find(at_[1]);
  if (which == std::string_view::npos) return false;
  at_ += 2;
  if (which == meanings.size()) return unicode_escape();
  decoded_ += meanings[which];
  return true;
}

bool json_lexer::unicode_escape() {
  std::uint32_t point = 0, low = 0;
  if (!four_hex_digits(point) || (point >= 0xDC00 && point < 0xE000)) return false;
  if (point >= 0xD800 && point < 0xDC00) {
    if (end_ - at_ < 2 || at_[0] != '\\' || at_[1] != 'u') return false;
    at_ += 2;
    if (!four_hex_digits(low) || low < 0xDC00 || low > 0xDFFF) return false;
    point = 0x10000 + ((point - 0xD800) << 10) + (low - 0xDC00);
  }
  append_utf8(decoded_, point);
  return true;
}

bool json_lexer::four_hex_digits(std::uint32_t& out) {
  if (end_ - at_ < 4) return false;
  auto read = std::from_chars(at_, at_ + 4, out, 16);
  if (read.ec != std::errc{} || read.ptr != at_ + 4) return false;
  at_ += 4;
  return true;
}

// -- numbers and words ----------------------------------------------------------------------------

bool json_lexer::number(number_value& out) {
  auto* first = at_;
  if (at_ != end_ && *at_ == '-') ++at_;
  bool zero = at_ != end_ && *at_ == '0';
  if (zero)
    ++at_;
  else if (!digits())
    return false;
  bool whole = true;
  if (at_ != end_ && *at_ == '.') {
    whole = false;
    ++at_;
    if (!digits()) return false;
  }
  if (at_ != end_ && (*at_ == 'e' || *at_ == 'E')) {
    whole = false;
    ++at_;
    if (at_ != end_ && (*at_ == '+' || *at_ == '-')) ++at_;
    if (!digits()) return false;
  }
  if (!whole || std::from_chars(first, at_, out.integer).ec != std::errc{})
    return decimal(first, at_, out);
  out.value = static_cast<double>(out.integer);
  return true;
}

/// One digit or more.
bool json_lexer::digits() {
  auto* first = at_;
  while (at_ != end_ && is_digit(*at_)) ++at_;
  return at_ != first;
}

bool json_lexer::word(std::string_view expected) {
  if (!std::string_view(at_, static_cast<std::size_t>(end_ - at_)).starts_with(expected))
    return false;
  at_ += expected.size();
  return true;
}

}  // namespace assay::dialects
