// A template is read with all that it says, or refused with every problem and its place.

#include "config/extraction_template.hpp"

#include <doctest/doctest.h>

#include "tests/config/reading.hpp"

namespace assay::tests {
namespace {

checked<extraction_template> parse(const std::string& text) {
  return config::parse_template(text, "dir/filing.toml", variables({}));
}

/// What is said about a template, a line for each problem.
std::string problems_of(const std::string& text) {
  std::string lines;
  auto read = parse(text);
  if (!read)
    for (const auto& p : read.error()) lines += (lines.empty() ? "" : "\n") + render(p);
  return lines;
}

TEST_CASE("every key of a template reaches its place") {
  auto read = parse(R"toml(
name = "annual report"
description = """A page
of a report"""

[[field]]
name = "revenue"
type = "number"
description = "net revenue"
required = true
pattern = '\$ ?([\d,.]+)'

[[field]]
name = "auditor"
type = "enum"
values = ["A", "B"]
)toml");
  REQUIRE(read);
  CHECK(read->name == "annual report");
  CHECK(read->description == "A page\nof a report");
  template_field revenue{.name = "revenue",
                         .declared_at = "dir/filing.toml:6:1",
                         .type = field_type::number,
                         .description = "net revenue",
                         .required = true,
                         .pattern = R"(\$ ?([\d,.]+))",
                         .pattern_at = "dir/filing.toml:11:11",
                         .values = {}};
  template_field auditor{.name = "auditor",
                         .declared_at = "dir/filing.toml:13:1",
                         .type = field_type::choice,
                         .description = {},
                         .required = false,
                         .pattern = {},
                         .pattern_at = {},
                         .values = {"A", "B"}};
  REQUIRE(read->fields.size() == 2);
  CHECK(read->fields[0] == revenue);
  CHECK(read->fields[1] == auditor);
}

TEST_CASE("a template without a name is called like its file, a field without a type is a text") {
  auto read = parse("[[field]]\nname = \"a\"\n");
  REQUIRE(read);
  CHECK(read->name == "filing");
  CHECK(read->fields.at(0).type == field_type::string);
}

TEST_CASE("every type of a field has its name") {
  for (std::size_t i = 0; i < field_type_names.size(); ++i) {
    auto type = std::string(field_type_names[i]);
    CAPTURE(type);
    auto read = parse("[[field]]\nname = \"a\"\ntype = \"" + type + "\"\n" +
                      (type == "enum" ? "values = [\"x\"]\n" : ""));
    REQUIRE(read);
    CHECK(read->fields.at(0).type == static_cast<field_type>(i));
    CHECK(to_string(read->fields.at(0).type) == type);
  }
}

TEST_CASE("a bad template is refused with what was found, what is expected, and where") {
  const std::string at = "dir/filing.toml:";
  CHECK(problems_of("") == at + "1:1: the template: field is missing, expected tables, each "
                                "begun by [[field]]");
  CHECK(problems_of("field = []\n") ==
        at + "1:9: the template has no field ([[field]] begins one)");
  CHECK(problems_of("[field]\nname = \"a\"\n") ==
        at + "1:1: field: found a table, expected tables, each begun by [[field]]");
  CHECK(problems_of("field = [1]\n") ==
        at + "1:9: field: found a list, expected tables, each begun by [[field]]");
  CHECK(problems_of("[[fields]]\nname = \"a\"\n[[field]]\nname = \"b\"\n") ==
        at + "1:3: unknown key \"fields\" in the template (did you mean \"field\"?)");
  CHECK(problems_of("[[field]]\nname = \"a\"\ntyp = \"date\"\n") ==
        at + "3:1: unknown key \"typ\" in field (did you mean \"type\"?)");
  CHECK(problems_of("[[field]]\ntype = \"date\"\n") ==
        at + "1:1: field: name is missing, expected a text");
  CHECK(problems_of("[[field]]\nname = \"a.b\"\n") ==
        at + "2:8: field: \"a.b\" cannot be a name (use up to 100 letters, digits, _ and -)");
  CHECK(problems_of("[[field]]\nname = \"a\"\n[[field]]\nname = \"a\"\n") ==
        at + "4:8: field \"a\" is declared twice (first at " + at + "2:8)");
  CHECK(problems_of("[[field]]\nname = \"a\"\ntype = \"currency\"\n") ==
        at + "3:8: type: found \"currency\", expected a known name (known: string, number, "
             "integer, boolean, date, list, enum)");
  CHECK(problems_of("[[field]]\nname = \"a\"\ntype = \"enum\"\n") ==
        at + "1:1: field: values is missing, expected a list of texts (a field of type "
             "\"enum\" is one of them)");
  CHECK(problems_of("[[field]]\nname = \"a\"\nvalues = [\"x\"]\n") ==
        at + "3:1: values: only a field of type \"enum\" has them (set type = \"enum\", or "
             "leave them out)");
  CHECK(problems_of("[[field]]\nname = \"a\"\ntype = \"enum\"\nvalues = [\"x\", \"x\"]\n") ==
        at + "4:16: values: \"x\" is there twice");
  CHECK(problems_of("[[field]]\nname = \"a\"\nrequired = \"yes\"\n") ==
        at + "3:12: required: found \"yes\", expected true or false");
  CHECK(problems_of("[[field]]\nname = \"a\"\npattern = \"\\d\"\n") ==
        at + "3:13: TOML: Error while parsing string: unknown escape sequence '\\d' (write "
             "\\\\ for a backslash, or put the text in single quotes)");
}

TEST_CASE("all problems of a template come in one go, in the order of its lines") {
  auto found = problems_of("[[field]]\ntype = \"int\"\n[[field]]\nname = \"a b\"\n");
  auto name = found.find("dir/filing.toml:1:1: field: name is missing");
  auto type = found.find("dir/filing.toml:2:8: type: found \"int\"");
  auto bad_name = found.find("dir/filing.toml:4:8: field: \"a b\" cannot be a name");
  CHECK(name == 0);
  CHECK(name < type);
  CHECK(type < bad_name);
  CHECK(bad_name != std::string::npos);
}

TEST_CASE("a template that is not there is a problem with its path") {
  auto read = config::load_template("no/such.toml", variables({}));
  REQUIRE_FALSE(read);
  REQUIRE(read.error().size() == 1);
  CHECK(render(read.error()[0]) ==
        "no/such.toml: cannot read \"no/such.toml\": No such file or directory");
}

TEST_CASE("every key of [extraction] reaches its setting") {
  auto all = read(R"toml(
[extraction]
model = "m"
embedding_model = "e"
passage_chars = 900
passage_overlap = 90
passages_per_field = 4
fields_per_call = 9
asks = 3

[providers.p]
base_url = "http://h"
[models.m]
provider = "p"
[models.e]
provider = "p"
)toml");
  CHECK(all.extraction.model == "m");
  CHECK(all.extraction.embedding_model == "e");
  CHECK(all.extraction.passage_chars == 900);
  CHECK(all.extraction.passage_overlap == 90);
  CHECK(all.extraction.passages_per_field == 4);
  CHECK(all.extraction.fields_per_call == 9);
  CHECK(all.extraction.asks == 3);
}

}  // namespace
}  // namespace assay::tests
