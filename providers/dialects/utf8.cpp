#include "providers/dialects/utf8.hpp"

#include <cctype>
#include <cstdint>

namespace assay::dialects {

namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";

bool continues(std::string_view s, std::size_t i, unsigned low = 0x80, unsigned high = 0xBF) {
  if (i >= s.size()) return false;
  auto b = static_cast<unsigned char>(s[i]);
  return b >= low && b <= high;
}

/// Length of the well-formed sequence at `i`; 0 if there is none.
std::size_t sequence_at(std::string_view s, std::size_t i) {
  auto b = static_cast<unsigned char>(s[i]);
  if (b < 0x80) return 1;
  if (b >= 0xC2 && b <= 0xDF) return continues(s, i + 1) ? 2 : 0;
  if (b >= 0xE0 && b <= 0xEF) {
    unsigned low = b == 0xE0 ? 0xA0 : 0x80;
    unsigned high = b == 0xED ? 0x9F : 0xBF;
    return continues(s, i + 1, low, high) && continues(s, i + 2) ? 3 : 0;
  }
  if (b >= 0xF0 && b <= 0xF4) {
    unsigned low = b == 0xF0 ? 0x90 : 0x80;
    unsigned high = b == 0xF4 ? 0x8F : 0xBF;
    return continues(s, i + 1, low, high) && continues(s, i + 2) && continues(s, i + 3) ? 4 : 0;
  }
  return 0;
}

/// The code unit of the escape `\uXXXX` at `i`, or -1.
int escape_at(std::string_view s, std::size_t i) {
  if (i + 6 > s.size() || s[i] != '\\' || s[i + 1] != 'u') return -1;
  int unit = 0;
  for (std::size_t k = i + 2; k < i + 6; ++k) {
    auto c = static_cast<unsigned char>(s[k]);
    if (!std::isxdigit(c)) return -1;
    unit = unit * 16 + (std::isdigit(c) ? c - '0' : std::tolower(c) - 'a' + 10);
  }
  return unit;
}

bool is_high(int unit) { return unit >= 0xD800 && unit <= 0xDBFF; }
bool is_low(int unit) { return unit >= 0xDC00 && unit <= 0xDFFF; }

}  // namespace

std::string repair_utf8(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size());
  for (std::size_t i = 0; i < bytes.size();) {
    auto n = sequence_at(bytes, i);
    out.append(n ? bytes.substr(i, n) : replacement);
    i += n ? n : 1;
  }
  return out;
}

std::string repair_json_text(std::string_view json) {
  auto text = repair_utf8(json);
  for (std::size_t i = text.find('\\'); i != std::string::npos; i = text.find('\\', i)) {
    int unit = escape_at(text, i);
    if (unit < 0) {
      i += 2;
    } else if (is_high(unit) && is_low(escape_at(text, i + 6))) {
      i += 12;
    } else {
      if (is_high(unit) || is_low(unit)) text.replace(i, 6, "\\ufffd");
      i += 6;
    }
  }
  return text;
}

std::string_view clip_utf8(std::string_view text, std::size_t most) {
  if (text.size() <= most) return text;
  while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xC0) == 0x80) --most;
  return text.substr(0, most);
}

}  // namespace assay::dialects
