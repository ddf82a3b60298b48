#include <doctest/doctest.h>

#include <cmath>

#include "evaluation/text/number.hpp"

using namespace assay::evaluation;

// Expectations are what Python 3.11's float() and str() give.
TEST_CASE("python_float accepts what float() accepts") {
  CHECK(python_float(" 12.50\n") == 12.5);
  CHECK(python_float("1_000") == 1000.0);
  CHECK(python_float("\u0663.\u0664") == 3.4);        // Arabic-Indic
  CHECK(python_float("\U0001D7D9\U0001D7CE") == 10);  // two of the mathematical alphabets
  CHECK(python_float("1e3") == 1000.0);
  CHECK(python_float(".5") == 0.5);
  CHECK(python_float("5.") == 5.0);
  CHECK(python_float("-0") == 0.0);
  CHECK(std::isinf(python_float("Infinity").value()));
  CHECK(std::isnan(python_float("nan").value()));
  for (auto text : {"", " ", "1,000", "0x10", "1__0", "_1", "1_", "12%", "abc", "1e", "--1",
                    "infinit", "1 2", "."})
    CHECK_MESSAGE(!python_float(text), text);
}

TEST_CASE("python_repr writes what str(float) writes") {
  CHECK(python_repr(5) == "5.0");
  CHECK(python_repr(0.1) == "0.1");
  CHECK(python_repr(-2.5) == "-2.5");
  CHECK(python_repr(1e16) == "1e+16");
  CHECK(python_repr(123456789012345680.0) == "1.2345678901234568e+17");
  CHECK(python_repr(1e15) == "1000000000000000.0");
  CHECK(python_repr(0.0001) == "0.0001");
  CHECK(python_repr(0.00001) == "1e-05");
  CHECK(python_repr(0) == "0.0");
}

TEST_CASE("python_round is correct in decimal") {
  CHECK(python_round(2.675, 2) == 2.67);  // 2.675 is below its decimal
  CHECK(python_round(0.125, 2) == 0.12);  // a true tie goes to even
  CHECK(python_round(0.0828412, 5) == 0.08284);
}

TEST_CASE("a whole text is read as one number") {
  struct row {
    const char* text;
    double face, factor, half_unit;
  };
  const row rows[] = {
      {"12", 12, 1, 0.5},
      {" $1,234.50 ", 1234.5, 1, 0.005},
      {"-$5", -5, 1, 0.5},
      {"$-5", -5, 1, 0.5},
      {"\xE2\x88\x92"
       "7",
       -7, 1, 0.5},
      {"\xE2\x82\xAC 3.0", 3, 1, 0.05},
      {"8%", 8, 0.01, 0.5},
      {"8.0 percent", 8, 0.01, 0.05},
      {"(12.5)", -12.5, 1, 0.05},
      {"$ (12.5)", -12.5, 1, 0.05},
      {"(12.5)%", -12.5, 0.01, 0.05},
      {"1.2 million", 1.2, 1e6, 0.05},
      {"$3bn", 3, 1e9, 0.5},
      {"**42**.", 42, 1, 0.5},
      {"1e3", 1000, 1, 500},
      {".5", 0.5, 1, 0.05},
  };
  for (auto& r : rows) {
    CAPTURE(r.text);
    auto q = read_quantity(r.text);
    REQUIRE(q);
    CHECK(q->face == r.face);
    CHECK(q->factor == r.factor);
    CHECK(q->half_unit == doctest::Approx(r.half_unit));
  }
  for (auto text : {"", "twelve", "12 apples", "1 2", "(-3)", "()", "$", "-", "Q3"})
    CHECK_MESSAGE(!read_quantity(text), text);
}

TEST_CASE("the last number of running text counts") {
  auto last = [](const char* text) {
    auto q = last_quantity(text);
    return q ? std::string(q->text) : std::string("<none>");
  };
  CHECK(last("first 3, then 4.") == "4");
  CHECK(last("it costs $1,234.50!") == "$1,234.50");
  CHECK(last("down by -$3") == "-$3");
  CHECK(last("x = -7") == "-7");
  CHECK(last("10-5") == "5");
  CHECK(last("in Q3") == "<none>");
  CHECK(last("grew 12 % a year") == "12 %");
  CHECK(last("3.5 million dollars") == "3.5 million");
  CHECK(last("1,23") == "23");  // not a group of three
  CHECK(last("no number") == "<none>");
}
