#include <cstdio>
#include <filesystem>
#include <fstream>

#include "evaluation/judges/json_schema.hpp"
#include "evaluation/judges/json_value.hpp"
#include "tests/evaluation/judging.hpp"

using namespace assay;
using namespace assay::tests;
using doctest::Approx;
using evaluation::json_schema;
using evaluation::schema_result;

namespace {

judge_settings fields(std::vector<std::string> names) {
  auto settings = judge_of("json-fields");
  settings.json_fields = std::move(names);
  return settings;
}

std::string check(const std::string& schema, const std::string& value) {
  auto compiled = json_schema::compile(nlohmann::json::parse(schema), "s.json");
  if (!compiled) return render(compiled.error());
  auto result = compiled->check(nlohmann::json::parse(value));
  return result.status == schema_result::gave_up ? "gave up" : result.fault;
}

bool valid(const std::string& schema, const std::string& value) {
  return check(schema, value).empty();
}

}  // namespace

TEST_CASE("json-fields scores the share of fields that equal the target's") {
  auto target = R"({"name": "Ann", "age": 30, "tags": ["a"], "address": {"city": "Rome"}})";
  auto settings = fields({"name", "age", "tags", "address.city"});
  CHECK(judged(settings, target, {target}).score == 1);
  auto v = judged(settings, R"(Here: {"name": "Bob", "age": 30.0, "tags": ["a"]})", {target});
  CHECK(v.score == 0.5);
  CHECK(v.explanation ==
        "name: \"Bob\", expected \"Ann\"; address.city: missing, expected \"Rome\"");
  CHECK(judged(fields({"age"}), R"({"age": "30"})", {target}).score == 0);
}

TEST_CASE("json-fields reads a fenced block before any other object") {
  auto text = "I use {\"a\": 1} as\n```json\n{\"a\": 2}\n```\n";
  CHECK(judged(fields({"a"}), text, {"{\"a\": 2}"}).score == 1);
  CHECK(judged(fields({"a"}), "set {x} then {\"a\": 2}", {"{\"a\": 2}"}).score == 1);
  CHECK(judged(fields({"a"}), "no object", {"{\"a\": 2}"}).explanation ==
        "the answer has no JSON object");
}

TEST_CASE("json-fields normalises strings and tolerates numbers as its options say") {
  auto settings = fields({"s", "n"});
  settings.ignore_case = true;
  settings.tolerance = 0.5;
  CHECK(judged(settings, R"({"s": "ABC", "n": 2.4})", {R"({"s": "abc", "n": 2})"}).score == 1);
  CHECK(judged(settings, R"({"s": "ABC", "n": 2.6})", {R"({"s": "abc", "n": 2})"}).score == 0.5);
}

TEST_CASE("json-fields: a target that is no object, or lacks the field, is unscored") {
  CHECK(!judged(fields({"a"}), "{\"a\": 1}", {"1"}).scored);
  auto v = judged(fields({"a"}), "{\"a\": 1}", {"{\"b\": 1}"});
  CHECK(!v.scored);
  CHECK(v.explanation == "the target lacks a");
}

TEST_CASE("json-schema: each keyword accepts and refuses") {
  struct row {
    const char* schema;
    const char* good;
    const char* bad;
  };
  const row rows[] = {
      {R"({"type": "string"})", R"("x")", "1"},
      {R"({"type": ["null", "number"]})", "1.5", "true"},
      {R"({"type": "integer"})", "2.0", "2.5"},
      {R"({"type": "boolean"})", "true", "0"},
      {R"({"enum": [1, "a"]})", R"("a")", "2"},
      {R"({"const": {"a": 1}})", R"({"a": 1.0})", R"({"a": 2})"},
      {R"({"minimum": 2})", "2", "1.9"},
      {R"({"maximum": 2})", "2", "2.1"},
      {R"({"exclusiveMinimum": 2})", "2.1", "2"},
      {R"({"exclusiveMaximum": 2})", "1.9", "2"},
      {R"({"multipleOf": 0.1})", "0.3", "0.35"},
      {R"({"minLength": 2})", "\"\xC3\xA9\xC3\xA9\"", "\"\xC3\xA9\""},
      {R"({"maxLength": 2})", "\"\xC3\xA9\xC3\xA9\"", R"("abc")"},
      {R"({"pattern": "^a+$"})", R"("aaa")", R"("ab")"},
      {R"({"items": {"type": "number"}})", "[1, 2]", R"([1, "a"])"},
      {R"({"items": [{"type": "number"}], "additionalItems": false})", "[1]", "[1, 2]"},
      {R"({"prefixItems": [{"type": "number"}], "items": {"type": "string"}})", R"([1, "a"])",
       "[1, 2]"},
      {R"({"contains": {"const": 3}})", "[1, 3]", "[1, 2]"},
      {R"({"minItems": 1})", "[1]", "[]"},
      {R"({"maxItems": 1})", "[1]", "[1, 2]"},
      {R"({"uniqueItems": true})", "[1, 2]", "[1, 1]"},
      {R"({"required": ["a"]})", R"({"a": null})", "{}"},
      {R"({"properties": {"a": {"type": "number"}}})", R"({"a": 1, "b": "x"})", R"({"a": "x"})"},
      {R"({"properties": {"a": {}}, "additionalProperties": false})", R"({"a": 1})", R"({"b": 1})"},
      {R"({"patternProperties": {"^n": {"type": "number"}}, "additionalProperties": false})",
       R"({"n1": 1})", R"({"n1": "x"})"},
      {R"({"propertyNames": {"maxLength": 1}})", R"({"a": 1})", R"({"ab": 1})"},
      {R"({"minProperties": 1})", R"({"a": 1})", "{}"},
      {R"({"maxProperties": 1})", R"({"a": 1})", R"({"a": 1, "b": 2})"},
      {R"({"allOf": [{"minimum": 1}, {"maximum": 3}]})", "2", "4"},
      {R"({"anyOf": [{"type": "string"}, {"minimum": 3}]})", "3", "2"},
      {R"({"oneOf": [{"minimum": 1}, {"minimum": 3}]})", "2", "3"},
      {R"({"not": {"type": "null"}})", "1", "null"},
      {R"({"if": {"minimum": 10}, "then": {"multipleOf": 10}, "else": {"const": 1}})", "20", "15"},
      {R"({"if": {"minimum": 10}, "then": {"multipleOf": 10}, "else": {"const": 1}})", "1", "2"},
      {R"({"$defs": {"n": {"type": "number"}}, "items": {"$ref": "#/$defs/n"}})", "[1]",
       R"(["x"])"},
      {R"({"properties": {"next": {"$ref": "#"}}, "required": ["v"]})",
       R"({"v": 1, "next": {"v": 2}})", R"({"v": 1, "next": {}})"},
      {"true", "1", "1"},
  };
  for (auto& r : rows) {
    CAPTURE(r.schema);
    CHECK(valid(r.schema, r.good));
    if (std::string(r.schema) != "true") CHECK(!valid(r.schema, r.bad));
  }
  CHECK(!valid("false", "1"));
}

TEST_CASE("json-schema: a fault names its place") {
  auto schema = R"({"properties": {"list": {"items": {"type": "number"}}}})";
  CHECK(check(schema, R"({"list": [1, "x"]})") == "list.1 is string, expected \"number\"");
  CHECK(check(R"({"required": ["a"]})", "{}") == "the value lacks the field \"a\"");
}

TEST_CASE("json-schema: what a schema cannot say is a problem when the judge is made") {
  CHECK(check(R"({"typ": "string"})", "1") == "s.json, #/typ: the keyword 'typ' is not supported");
  CHECK(check(R"({"type": "text"})", "1") == "s.json, #/type: there is no type \"text\"");
  CHECK(check(R"({"items": 3})", "1") ==
        "s.json, #/items: a schema must be an object or a boolean");
  CHECK(check(R"({"$ref": "#/nowhere"})", "1") ==
        "s.json, #/$ref: the reference \"#/nowhere\" leads nowhere");
  CHECK(check(R"({"$ref": "http://x"})", "1").find("within the file") != std::string::npos);
  CHECK(check(R"({"pattern": "("})", "1").find("does not compile") != std::string::npos);
  CHECK(check(R"({"minLength": -1})", "1").find("a count was expected") != std::string::npos);
  CHECK(check(R"({"required": "a"})", "1").find("an array of names") != std::string::npos);
}

TEST_CASE("json-schema: schemas that lead back to themselves and wild patterns give up") {
  CHECK(check(R"({"$ref": "#"})", "1") == "gave up");
  CHECK(check(R"({"pattern": "(a+)+[bc]"})", '"' + std::string(60, 'a') + '"') == "gave up");
  CHECK(check(R"({"not": {"$ref": "#"}})", "1") == "gave up");
  auto text = '"' + std::string(200'000, 'a') + '"';
  CHECK(valid(R"({"pattern": "^(a|b)*$"})", text));  // std::regex would crash here
}

TEST_CASE("json-schema judges the JSON of an answer against a file") {
  auto path = (std::filesystem::temp_directory_path() / "assay_test_schema.json").string();
  std::ofstream(path) << R"({"type": "object", "required": ["a"]})";
  auto settings = judge_of("json-schema");
  settings.schema_file = path;
  CHECK(judged(settings, "```json\n{\"a\": 1}\n```", std::vector<std::string>{}).score == 1);
  CHECK(judged(settings, "{\"b\": 1}", std::vector<std::string>{}).explanation ==
        "the value lacks the field \"a\"");
  CHECK(judged(settings, "none", std::vector<std::string>{}).explanation ==
        "the answer has no JSON");
  CHECK(judged(settings, "\xFF{\"a\": \"\xFF\"}", std::vector<std::string>{}).score == 1);
  CHECK(judged(settings, std::string(100'000, '['), std::vector<std::string>{}).score == 0);
  std::ofstream(path) << "{";
  CHECK(problem_of(settings) == path + ": the schema is not JSON");
  std::remove(path.c_str());
  CHECK(problem_of(settings).find("cannot be read") != std::string::npos);
}
