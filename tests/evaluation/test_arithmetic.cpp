#include <doctest/doctest.h>

#include "evaluation/agent/arithmetic.hpp"

using namespace assay;
using namespace assay::evaluation;

namespace {

std::string value_of(const std::string& expression) {
  auto value = calculate(expression);
  return value ? *value : render(value.error());
}

}  // namespace

TEST_CASE("arithmetic is decimal, not binary") {
  CHECK(value_of("0.1 + 0.2") == "0.3");
  CHECK(value_of("1.1 * 1.1") == "1.21");
  CHECK(value_of("1 / 3") == "0.33333333333333333333");
  CHECK(value_of("2 / 3") == "0.66666666666666666667");
  CHECK(value_of("1 / 3 * 3") == "1");
  CHECK(value_of("(206588 - 181001) / 181001 * 100") == "14.136385986817752388");
}

TEST_CASE("whole numbers are given in full") {
  CHECK(value_of("2^100") == "1267650600228229401496703205376");
  CHECK(value_of("12345678901234567890 * 98765432109876543210") ==
        "1219326311370217952237463801111263526900");
  CHECK(value_of("1e5") == "100000");
  CHECK(value_of("1e50") == "1e+50");
  CHECK(value_of("-0") == "0");
}

TEST_CASE("powers bind to the right and before a sign, products before sums") {
  CHECK(value_of("2 + 3 * 4") == "14");
  CHECK(value_of("(2 + 3) * 4") == "20");
  CHECK(value_of("10 - 4 - 3") == "3");
  CHECK(value_of("64 / 4 / 2") == "8");
  CHECK(value_of("2^3^2") == "512");
  CHECK(value_of("2**3**2") == "512");
  CHECK(value_of("-2^2") == "-4");
  CHECK(value_of("2^-1") == "0.5");
  CHECK(value_of("3 * -2") == "-6");
  CHECK(value_of("2 - -3") == "5");
  CHECK(value_of("(-2)^3") == "-8");
  CHECK(value_of("(-2)^2") == "4");
  CHECK(value_of("0^0") == "1");
  CHECK(value_of(".5 + 5.") == "5.5");
}

TEST_CASE("a remainder has the sign of its divisor") {
  CHECK(value_of("7 % 3") == "1");
  CHECK(value_of("-7 % 3") == "2");
  CHECK(value_of("7 % -3") == "-2");
  CHECK(value_of("7.5 % 2") == "1.5");
}

TEST_CASE("functions and constants are what they are in mathematics") {
  CHECK(value_of("sqrt(16)") == "4");
  CHECK(value_of("sqrt(2)") == "1.4142135623730950488");
  CHECK(value_of("abs(-3.5)") == "3.5");
  CHECK(value_of("min(3, 1, 2)") == "1");
  CHECK(value_of("max(3, 1, 2)") == "3");
  CHECK(value_of("sum(1, 2, 3.5)") == "6.5");
  CHECK(value_of("mean(1, 2, 6)") == "3");
  CHECK(value_of("floor(-1.5)") == "-2");
  CHECK(value_of("ceil(-1.5)") == "-1");
  CHECK(value_of("round(2.5)") == "3");
  CHECK(value_of("round(-2.5)") == "-3");
  CHECK(value_of("round(2.4999)") == "2");
  CHECK(value_of("round(1.005, 2)") == "1.01");
  CHECK(value_of("round(1234.5, -2)") == "1200");
  CHECK(value_of("exp(1)") == "2.7182818284590452354");
  CHECK(value_of("exp(0)") == "1");
  CHECK(value_of("ln(e)") == "1");
  CHECK(value_of("log(e^2)") == "2");
  CHECK(value_of("log(8, 2)") == "3");
  CHECK(value_of("log10(0.001)") == "-3");
  CHECK(value_of("log2(1024)") == "10");
  CHECK(value_of("pi") == "3.1415926535897932385");
  CHECK(value_of("sin(pi)") == "0");
  CHECK(value_of("cos(0)") == "1");
  CHECK(value_of("sin(pi / 2)") == "1");
  CHECK(value_of("tan(0)") == "0");
}

TEST_CASE("an error says what is wrong, where, and what to write instead") {
  CHECK(value_of("") == "character 1: a number was expected, but the expression ends here");
  CHECK(value_of("1 +") == "character 4: a number was expected, but the expression ends here");
  CHECK(value_of("(1 + 2") == "character 1: this ( is not closed");
  CHECK(value_of("1 + 2)") == "character 6: this ) closes nothing");
  CHECK(value_of("max(1, 2") == "character 1: max( is not closed");
  CHECK(value_of("1,234 + 1") ==
        "character 2: a comma separates arguments of a function (write numbers without separators "
        "of thousands: 1234.5)");
  CHECK(value_of("2(3)") ==
        "character 2: an operator was expected (write * for a product: 2 * (3 + 4))");
  CHECK(value_of("2 \xC3\x97 3") ==
        "character 3: '\xC3\x97' is no operator (there are + - * / % ^ and parentheses)");
  CHECK(value_of("100 * 5%") ==
        "character 9: % is the remainder of a division (write 5 % as 0.05)");
  CHECK(value_of("sqrt 4") == "character 6: sqrt needs its arguments in parentheses");
  CHECK(value_of("sqrt(1, 2)") == "character 1: sqrt takes one number, found 2");
  CHECK(value_of("max()") == "character 1: max takes at least one number, found 0");
  CHECK(value_of("log(1, 2, 3)") == "character 1: log takes one number or two, found 3");
  CHECK(value_of("cosine(1)").starts_with("character 1: there is no 'cosine' (known: pi, e, abs,"));
}

TEST_CASE("what has no value is refused") {
  CHECK(value_of("1 / 0") == "character 3: division by zero");
  CHECK(value_of("1 % 0") == "character 3: division by zero");
  CHECK(value_of("0 ^ -1") == "character 3: division by zero");
  CHECK(value_of("sqrt(-1)") == "character 1: the square root of a negative number");
  CHECK(value_of("ln(0)") == "character 1: the logarithm of a number that is not positive");
  CHECK(value_of("log(2, 1)") == "character 1: the base of a logarithm is positive and not 1");
  CHECK(value_of("(-8) ^ (1 / 3)") ==
        "character 6: a negative number to a power that is not whole");
}

TEST_CASE("what would take long or much room is refused") {
  CHECK(value_of("9^9^9^9") == "character 4: the result is too large");
  CHECK(value_of("exp(1e6)") == "character 1: the result is too large");
  CHECK(value_of("1e1001") == "character 1: the result is too large (it is beyond 1e1000)");
  CHECK(value_of("1e99999999999999999999") == "character 1: the number is too large");
  CHECK(value_of("10^-100000000") == "0");
  CHECK(value_of(std::string(3'000, '(') + "1") == "character 101: more than 100 levels");
  CHECK(value_of(std::string(3'000, '-') + "1") == "character 101: more than 100 levels");
  CHECK(value_of(std::string(4'001, '1')) ==
        "the expression is longer than 4000 characters (work it out in parts)");
}
