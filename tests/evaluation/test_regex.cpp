#include <doctest/doctest.h>

#include "evaluation/text/regex.hpp"

using namespace assay::evaluation;

namespace {

std::string found(const std::string& pattern, const std::string& subject, int select = 0) {
  auto result = regex::compile(pattern, "here").value().find(subject, select);
  if (result.status == search_status::none) return "<none>";
  if (result.status == search_status::gave_up) return "<gave up>";
  return std::string(result.text);
}

std::string replaced(const std::string& pattern, std::string subject, const std::string& by) {
  CHECK(regex::compile(pattern, "here").value().replace_all(subject, by));
  return subject;
}

}  // namespace

TEST_CASE("select counts matches from the front, or from the back when negative") {
  CHECK(found("[0-9]", "a1b2c3") == "1");
  CHECK(found("[0-9]", "a1b2c3", 1) == "2");
  CHECK(found("[0-9]", "a1b2c3", -1) == "3");
  CHECK(found("[0-9]", "a1b2c3", -3) == "1");
  CHECK(found("[0-9]", "a1b2c3", 3) == "<none>");
  CHECK(found("[0-9]", "a1b2c3", -4) == "<none>");
}

TEST_CASE("of several groups the first that is not empty counts") {
  CHECK(found("(x)|(y)", "y") == "y");
  CHECK(found("n=(\\d+)", "n=12") == "12");
  CHECK(found("(x?)(y?)z", "z") == "<none>");
  CHECK(found("(x?)z", "z") == "");  // one group: findall gives the empty string
}

// Expectations are what Python 3.11's re.findall gives.
TEST_CASE("empty matches advance as in Python") {
  CHECK(found("x*", "axb", 0) == "");
  CHECK(found("x*", "axb", 1) == "x");
  CHECK(found("x*", "axb", 2) == "");
  CHECK(found("x*", "axb", 3) == "");
  CHECK(found("x*", "axb", 4) == "<none>");
}

TEST_CASE("patterns mean what they mean in Python") {
  CHECK(found("a.c", "a\rc") == "a\rc");  // only \n ends a line
  CHECK(found("a.c", "a\nc") == "<none>");
  CHECK(found("b\\Z", "b\n") == "<none>");        // \Z is the very end
  CHECK(found("b$", "b\n") == "b");               // $ is also before a final line end
  CHECK(found("\\\\Z", "\\Z") == "\\Z");          // an escaped backslash before Z
  CHECK(found("\\d", "\xD9\xA3") == "\xD9\xA3");  // Arabic-Indic three is a digit
  CHECK(found("\\w+", "\xC3\xA9t\xC3\xA9") == "\xC3\xA9t\xC3\xA9");
  CHECK(found("\\s", "\xC2\xA0") == "\xC2\xA0");
  CHECK(found("(?i)\xC3\xA9", "\xC3\x89") == "\xC3\x89");
  CHECK(found("\\u20ac", "\xE2\x82\xAC") == "\xE2\x82\xAC");
  CHECK(found("(?P<n>\\d+)(?=%)", "12 34%") == "34");
  CHECK(found("(?m)^$", "a\n", 0) == "");  // after the last line end too
}

TEST_CASE("replacing takes all matches and knows groups") {
  CHECK(replaced(",", "1,234,567", "") == "1234567");
  CHECK(replaced("(?s).*#### ", "a\n#### 3 #### 4", "") == "4");
  CHECK(replaced("(\\w)-(\\w)", "a-b c-d", "\\2\\1") == "ba dc");
  CHECK(replaced("x*", "abc", "-") == "-a-b-c-");
}

TEST_CASE("a pattern that does not compile is a problem with its offset") {
  auto bad = regex::compile("a(b", "judge 'x'");
  REQUIRE(!bad);
  CHECK(bad.error().where == "judge 'x'");
  CHECK(bad.error().what ==
        "the pattern 'a(b' does not compile: missing closing parenthesis at "
        "offset 3");
  CHECK(!regex::compile("\xFF", "x"));
  CHECK(!regex::compile("a\\Cb", "x"));  // would cut characters
}

TEST_CASE("a pattern that backtracks without end gives up") {
  CHECK(found("(a+)+[bc]", std::string(60, 'a')) == "<gave up>");
  std::string subject(60, 'a');
  CHECK(!regex::compile("(a+)+[bc]", "x").value().replace_all(subject, ""));
  CHECK(subject == std::string(60, 'a'));
}

TEST_CASE("twenty thousand repetitions of a group do not exhaust the stack") {
  CHECK(found("^(?:a|b)*$", std::string(200'000, 'a')).size() > 0);
}
