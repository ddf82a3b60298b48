#include "storage/json_text.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace assay;
using namespace assay::storage;

namespace {

using strings = std::vector<std::string>;

bool reads(std::string_view text, strings expected) {
  strings read{"left over"};
  return read_list(text, read) && read == expected;
}

bool refused(std::string_view text) {
  strings read;
  return !read_list(text, read);
}

}  // namespace

TEST_CASE("lists, fields, messages and limits are written as plain JSON") {
  CHECK(list_json({"a", "", "b\"\\"}) == R"(["a","","b\"\\"])");
  CHECK(list_json({std::string("\0\n\t\r\x1f", 5)}) == R"(["\u0000\n\t\r\u001f"])");
  CHECK(fields_json({{"b", "2"}, {"a", "x"}}) == R"({"b":"2","a":"x"})");
  CHECK(messages_json({{role::system, "s"}, {role::user, "u"}}) ==
        R"([{"role":"system","content":"s"},{"role":"user","content":"u"}])");
  rate_header header;
  header.counts = dimension::tokens;
  header.limit = 1000;
  header.remaining = 0.5;
  header.reset = milliseconds(60'000);
  CHECK(limits_json({header}) ==
        R"([{"counts":"tokens","limit":1000,"remaining":0.5,"reset_ms":60000}])");
}

TEST_CASE("a character is escaped wherever in a text it stands") {
  for (int c = 0; c < 256; ++c)
    for (std::size_t at = 0; at < 20; ++at) {
      std::string text(20, 'x');
      text[at] = static_cast<char>(c);
      auto json = list_json({text});
      bool escaped = c < 0x20 || c == '"' || c == '\\';
      REQUIRE((json.size() > 24) == escaped);
      REQUIRE(reads(json, {text}));
    }
}

TEST_CASE("an empty list is a list") {
  CHECK(list_json({}) == "[]");
  CHECK(fields_json({}) == "{}");
  CHECK(messages_json({}) == "[]");
  CHECK(messages_json({{role::assistant, "", {{"c1", "sum", R"({"a":1})"}}, {}},
                       {role::tool, "2", {}, "c1"},
                       {role::assistant, "", {}, {}, "[\"t\"]"}}) ==
        R"([{"role":"assistant","content":"","calls":[{"id":"c1","name":"sum",)"
        R"("arguments":"{\"a\":1}"}]},{"role":"tool","content":"2","answers":"c1"},)"
        R"({"role":"assistant","content":"","thinking":"[\"t\"]"}])");
  CHECK(limits_json({}) == "[]");
  CHECK(reads("[ ]", {}));
  field_list fields{{"a", "b"}};
  CHECK(read_fields("{}", fields));
  CHECK(fields.empty());
}

TEST_CASE("white space and the order of members do not matter") {
  CHECK(reads(" [ \"a\" ,\n\"b\" ]\t", {"a", "b"}));
  std::vector<chat_message> messages;
  CHECK(read_messages(R"([ {"content" : "u", "role":"assistant"} ])", messages));
  CHECK(messages == std::vector<chat_message>{{role::assistant, "u"}});
  CHECK(read_messages(R"([{"role":"assistant","thinking":"t","content":""}])", messages));
  CHECK(messages.at(0).thinking == "t");
  std::vector<rate_header> limits;
  CHECK(read_limits(R"([{"window_s":86400,"remaining":1,"limit":2,"counts":"requests"}])", limits));
  CHECK(limits.at(0).window == std::chrono::seconds(86'400));
  CHECK_FALSE(limits.at(0).reset.has_value());
}

TEST_CASE("every beginning of a text is refused, and so is whatever follows its end") {
  std::string list = R"(["a\u0001\"","b"])";
  for (std::size_t size = 0; size < list.size(); ++size) CHECK(refused(list.substr(0, size)));
  CHECK(reads(list, {"a\x01\"", "b"}));
  CHECK(refused(list + "]"));

  std::string fields = R"({"a":"1","b":"2"})";
  field_list read_back;
  for (std::size_t size = 0; size < fields.size(); ++size)
    CHECK_FALSE(read_fields(fields.substr(0, size), read_back));

  std::string limits = R"([{"counts":"tokens","limit":1,"remaining":1,"reset_ms":1}])";
  std::vector<rate_header> headers;
  for (std::size_t size = 0; size < limits.size(); ++size)
    CHECK_FALSE(read_limits(limits.substr(0, size), headers));
}

TEST_CASE("what the writer never writes is refused") {
  for (auto text : {"", "[1]", "[\"a\",]", "{\"a\":\"b\"}", "\"a\"", "[\"\\x\"]", "[\"\\u00zz\"]",
                    "[\"\\u00e4\"]", "[[\"a\"]]", "null", "[null]"})
    CHECK(refused(text));
  std::vector<rate_header> headers;
  for (auto text : {R"([{"counts":"bananas","limit":1,"remaining":1}])", R"([{"limit":"1"}])",
                    R"([{"limit":1e}])", R"([{"reset_ms":1e300}])", R"([{"unknown":1}])", R"([{])"})
    CHECK_FALSE(read_limits(text, headers));
  std::vector<chat_message> messages;
  CHECK_FALSE(read_messages(R"([{"role":"nobody","content":""}])", messages));
}

TEST_CASE("deeply nested input is refused without descending into it") {
  CHECK(refused(std::string(10'000'000, '[')));
}
