#include "evaluation/text/unicode.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace assay::evaluation {

namespace {

constexpr std::uint64_t high_bits = 0x8080808080808080ULL;

bool is_continuation(unsigned char c) { return (c & 0xC0) == 0x80; }

/// Length of the well-formed sequence at `p`, or 0.
std::size_t sequence_length(const unsigned char* p, std::size_t left) {
  auto c = p[0];
  if (c < 0x80) return 1;
  if (c >= 0xC2 && c <= 0xDF) return left >= 2 && is_continuation(p[1]) ? 2 : 0;
  if (c >= 0xE0 && c <= 0xEF) {
    if (left < 3 || !is_continuation(p[1]) || !is_continuation(p[2])) return 0;
    if (c == 0xE0 && p[1] < 0xA0) return 0;
    if (c == 0xED && p[1] > 0x9F) return 0;
    return 3;
  }
  if (c < 0xF0 || c > 0xF4 || left < 4) return 0;
  if (!is_continuation(p[1]) || !is_continuation(p[2]) || !is_continuation(p[3])) return 0;
  if (c == 0xF0 && p[1] < 0x90) return 0;
  if (c == 0xF4 && p[1] > 0x8F) return 0;
  return 4;
}

struct code_point {
  std::int32_t value;
  std::size_t size;
};

/// REQUIRES: `at < text.size()`; malformed bytes stand for themselves.
code_point decode(std::string_view text, std::size_t at) {
  auto p = reinterpret_cast<const unsigned char*>(text.data()) + at;
  if (*p < 0x80) return {*p, 1};
  utf8proc_int32_t value = -1;
  auto size = utf8proc_iterate(p, static_cast<utf8proc_ssize_t>(text.size() - at), &value);
  if (size < 1) return {*p, 1};
  return {value, static_cast<std::size_t>(size)};
}

void append(std::string& out, std::int32_t value) {
  utf8proc_uint8_t bytes[4];
  auto size = utf8proc_encode_char(value, bytes);
  out.append(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
}

/// `str.isspace()`, which is also what `str.split` and `str.strip` go by.
bool is_space(std::int32_t c) {
  if (c <= 0x20) return c == 0x20 || (c >= 9 && c <= 13) || (c >= 28 && c <= 31);
  if (c < 0x85) return false;
  return c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 ||
         c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

bool is_punctuation(char c) {
  return (c >= '!' && c <= '/') || (c >= ':' && c <= '@') || (c >= '[' && c <= '`') ||
         (c >= '{' && c <= '~');
}

bool is_ascii(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) { return (c & 0x80) != 0; });
}

bool is_cased(std::int32_t c) {
  auto category = utf8proc_category(c);
  return category == UTF8PROC_CATEGORY_LU || category == UTF8PROC_CATEGORY_LL ||
         category == UTF8PROC_CATEGORY_LT;
}

bool is_case_ignorable(std::int32_t c) {
  if (c == '\'' || c == '.' || c == ':' || c == 0xB7 || c == 0x2019) return true;
  auto category = utf8proc_category(c);
  return category == UTF8PROC_CATEGORY_MN || category == UTF8PROC_CATEGORY_ME ||
         category == UTF8PROC_CATEGORY_CF || category == UTF8PROC_CATEGORY_LM ||
         category == UTF8PROC_CATEGORY_SK;
}

/// Unicode's Final_Sigma condition for the sigma that starts at `at`.
bool ends_word(std::string_view text, std::size_t at, bool after_cased) {
  if (!after_cased) return false;
  for (auto i = at + 2; i < text.size();) {
    auto c = decode(text, i);
    if (is_cased(c.value)) return false;
    if (!is_case_ignorable(c.value)) return true;
    i += c.size;
  }
  return true;
}

template <class Keep>
std::string only(std::string_view text, Keep keep) {
  std::string out;
  out.reserve(text.size());
  std::copy_if(text.begin(), text.end(), std::back_inserter(out), keep);
  return out;
}

}  // namespace

std::size_t first_bad_utf8(std::string_view text) {
  auto p = reinterpret_cast<const unsigned char*>(text.data());
  std::size_t i = 0, n = text.size();
  while (i < n) {
    if (n - i >= 8) {
      std::uint64_t word;
      std::memcpy(&word, p + i, 8);
      if ((word & high_bits) == 0) {
        i += 8;
        continue;
      }
    }
    auto size = sequence_length(p + i, n - i);
    if (size == 0) return i;
    i += size;
  }
  return std::string_view::npos;
}

bool is_utf8(std::string_view text) { return first_bad_utf8(text) == std::string_view::npos; }

std::string repair_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 16);
  while (true) {
    auto bad = first_bad_utf8(text);
    out.append(text.substr(0, bad));
    if (bad == std::string_view::npos) return out;
    out += "\xEF\xBF\xBD";
    text.remove_prefix(bad + 1);
  }
}

std::string lower(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  if (is_ascii(text)) {
    for (char c : text) out += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    return out;
  }
  bool after_cased = false;
  for (std::size_t i = 0; i < text.size();) {
    auto c = decode(text, i);
    if (c.value == 0x130)
      out += "i\xCC\x87";
    else if (c.value == 0x3A3)
      append(out, ends_word(text, i, after_cased) ? 0x3C2 : 0x3C3);
    else if (c.value < 0x80 || c.size > 1)
      append(out, utf8proc_tolower(c.value));
    else
      out += text[i];
    if (!is_case_ignorable(c.value)) after_cased = is_cased(c.value);
    i += c.size;
  }
  return out;
}

std::string upper(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    auto c = decode(text, i);
    if (c.value < 0x80 || c.size > 1)
      append(out, utf8proc_toupper(c.value));
    else
      out += text[i];
    i += c.size;
  }
  return out;
}

std::string_view strip(std::string_view text) {
  std::size_t begin = text.size(), end = 0;
  for (std::size_t i = 0; i < text.size();) {
    auto c = decode(text, i);
    if (!is_space(c.value)) {
      begin = i;
      break;
    }
    i += c.size;
  }
  if (begin == text.size()) return {};
  end = text.size();
  while (end > begin) {
    auto start = end - 1;
    while (start > begin && is_continuation(static_cast<unsigned char>(text[start]))) --start;
    if (!is_space(decode(text, start).value)) break;
    end = start;
  }
  return text.substr(begin, end - begin);
}

std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> words;
  std::size_t start = 0;
  bool inside = false;
  for (std::size_t i = 0; i < text.size();) {
    auto c = decode(text, i);
    bool space = is_space(c.value);
    if (space && inside) words.push_back(text.substr(start, i - start));
    if (!space && !inside) start = i;
    inside = !space;
    i += c.size;
  }
  if (inside) words.push_back(text.substr(start));
  return words;
}

std::string collapse_space(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (auto word : split(text)) {
    if (!out.empty()) out += ' ';
    out += word;
  }
  return out;
}

std::string remove_space(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (auto word : split(text)) out += word;
  return out;
}

std::string remove_punctuation(std::string_view text) {
  return only(text, [](char c) { return !is_punctuation(c); });
}

std::string ascii_digits(std::string_view text) {
  auto is_digit = [](std::int32_t c) { return utf8proc_category(c) == UTF8PROC_CATEGORY_ND; };
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    auto [value, size] = decode(text, i);
    if (value < 0x80 || !is_digit(value)) {
      out += text.substr(i, size);
    } else {
      // each script has its ten in order, perhaps several times in a row
      auto before = 0;
      while (is_digit(value - before - 1)) ++before;
      out += static_cast<char>('0' + before % 10);
    }
    i += size;
  }
  return out;
}

std::string remove_digits(std::string_view text) {
  return only(text, [](char c) { return c < '0' || c > '9'; });
}

}  // namespace assay::evaluation
