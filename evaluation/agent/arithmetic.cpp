#include "evaluation/agent/arithmetic.hpp"

#include <algorithm>
#include <boost/multiprecision/cpp_dec_float.hpp>
#include <numeric>
#include <optional>
#include <vector>

namespace assay::evaluation {

namespace {

using number = boost::multiprecision::number<boost::multiprecision::cpp_dec_float<50>,
                                             boost::multiprecision::et_off>;
using numbers = std::vector<number>;

constexpr std::size_t longest = 4'000;
constexpr int deepest = 100;
constexpr int largest_power_of_ten = 1'000;
constexpr int significant_digits = 20;
constexpr auto pi = "3.1415926535897932384626433832795028841971693993751";
constexpr auto e = "2.7182818284590452353602874713526624977572470937000";

/// Why a value cannot be had; null if it can.
using refusal = const char*;

struct result {
  number value;
  refusal why = nullptr;
};

const number& bound() {
  static const number value("1e1000");
  return value;
}

number half_away_from_zero(const number& x) { return x < 0 ? ceil(x - 0.5) : floor(x + 0.5); }

result round_to(const numbers& x) {
  if (x.size() == 1) return {half_away_from_zero(x[0])};
  if (x[1] != trunc(x[1]) || abs(x[1]) > 50) return {0, "digits are a whole number up to 50"};
  number scale = pow(number(10), x[1].convert_to<int>());
  return {half_away_from_zero(x[0] * scale) / scale};
}

result power(const number& x, const number& y) {
  if (x == 0 && y < 0) return {0, "division by zero"};
  if (x == 0) return {y == 0 ? 1 : 0};
  if (x < 0 && y != trunc(y)) return {0, "a negative number to a power that is not whole"};
  number digits = y * log10(abs(x));
  if (digits > largest_power_of_ten) return {0, "the result is too large"};
  if (digits < -largest_power_of_ten) return {0};
  number size = pow(abs(x), y);
  bool odd = y == trunc(y) && fmod(abs(y), number(2)) == 1;
  return {x < 0 && odd ? number(-size) : size};
}

result exponential(const numbers& x) { return power(number(e), x[0]); }

result square_root(const numbers& x) {
  if (x[0] < 0) return {0, "the square root of a negative number"};
  return {sqrt(x[0])};
}

result logarithm(const numbers& x) {
  if (x[0] <= 0) return {0, "the logarithm of a number that is not positive"};
  if (x.size() == 1) return {log(x[0])};
  if (x[1] <= 0 || x[1] == 1) return {0, "the base of a logarithm is positive and not 1"};
  return {log(x[0]) / log(x[1])};
}

/// Angles whose value loses all its digits are not worth having.
template <number (*Function)(const number&)>
result of_angle(const numbers& x) {
  if (abs(x[0]) > 1e15) return {0, "the angle is too large"};
  static const number noise("1e-45");
  auto value = Function(x[0]);
  return {abs(value) < noise ? number(0) : value};
}

number sine(const number& x) { return sin(x); }
number cosine(const number& x) { return cos(x); }
number tangent(const number& x) { return tan(x); }
number total(const numbers& x) { return std::accumulate(x.begin(), x.end(), number(0)); }

struct function {
  std::string_view name;
  std::size_t least, most;  ///< arguments
  result (*value)(const numbers&);
};

constexpr std::size_t any = longest;

const function functions[] = {
    {"abs", 1, 1, [](const numbers& x) { return result{abs(x[0])}; }},
    {"ceil", 1, 1, [](const numbers& x) { return result{ceil(x[0])}; }},
    {"cos", 1, 1, of_angle<cosine>},
    {"exp", 1, 1, exponential},
    {"floor", 1, 1, [](const numbers& x) { return result{floor(x[0])}; }},
    {"ln", 1, 1, logarithm},
    {"log", 1, 2, logarithm},
    {"log10", 1, 1,
     [](const numbers& x) {
       return logarithm({x[0], 10});
     }},
    {"log2", 1, 1,
     [](const numbers& x) {
       return logarithm({x[0], 2});
     }},
    {"max", 1, any, [](const numbers& x) { return result{*std::max_element(x.begin(), x.end())}; }},
    {"mean", 1, any, [](const numbers& x) { return result{total(x) / x.size()}; }},
    {"min", 1, any, [](const numbers& x) { return result{*std::min_element(x.begin(), x.end())}; }},
    {"round", 1, 2, round_to},
    {"sin", 1, 1, of_angle<sine>},
    {"sqrt", 1, 1, square_root},
    {"sum", 1, any, [](const numbers& x) { return result{total(x)}; }},
    {"tan", 1, 1, of_angle<tangent>},
};

std::string function_names() {
  std::string list;
  for (const auto& f : functions) list += (list.empty() ? "" : ", ") + std::string(f.name);
  return list;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

/// Recursive descent; after the first fault every step returns at once.
class evaluator {
 public:
  explicit evaluator(std::string_view text) : text_(text) {}

  expected<number> evaluate() {
    auto value = sum();
    if (!fault_ && peek() != '\0') refuse_rest();
    if (fault_) return tl::make_unexpected(*fault_);
    return value;
  }

 private:
  char peek() {
    while (at_ < text_.size() && (text_[at_] == ' ' || (text_[at_] >= '\t' && text_[at_] <= '\r')))
      ++at_;
    return at_ < text_.size() ? text_[at_] : '\0';
  }

  bool take(char c) {
    if (fault_ || peek() != c) return false;
    ++at_;
    return true;
  }

  number refuse(std::size_t at, std::string what, std::string fix = {}) {
    if (!fault_)
      fault_ = problem{"character " + std::to_string(at + 1), std::move(what), std::move(fix)};
    return 0;
  }

  number keep(std::size_t at, const result& r) {
    if (r.why) return refuse(at, r.why);
    if (abs(r.value) > bound()) return refuse(at, "the result is too large", "it is beyond 1e1000");
    return r.value;
  }

  void refuse_rest() {
    char c = peek();
    if (c == ')')
      refuse(at_, "this ) closes nothing");
    else if (c == ',')
      refuse(at_, "a comma separates arguments of a function",
             "write numbers without separators of thousands: 1234.5");
    else if (c == '(' || is_letter(c) || is_digit(c) || c == '.')
      refuse(at_, "an operator was expected", "write * for a product: 2 * (3 + 4)");
    else
      refuse(at_, "'" + shown() + "' is no operator", "there are + - * / % ^ and parentheses");
  }

  /// The character at the reading place, whole if it is a longer sequence.
  std::string shown() const {
    auto end = at_ + 1;
    while (end < text_.size() && (text_[end] & 0xC0) == 0x80) ++end;
    return std::string(text_.substr(at_, end - at_));
  }

  number sum() {
    auto value = product();
    while (!fault_) {
      auto at = at_;
      if (take('+'))
        value = keep(at, {value + product()});
      else if (take('-'))
        value = keep(at, {value - product()});
      else
        break;
    }
    return value;
  }

  number product() {
    auto value = signed_power();
    while (!fault_) {
      peek();
      auto at = at_;
      if (take('*'))
        value = keep(at, {value * signed_power()});
      else if (take('/'))
        value = divide(at, value, signed_power());
      else if (take('%'))
        value = remainder(at, value, remainder_operand());
      else
        break;
    }
    return value;
  }

  number divide(std::size_t at, const number& x, const number& y) {
    if (y == 0) return refuse(at, "division by zero");
    return keep(at, {x / y});
  }

  number remainder_operand() {
    char c = peek();
    if (c == '\0' || c == ')' || c == ',' || c == '*' || c == '/')
      return refuse(at_, "% is the remainder of a division", "write 5 % as 0.05");
    return signed_power();
  }

  number remainder(std::size_t at, const number& x, const number& y) {
    if (y == 0) return refuse(at, "division by zero");
    return keep(at, {x - y * floor(x / y)});
  }

  number signed_power() {
    if (++depth_ > deepest) return refuse(at_, "more than 100 levels");
    number value;
    if (take('-'))
      value = -signed_power();
    else if (take('+'))
      value = signed_power();
    else
      value = plain_power();
    --depth_;
    return value;
  }

  number plain_power() {
    auto base = operand();
    peek();
    auto at = at_;
    bool starred = !fault_ && text_.substr(at_, 2) == "**";
    if (starred) at_ += 2;
    if (!starred && !take('^')) return base;
    auto exponent = signed_power();
    return fault_ ? number(0) : keep(at, power(base, exponent));
  }

  number operand() {
    if (fault_) return 0;
    char c = peek();
    if (take('(')) return parenthesis();
    if (is_digit(c) || c == '.') return literal();
    if (is_letter(c)) return named();
    if (c == '\0') return refuse(at_, "a number was expected, but the expression ends here");
    return refuse(at_, "a number was expected, found '" + shown() + "'");
  }

  number parenthesis() {
    auto at = at_ - 1;
    auto value = sum();
    if (!take(')') && !fault_) {
      if (peek() == '\0') return refuse(at, "this ( is not closed");
      refuse_rest();
    }
    return value;
  }

  void digits() {
    while (at_ < text_.size() && is_digit(text_[at_])) ++at_;
  }

  /// `12`, `1.5`, `.5`, `2.`, `1e-3`.
  number literal() {
    auto from = at_;
    digits();
    if (at_ < text_.size() && text_[at_] == '.') ++at_, digits();
    if (at_ - from == 1 && text_[from] == '.')
      return refuse(from, "a number was expected, found '.'");
    auto mantissa = at_;
    if (at_ < text_.size() && (text_[at_] == 'e' || text_[at_] == 'E')) exponent(mantissa);
    auto written = std::string(text_.substr(from, at_ - from));
    if (at_ - mantissa > 6) return refuse(from, "the number is too large");
    return keep(from, {number(written)});
  }

  /// The part after `e`, if it is one: `2e` is a product that lacks its sign.
  void exponent(std::size_t mantissa) {
    ++at_;
    if (at_ < text_.size() && (text_[at_] == '+' || text_[at_] == '-')) ++at_;
    if (at_ == text_.size() || !is_digit(text_[at_]))
      at_ = mantissa;
    else
      digits();
  }

  number named() {
    auto from = at_;
    while (at_ < text_.size() && (is_letter(text_[at_]) || is_digit(text_[at_]))) ++at_;
    auto name = text_.substr(from, at_ - from);
    if (name == "pi") return number(pi);
    if (name == "e") return number(e);
    auto known = std::find_if(std::begin(functions), std::end(functions),
                              [&](const function& f) { return f.name == name; });
    if (known == std::end(functions))
      return refuse(from, "there is no '" + std::string(name) + "'",
                    "known: pi, e, " + function_names());
    if (!take('(')) return refuse(at_, std::string(name) + " needs its arguments in parentheses");
    return call(from, *known);
  }

  number call(std::size_t from, const function& f) {
    numbers given;
    if (peek() != ')') do
        given.push_back(sum());
      while (take(','));
    if (!take(')') && !fault_) {
      if (peek() == '\0')
        refuse(from, std::string(f.name) + "( is not closed");
      else
        refuse_rest();
    }
    if (fault_) return 0;
    if (given.size() < f.least || given.size() > f.most)
      return refuse(from, std::string(f.name) + " takes " + count(f) + ", found " +
                              std::to_string(given.size()));
    return keep(from, f.value(given));
  }

  static std::string count(const function& f) {
    if (f.most == any) return "at least one number";
    if (f.most == 1) return "one number";
    return "one number or two";
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int depth_ = 0;
  std::optional<problem> fault_;
};

std::string written(const number& value) {
  if (value == 0) return "0";
  static const number whole_up_to("1e40");
  if (value == trunc(value) && abs(value) < whole_up_to) {
    auto text = value.str(0, std::ios::fixed);
    return text.substr(0, text.find('.'));
  }
  return value.str(significant_digits);
}

}  // namespace

expected<std::string> calculate(std::string_view expression) {
  if (expression.size() > longest)
    return fail({}, "the expression is longer than 4000 characters", "work it out in parts");
  auto value = evaluator(expression).evaluate();
  if (!value) return tl::make_unexpected(value.error());
  return written(*value);
}

}  // namespace assay::evaluation
