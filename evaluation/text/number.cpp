#include "evaluation/text/number.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "evaluation/text/unicode.hpp"

namespace assay::evaluation {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_word(char c) { return is_digit(c) || is_letter(c) || c == '_' || (c & 0x80) != 0; }

constexpr std::array<std::string_view, 4> currency = {"$", "\xC2\xA3", "\xE2\x82\xAC", "\xC2\xA5"};
constexpr std::string_view minus_sign = "\xE2\x88\x92";  // U+2212

/// Words after a number that scale it. Longest first where one begins another.
constexpr std::array<std::pair<std::string_view, double>, 9> scales = {{
    {"%", 0.01},
    {"percentage", 0.01},
    {"percent", 0.01},
    {"thousand", 1e3},
    {"million", 1e6},
    {"billion", 1e9},
    {"trillion", 1e12},
    {"mn", 1e6},
    {"bn", 1e9},
}};

std::size_t currency_at(std::string_view text, std::size_t at) {
  for (auto sign : currency)
    if (text.substr(at, sign.size()) == sign) return sign.size();
  return 0;
}

std::size_t digits_from(std::string_view text, std::size_t at) {
  auto end = at;
  while (end < text.size() && is_digit(text[end])) ++end;
  return end - at;
}

/// The unsigned decimal at the start of `text`: its printed length and the digits without commas.
struct decimal {
  std::size_t size = 0;
  std::string plain;
  int decimals = 0;
};

/// `1234`, `1,234`, `12.5`, `.5`, `1e6`; size 0 if there is none.
decimal read_decimal(std::string_view text) {
  decimal d;
  auto whole = digits_from(text, 0);
  d.plain.assign(text.substr(0, whole));
  d.size = whole;
  if (whole >= 1 && whole <= 3)
    while (d.size < text.size() && text[d.size] == ',' && digits_from(text, d.size + 1) == 3) {
      d.plain += text.substr(d.size + 1, 3);
      d.size += 4;
    }
  if (d.size < text.size() && text[d.size] == '.')
    if (auto fraction = digits_from(text, d.size + 1); fraction > 0) {
      d.plain += text.substr(d.size, fraction + 1);
      d.size += fraction + 1;
      d.decimals = static_cast<int>(std::min<std::size_t>(fraction, 300));
    }
  if (d.size == 0) return d;
  auto e = d.size;
  if (e < text.size() && (text[e] == 'e' || text[e] == 'E')) {
    auto sign = e + 1 < text.size() && (text[e + 1] == '+' || text[e + 1] == '-') ? 1u : 0u;
    auto digits = digits_from(text, e + 1 + sign);
    if (digits >= 1 && digits <= 3) {
      auto exponent = text.substr(e, 1 + sign + digits);
      d.plain += exponent;
      d.decimals -= std::atoi(std::string(exponent.substr(1)).c_str());
      d.size += exponent.size();
    }
  }
  return d;
}

/// Size of a scale word at the start of `text` after at most one space, and its factor.
std::pair<std::size_t, double> read_scale(std::string_view text) {
  std::size_t space = !text.empty() && text[0] == ' ' ? 1 : 0;
  auto word = lower(text.substr(space, 12));
  for (auto [name, factor] : scales) {
    if (word.compare(0, name.size(), name) != 0) continue;
    auto end = space + name.size();
    if (name != "%" && end < text.size() && is_letter(text[end])) continue;
    return {end, factor};
  }
  return {0, 1};
}

/// The quantity whose sign, currency or first digit stands at `at`; size 0 of `text` if none does.
quantity quantity_at(std::string_view text, std::size_t at) {
  quantity q;
  auto start = at;
  bool negative = false;
  auto take_sign = [&] {
    if (at < text.size() && (text[at] == '-' || text[at] == '+')) {
      negative = text[at++] == '-';
    } else if (text.substr(at, minus_sign.size()) == minus_sign) {
      negative = true;
      at += minus_sign.size();
    }
  };
  take_sign();
  if (auto size = currency_at(text, at); size > 0) {
    at += size;
    if (at < text.size() && text[at] == ' ') ++at;
    if (!negative) take_sign();
  }
  auto d = read_decimal(text.substr(at));
  if (d.size == 0) return q;
  q.face = std::strtod(d.plain.c_str(), nullptr) * (negative ? -1 : 1);
  q.half_unit = 0.5 * std::pow(10.0, -d.decimals);
  at += d.size;
  auto [size, factor] = read_scale(text.substr(at));
  q.factor = factor;
  q.text = text.substr(start, at + size - start);
  return q;
}

/// Takes off what surrounds a number without meaning anything.
std::string_view trim_decoration(std::string_view text) {
  text = strip(text);
  while (!text.empty() && (text.front() == '*' || text.front() == '_' || text.front() == '`'))
    text.remove_prefix(1);
  while (!text.empty() && (text.back() == '*' || text.back() == '_' || text.back() == '`' ||
                           text.back() == '.' || text.back() == '$'))
    text.remove_suffix(1);
  return strip(text);
}

std::optional<quantity> exactly_quantity(std::string_view text) {
  auto q = quantity_at(text, 0);
  if (q.text.empty() || q.text.size() != text.size()) return std::nullopt;
  return q;
}

/// True if a letter stands right before the number at `at`: it is part of a name then.
bool is_glued(std::string_view text, std::size_t at) {
  if (at == 0 || !is_word(text[at - 1]) || is_digit(text[at - 1])) return false;
  auto before = text.substr(0, at);
  auto ends_with = [&](std::string_view sign) {
    return before.size() >= sign.size() && before.substr(before.size() - sign.size()) == sign;
  };
  return std::none_of(currency.begin(), currency.end(), ends_with) && !ends_with(minus_sign);
}

struct prefix {
  std::size_t begin;
  bool negative = false;
};

/// The currency sign and minus before the digits at `at`.
prefix prefix_of(std::string_view text, std::size_t at) {
  auto begin = at;
  for (auto sign : currency)
    if (begin >= sign.size() && text.substr(begin - sign.size(), sign.size()) == sign)
      begin -= sign.size();
  std::size_t minus = 0;
  if (begin >= 1 && text[begin - 1] == '-') minus = 1;
  if (begin >= minus_sign.size() && text.substr(begin - minus_sign.size(), 3) == minus_sign)
    minus = minus_sign.size();
  if (minus == 0) return {begin};
  auto before = begin - minus;
  if (before > 0 && (is_word(text[before - 1]) || text[before - 1] == ')')) return {begin};
  return {before, true};
}

}  // namespace

std::optional<double> python_float(std::string_view text) {
  auto latin = ascii_digits(strip(text));
  text = latin;
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '_') {
      if (i == 0 || i + 1 == text.size() || !is_digit(text[i - 1]) || !is_digit(text[i + 1]))
        return std::nullopt;
      continue;
    }
    plain += text[i];
  }
  auto digits = std::string_view(plain);
  if (!digits.empty() && (digits[0] == '+' || digits[0] == '-')) digits.remove_prefix(1);
  if (digits.empty() || !(is_digit(digits[0]) || digits[0] == '.' || is_letter(digits[0])))
    return std::nullopt;
  if (is_letter(digits[0])) {
    auto word = lower(digits);
    if (word != "inf" && word != "infinity" && word != "nan") return std::nullopt;
  } else if (digits.find_first_of("xX") != std::string_view::npos) {
    return std::nullopt;
  }
  char* end = nullptr;
  auto value = std::strtod(plain.c_str(), &end);
  if (end != plain.c_str() + plain.size()) return std::nullopt;
  return value;
}

std::string python_repr(double x) {
  if (std::isnan(x)) return "nan";
  if (std::isinf(x)) return x < 0 ? "-inf" : "inf";
  char buffer[400];
  auto magnitude = std::fabs(x);
  bool fixed = x == 0 || (magnitude >= 1e-4 && magnitude < 1e16);
  auto format = fixed ? std::chars_format::fixed : std::chars_format::scientific;
  auto end = std::to_chars(buffer, buffer + sizeof buffer, x, format).ptr;
  std::string text(buffer, end);
  if (fixed && text.find('.') == std::string::npos) text += ".0";
  return text;
}

double python_round(double x, int digits) {
  if (!std::isfinite(x)) return x;
  char buffer[400];
  std::snprintf(buffer, sizeof buffer, "%.*f", digits, x);
  return std::strtod(buffer, nullptr);
}

std::optional<quantity> read_quantity(std::string_view text) {
  auto inner = trim_decoration(text);
  if (auto q = exactly_quantity(inner)) return q;
  bool percent_outside = inner.size() > 1 && inner.back() == '%';
  auto brackets = strip(percent_outside ? inner.substr(0, inner.size() - 1) : inner);
  if (auto size = brackets.empty() ? 0 : currency_at(brackets, 0); size > 0)
    brackets = strip(brackets.substr(size));
  if (brackets.size() < 3 || brackets.front() != '(' || brackets.back() != ')') return std::nullopt;
  auto q = exactly_quantity(strip(brackets.substr(1, brackets.size() - 2)));
  if (!q || q->face < 0) return std::nullopt;
  q->face = -q->face;
  if (percent_outside) q->factor = 0.01;
  q->text = inner;
  return q;
}

std::optional<quantity> last_quantity(std::string_view text) {
  std::optional<quantity> last;
  for (std::size_t i = 0; i < text.size();) {
    if (!is_digit(text[i]) && !(text[i] == '.' && digits_from(text, i + 1) > 0)) {
      ++i;
    } else if (is_glued(text, i)) {
      i += std::max<std::size_t>(1, read_decimal(text.substr(i)).size);
    } else {
      auto q = quantity_at(text, i);
      auto end = i + q.text.size();
      auto before = prefix_of(text, i);
      if (before.negative) q.face = -q.face;
      q.text = text.substr(before.begin, end - before.begin);
      last = q;
      i = end;
    }
  }
  return last;
}

std::optional<quantity> find_quantity(std::string_view text) {
  auto whole = read_quantity(text);
  return whole ? whole : last_quantity(text);
}

}  // namespace assay::evaluation
