#include "providers/dialects/json_fields.hpp"

#include <doctest/doctest.h>

#include <array>
#include <nlohmann/json.hpp>
#include <random>
#include <string>

using namespace assay::dialects;
using namespace std::string_literals;

namespace {

constexpr std::array fields{json_field{"a", 1}, json_field{"b[].c", 2}, json_field{"d.e", 3},
                            json_field{"w[].x", 4, true}};

/// Everything that was found, in a line each.
struct listing : field_sink {
  std::string text;
  void take(int id, const json_value& v) override {
    using kind = json_value::kind;
    text += std::to_string(id) + '=';
    if (v.is == kind::string) text += '"' + std::string(v.text) + '"';
    if (v.is == kind::number) text += v.word();
    if (v.is == kind::boolean) text += v.flag ? "yes" : "no";
    if (v.is == kind::null) text += "null";
    if (v.is == kind::object) text += v.text.empty() ? "{}" : v.text;
    if (v.is == kind::array) text += v.text.empty() ? "[]" : v.text;
    text += ' ';
  }
};

const field_tree& tree() {
  static const field_tree built(fields);
  return built;
}

std::string found_in(std::string_view json) {
  listing sink;
  bool good = scan_fields(tree(), json, sink);
  return (good ? "" : "not JSON: ") + sink.text;
}

bool is_json(std::string_view json) {
  listing sink;
  return scan_fields(tree(), json, sink);
}

double number_in(const std::string& digits) {
  struct : field_sink {
    double value = -1;
    void take(int, const json_value& v) override { value = v.number; }
  } sink;
  REQUIRE(scan_fields(tree(), "{\"a\":" + digits + "}", sink));
  return sink.value;
}

}  // namespace

TEST_CASE("a field that is taken whole gives objects and arrays as they stand in the text") {
  CHECK(found_in(R"({"w":[{"x":{"a": [1, {"x":"}"}]} },{"x":[ ]},{"x":7},{"x":null}],"a":2})") ==
        R"(4={"a": [1, {"x":"}"}]} 4=[ ] 4=7 4=null 1=2 )");
  CHECK(found_in(R"({"b":[{"x":{"y":1},"c":3}],"w":{"x":{}}})") == "2=3 ");
  CHECK(found_in(R"({"w":[{"x":{"a":1)") == "not JSON: ");
}

TEST_CASE("fields are found by their path, and nothing beside it") {
  CHECK(found_in(R"({"a":1,"b":[{"c":"x"},{"c":"y","z":{"c":"no"}}],"d":{"e":true,"a":7}})") ==
        R"(1=1 2="x" 2="y" 3=yes )");
  CHECK(found_in(R"({"x":{"a":1},"a":null,"d":{"e":false}})") == "1=null 3=no ");
  CHECK(found_in(R"({"d":[{"e":1}]})").empty());
  CHECK(found_in(R"({"a":{"e":1},"b":2})") == "1={} ");
  CHECK(found_in(R"([{"a":"in a list"}])") == R"(1="in a list" )");
}

TEST_CASE("what stands before a fault has been handed on") {
  CHECK(found_in(R"({"a":"x","d":{"e":"y)") == R"(not JSON: 1="x" )");
  CHECK(found_in(R"({"a":3}})") == "not JSON: 1=3 ");
}

TEST_CASE("escapes become what they stand for") {
  CHECK(found_in(R"({"a":"q\" \\ \/ \b\f\n\r\t end"})") == "1=\"q\" \\ / \b\f\n\r\t end\" ");
  CHECK(found_in(R"({"a":"\u0041\u00e4\u20AC\ud83d\ude00"})") ==
        "1=\"A\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80\" ");
  CHECK(found_in(R"({"a":"\u0000"})") == "1=\"\0\" "s);
  CHECK(found_in(R"({"\u0061":"by an escaped name"})") == R"(1="by an escaped name" )");
}

TEST_CASE("numbers keep their value") {
  CHECK(number_in("0") == 0);
  CHECK(number_in("-17") == -17);
  CHECK(number_in("2.5") == 2.5);
  CHECK(number_in("1e3") == 1000);
  CHECK(number_in("-1.25E-2") == -0.0125);
  CHECK(number_in("18446744073709551615") == 18446744073709551615.0);
  CHECK(number_in("123456789012345678901234567890") == 123456789012345678901234567890.0);
  CHECK(number_in("1e-999") == 0);
  CHECK(found_in(R"({"a":9223372036854775807})") == "1=9223372036854775807 ");
  CHECK(found_in(R"({"a":3.9})") == "1=3 ");
}

TEST_CASE("only JSON is taken for JSON") {
  for (auto good : {"0", "\"\"", "null", "[]", "{}", " \t\r\n[ 1 , 2 ] \n", "\xEF\xBB\xBF[]",
                    "{\"a\":{\"a\":[[[]]]}}", "\"\x7F\"", "\"\xED\x9F\xBF\xF4\x8F\xBF\xBF\"", "-0"})
    CHECK_MESSAGE(is_json(good), good);
  for (auto bad : {"",
                   " ",
                   "[",
                   "]",
                   "{]",
                   "[}",
                   "[1,]",
                   "[,1]",
                   "[1 2]",
                   "{,}",
                   "{\"a\"}",
                   "{\"a\":}",
                   "{\"a\":1,}",
                   "{a:1}",
                   "{1:2}",
                   "[1]]",
                   "[] []",
                   "tru",
                   "truee",
                   "nul",
                   "True",
                   "NaN",
                   "Infinity",
                   "01",
                   "-",
                   "+1",
                   "1.",
                   ".5",
                   "1e",
                   "1e+",
                   "0x1",
                   "1e999",
                   "'a'",
                   "\"a",
                   "\"\\",
                   "\"\\x\"",
                   "\"\\u12\"",
                   "\"\\u12g4\"",
                   "\"\t\"",
                   "\"\n\"",
                   "\"\\ud800\"",
                   "\"\\udc00\"",
                   "\"\\ud800x\"",
                   "\"\\ud800\\u0041\"",
                   "\"\x80\"",
                   "\"\xC0\xAF\"",
                   "\"\xC3\"",
                   "\"\xE0\x80\x80\"",
                   "\"\xED\xA0\x80\"",
                   "\"\xF0\x80\x80\x80\"",
                   "\"\xF4\x90\x80\x80\"",
                   "\"\xF5\x80\x80\x80\"",
                   "// no\n1",
                   "\xEF\xBB"})
    CHECK_MESSAGE(!is_json(bad), bad);
  CHECK_FALSE(is_json("[1]\0"s));
}

TEST_CASE("nesting is no way to use up the stack") {
  std::string deep(2'000'000, '[');
  CHECK_FALSE(is_json(deep));
  CHECK(is_json(deep + std::string(deep.size(), ']')));
}

TEST_CASE("a damaged document is JSON where a second reader says so") {
  const std::string whole =
      R"({"a":"gr\u00fcn \ud83d\ude00 \"x\"","b":[{"c":-1.5e3},{"c":null}],"d":{"e":[true,0.1]}})"
      "  ";
  std::mt19937 random(7);
  const std::string bytes = "{}[]\",:\\u0dD8e9+-. tfn\xC3\xA4\xED\xF0\n";
  int accepted = 0;
  for (int i = 0; i < 50'000; ++i) {
    auto text = whole;
    for (auto changes = 1 + random() % 3; changes > 0; --changes) {
      auto at = random() % text.size();
      if (random() % 3 == 0)
        text.erase(at, 1 + random() % 4);
      else
        text[at] = bytes[random() % bytes.size()];
    }
    accepted += is_json(text);
    REQUIRE_MESSAGE(is_json(text) == nlohmann::json::accept(text), text);
  }
  CHECK(accepted > 1'000);
}
