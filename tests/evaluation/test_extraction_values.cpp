// Which values a field takes, what its pattern finds, and what stands in a passage.

#include <doctest/doctest.h>

#include "evaluation/extraction/dates.hpp"
#include "evaluation/extraction/field_check.hpp"
#include "evaluation/extraction/stands_in.hpp"

using namespace assay;
using namespace assay::evaluation;
using nlohmann::json;

namespace {

field_check check(field_type type, std::string pattern = {}, std::vector<std::string> values = {}) {
  template_field field{.name = "f",
                       .declared_at = "t.toml:1:1",
                       .type = type,
                       .description = {},
                       .required = false,
                       .pattern = std::move(pattern),
                       .pattern_at = "t.toml:3:11",
                       .values = std::move(values)};
  auto made = field_check::make(field);
  REQUIRE(made);
  return *made;
}

std::string fault(const field_check& c, const std::string& value, const std::string& passage = {}) {
  return c.fault_of(json::parse(value), passage);
}

}  // namespace

TEST_CASE("a value has the field's type, or what is wrong with it is said") {
  struct row {
    field_type type;
    std::vector<std::string> good;
    std::vector<std::pair<std::string, std::string>> bad;
  };
  const row rows[] = {
      {field_type::string,
       {R"("x")", R"("12")"},
       {{"12", "found 12, expected a text"}, {R"(" ")", R"(found " ", expected a text)"}}},
      {field_type::number,
       {"1", "-2.5", "1e3"},
       {{R"("1")", R"(found "1", expected a number)"}, {"true", "found true, expected a number"}}},
      {field_type::integer,
       {"7", "-7", "7.0"},
       {{"7.5", "found 7.5, expected a whole number"},
        {"1e300", "found 1e+300, expected a whole number"},
        {R"("7")", R"(found "7", expected a whole number)"}}},
      {field_type::boolean,
       {"true", "false"},
       {{R"("yes")", R"(found "yes", expected true or false)"},
        {"1", "found 1, expected true or false"}}},
      {field_type::date,
       {R"("2007-12-31")", R"("2008-02-29")"},
       {{R"("2007-02-29")", R"(found "2007-02-29", expected a date such as "2007-12-31")"},
        {R"("31.12.2007")", R"(found "31.12.2007", expected a date such as "2007-12-31")"},
        {"2007", R"(found 2007, expected a date such as "2007-12-31")"}}},
      {field_type::list,
       {R"(["a"])", R"(["a","b"])"},
       {{"[]", "found [], expected a list of texts"},
        {R"(["a",1])", R"(found ["a",1], expected a list of texts)"},
        {R"("a")", R"(found "a", expected a list of texts)"}}},
  };
  for (const auto& r : rows) {
    CAPTURE(to_string(r.type));
    for (const auto& value : r.good) CHECK(fault(check(r.type), value).empty());
    for (const auto& [value, what] : r.bad) CHECK(fault(check(r.type), value) == what);
  }
  auto one_of = check(field_type::choice, {}, {"A", "B c"});
  CHECK(fault(one_of, R"("B c")").empty());
  CHECK(fault(one_of, R"("b c")") == R"(found "b c", expected one of "A", "B c")");
}

TEST_CASE("a value with a pattern matches it as a whole, or is what it finds in the passage") {
  auto id = check(field_type::string, R"([A-Z]{2}\d{4})");
  CHECK(fault(id, R"("AB1234")").empty());
  CHECK(fault(id, R"("xAB1234")") ==
        R"(found "xAB1234", which neither matches the pattern [A-Z]{2}\d{4} nor is what it finds )"
        "in the passage");
  // the number is written otherwise than JSON writes it, so the passage decides
  auto amount = check(field_type::number, R"(\$ ?([\d,]+\.\d))");
  const std::string passage = "revenue was $ 1,234.5 , after $ 900.0";
  CHECK(fault(amount, "1234.5", passage).empty());
  CHECK(fault(amount, "900", passage).empty());
  CHECK_FALSE(fault(amount, "901", passage).empty());
  CHECK_FALSE(fault(amount, "1234.5", "no amount at all").empty());
  auto day = check(field_type::date, R"(\w+ \d+ ?, \d{4})");
  CHECK(fault(day, R"("2013-12-31")", "ended december 31 , 2013").empty());
  auto codes = check(field_type::list, R"([A-Z]\d)");
  CHECK(fault(codes, R"(["A1","B2"])").empty());
  CHECK_FALSE(fault(codes, R"(["A1","B"])").empty());
}

TEST_CASE("an alternative in a pattern is a whole one") {
  auto either = check(field_type::string, "a|b");
  CHECK(fault(either, R"("b")").empty());
  for (auto value : {R"("ac")", R"("cb")", R"("bc")"}) CHECK_FALSE(fault(either, value).empty());
}

TEST_CASE("a pattern finds the first text that reads as the field's type") {
  auto found = [](const field_check& c, const char* text) {
    auto value = c.find_in(text);
    return value ? value->dump() : "nothing";
  };
  CHECK(found(check(field_type::string, R"(by ([\w ]+))"), "audited by  Deloitte  LLP.") ==
        R"("Deloitte LLP")");
  CHECK(found(check(field_type::number, R"(\S+)"), "about $1,234.5 in all") == "1234.5");
  CHECK(found(check(field_type::number, R"(\d+ ?%)"), "grew by 27%") == "27");
  CHECK(found(check(field_type::integer, R"([\d.]+)"), "2.5 or 3") == "3");
  CHECK(found(check(field_type::boolean, R"(active: (\w+))"), "active: No") == "false");
  CHECK(found(check(field_type::date, R"(\w+ \d+, \d+)"), "May 99, 2007 or May 9, 2007") ==
        R"("2007-05-09")");
  CHECK(found(check(field_type::list, R"([A-Z]\d)"), "A1 B2 A1") == R"(["A1","B2"])");
  CHECK(found(check(field_type::choice, R"(\w+)", {"Chapter", "Verse"}), "a verse") ==
        R"("Verse")");
  CHECK(found(check(field_type::choice, R"(b\s+c)", {"A", "B c"}), "of b \n c") == R"("B c")");
  CHECK(found(check(field_type::string, "z"), "a") == "nothing");
  CHECK(found(check(field_type::string), "a") == "nothing");
}

TEST_CASE("a pattern that does not compile is a problem at its place") {
  template_field field;
  field.name = "f";
  field.pattern = std::string("a(");
  field.pattern_at = "t.toml:3:11";
  auto made = field_check::make(field);
  REQUIRE_FALSE(made);
  CHECK(made.error().where == "t.toml:3:11");
  CHECK(made.error().what.starts_with("the pattern 'a(' does not compile: missing closing"));
}

TEST_CASE("dates are read in the spellings that can be told in one way") {
  for (auto text : {"2007-12-31", "December 31, 2007", "december 31 , 2007", "Dec. 31 2007",
                    "31 December 2007", "31 dec 2007"}) {
    CAPTURE(text);
    CHECK(read_date(text) == "2007-12-31");
  }
  for (auto text : {"12/31/2007", "3/4/2007", "2007-13-01", "2007-02-29", "Ma 1 2007", "2007",
                    "May 32, 2007", "1 2 3 4", ""}) {
    CAPTURE(text);
    CHECK_FALSE(read_date(text));
  }
  CHECK(is_iso_date("2008-02-29"));
  for (auto text :
       {"2007-02-29", "2007-1-01", "2007/01/01", "20070101", "2007--1-01", "0007-01-01"})
    CHECK_FALSE(is_iso_date(text));
}

TEST_CASE(
    "a value stands in a passage word for word, by its number, or in any spelling of a date") {
  auto stands = [](const char* passage, const char* value, field_type type) {
    return stands_in(passage, json::parse(value), type);
  };
  CHECK(stands("The ACME, Inc. report", R"("Acme Inc")", field_type::string));
  CHECK_FALSE(stands("The ACMEs report", R"("Acme")", field_type::string));
  CHECK_FALSE(stands("words", R"("...")", field_type::string));
  CHECK(stands("a loss of $1,234.50.", "-1234.5", field_type::number));
  CHECK(stands("in 2007.", "2007", field_type::integer));
  CHECK_FALSE(stands("in 20070", "2007", field_type::integer));
  CHECK_FALSE(stands("12.5", "2.5", field_type::number));
  CHECK(stands("on Dec. 31 , 2007", R"("2007-12-31")", field_type::date));
  CHECK(stands("on 12/31/2007", R"("2007-12-31")", field_type::date));
  CHECK_FALSE(stands("on Dec. 30, 2007", R"("2007-12-31")", field_type::date));
  CHECK_FALSE(stands("on Dec. 31, 2007", R"("2007-12-31")", field_type::string));
  CHECK(stands("coal, and iron ore", R"(["iron ore","coal"])", field_type::list));
  CHECK_FALSE(stands("coal", R"(["iron ore","coal"])", field_type::list));
  CHECK(stands("whatever", "true", field_type::boolean));
}
