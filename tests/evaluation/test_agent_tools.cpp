// What a model may call, and what it is told when it calls it wrongly.

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "evaluation/agent/library.hpp"
#include "evaluation/agent/toolbox.hpp"
#include "messages/known_names.hpp"

using namespace assay;
using namespace assay::evaluation;

namespace {

tools operator+(tools a, const tools& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

struct desk {
  toolbox box;
  workplace place;

  explicit desk(tools offered, const std::string& documents = {})
      : box(toolbox::make(std::move(offered)).value()), place(with(documents), "papers") {}

  static sample with(const std::string& documents) {
    sample item;
    item.fields = {{"other", "x"}, {"papers", documents}};
    return item;
  }

  std::string ask(const std::string& name, const std::string& arguments) {
    return box.answer({"1", name, arguments}, place).text;
  }
};

/// A tool that says how it was used.
class echo : public tool {
 public:
  explicit echo(std::string schema) : tool({"echo", "Says what it was told.", std::move(schema)}) {}
  tool_result use(const nlohmann::json& given, workplace&) const override {
    return tool_result::of(given.dump());
  }
};

tools echo_with(std::string schema) { return {std::make_shared<echo>(std::move(schema))}; }

constexpr auto papers =
    R"([{"title":"Cats","text":"A cat sleeps most of the day."},
        {"title":"Dogs","text":"A dog needs a walk. A dog barks."},
        "Birds sing in the morning."])";

}  // namespace

TEST_CASE("the functions of the tools that come with assay are those that files may not declare") {
  auto all = calculator_tools() + file_tools("/").value() + python_tools(nullptr) + search_tools();
  std::vector<std::string> names;
  for (const auto& one : all) names.push_back(one->declared().name);
  std::sort(names.begin(), names.end());
  CHECK(names ==
        std::vector<std::string>(known::tool_functions.begin(), known::tool_functions.end()));
}

TEST_CASE("a call with right arguments is carried out") {
  desk d(calculator_tools());
  CHECK(d.ask("calculator", R"({"expression": "2 * 21"})") == "42");
}

TEST_CASE("what the calculator cannot work out is an error with a place") {
  desk d(calculator_tools());
  CHECK(d.ask("calculator", R"({"expression": "2 *"})") ==
        "Error: character 4: a number was expected, but the expression ends here");
}

TEST_CASE("a tool that is not offered is an error that lists those that are") {
  desk d(calculator_tools() + search_tools());
  CHECK(d.ask("calclator", "{}") ==
        "Error: there is no tool \"calclator\", did you mean \"calculator\". The tools are: "
        "calculator, search, read_document");
  CHECK(d.ask("", "{}") ==
        "Error: there is no tool \"\". The tools are: calculator, search, read_document");
}

TEST_CASE("arguments that are no JSON are an error with a place and the schema") {
  desk d(calculator_tools());
  const auto expected_tail =
      std::string(". Expected an object that meets this JSON Schema: ") +
      R"({"type":"object","properties":{"expression":{"type":"string","description":"e.g. (206588 - 181001) / 181001 * 100"}},"required":["expression"],"additionalProperties":false})";
  CHECK(d.ask("calculator", R"({"expression": "2)") ==
        "Error: the arguments of \"calculator\" are not JSON, at their end: the string does not "
        "end" +
            expected_tail);
  CHECK(d.ask("calculator", "{expression: 2}").find("are not JSON, at byte 2: ") !=
        std::string::npos);
  CHECK(d.ask("calculator", R"("2 * 3")") ==
        "Error: the arguments of \"calculator\" are \"2 * 3\", not an object" + expected_tail);
  CHECK(d.ask("calculator", "{\"expression\": \"\xFF\"}") ==
        "Error: the arguments of \"calculator\" are not UTF-8 at byte 17" + expected_tail);
  CHECK(d.ask("calculator", std::string(10'000, '[')).find("are not JSON, at byte") !=
        std::string::npos);
}

TEST_CASE("arguments that do not meet the schema are an error that names the argument") {
  desk d(calculator_tools());
  CHECK(d.ask("calculator", "{}")
            .starts_with(
                "Error: the arguments of \"calculator\" are wrong: the value lacks the field "
                "\"expression\". Expected"));
  CHECK(d.ask("calculator", R"({"expression": 7})")
            .starts_with("Error: the arguments of \"calculator\" are wrong: "
                         "expression is number, expected \"string\". Expected"));
  CHECK(d.ask("calculator", R"({"expression": "1", "precision": 2})").find("precision") !=
        std::string::npos);
}

TEST_CASE("no arguments at all are an empty object") {
  desk d(echo_with(R"({"type": "object"})"));
  CHECK(d.ask("echo", "") == "{}");
  CHECK(d.ask("echo", " \n") == "{}");
}

TEST_CASE("a result is cut at 20,000 bytes, between characters") {
  desk d(echo_with(R"({"type": "object"})"));
  std::string euros;
  for (int i = 0; i < 10'000; ++i) euros += "\xE2\x82\xAC";
  auto told = d.ask("echo", R"({"x":")" + euros + "\"}");
  CHECK(told.size() == 19'998 + std::string("\n[cut: 10010 more bytes]").size());
  CHECK(told.ends_with("\xE2\x82\xAC\n[cut: 10010 more bytes]"));
}

TEST_CASE("parameters that are not the schema of an object are a problem when tools are offered") {
  auto told = [](const char* schema) { return render(toolbox::make(echo_with(schema)).error()); };
  const std::string none =
      "the parameters of \"echo\" are not the JSON Schema of an object (write {\"type\": "
      "\"object\", \"properties\": {...}})";
  CHECK(told("{") == none);
  CHECK(told("[]") == none);
  CHECK(told(R"({"type": "string"})") == none);
  CHECK(told(R"({"type": "object", "propertys": {}})") ==
        "parameters of \"echo\", #/propertys: the keyword 'propertys' is not supported");
  CHECK(render(toolbox::make(calculator_tools() + calculator_tools()).error()) ==
        "there are two tools \"calculator\"");
}

TEST_CASE("documents are a list of texts or of titled texts, one of these, or plain text") {
  using list = std::vector<document>;
  CHECK(read_documents(papers) == list{{"Cats", "A cat sleeps most of the day."},
                                       {"Dogs", "A dog needs a walk. A dog barks."},
                                       {"document 3", "Birds sing in the morning."}});
  CHECK(read_documents(R"({"title": "One", "text": "x"})") == list{{"One", "x"}});
  CHECK(read_documents("Just text [with brackets]") ==
        list{{"document 1", "Just text [with brackets]"}});
  CHECK(read_documents(R"([1, null, {"text": 5}, "a"])") ==
        list{{"document 1", ""}, {"document 2", "a"}});
  CHECK(read_documents("") == list{});
  CHECK(read_documents(" \n") == list{});
  CHECK(read_documents("[]") == list{});
}

TEST_CASE("search gives the passages that fit best, with their documents") {
  desk d(search_tools(), papers);
  CHECK(d.ask("search", R"({"query": "dog barks"})") ==
        "[1] Dogs, offset 0\nA dog needs a walk. A dog barks.");
  CHECK(d.ask("search", R"({"query": "does a dog sleep"})") ==
        "[1] Dogs, offset 0\nA dog needs a walk. A dog barks.\n\n"
        "[2] Cats, offset 0\nA cat sleeps most of the day.");
  CHECK(d.ask("search", R"({"query": "elephant"})") ==
        "No passage has a word of the query. The documents are:\n1. Cats\n2. Dogs\n3. document 3");
  CHECK(desk(search_tools()).ask("search", R"({"query": "x"})") ==
        "No passage has a word of the query. There are no documents.");
}

TEST_CASE("passages are cut between paragraphs, lines or words, and nothing is lost") {
  std::string text;
  for (int i = 0; i < 400; ++i)
    text += "word" + std::to_string(i) + (i % 40 == 39 ? "\n\n" : i % 10 == 9 ? "\n" : " ");
  std::string euros;
  for (int i = 0; i < 1'000; ++i) euros += "\xE2\x82\xAC";
  library in({{"A", text}, {"B", euros}});
  auto found = in.search("word0 word50 word199 word399", 100);
  REQUIRE(found.size() >= 3);
  for (const auto& p : found) {
    CHECK(p.text.size() <= 1'000);
    CHECK(p.text == std::string_view(text).substr(p.offset, p.text.size()));
    CHECK((p.offset + p.text.size() == text.size() || p.text.ends_with("\n\n")));
  }
  // found by the title of its document
  auto of_euros = in.search("B", 100);
  REQUIRE(of_euros.size() == 4);
  std::string all;
  for (const auto& p : of_euros) {
    CHECK(p.text.size() % 3 == 0);
    all += p.text;
  }
  CHECK(all == euros);
}

TEST_CASE("a document is read by its title or its number, page by page") {
  std::string text;
  for (int i = 0; i < 3'000; ++i) text += "\xE2\x82\xAC";
  desk d(search_tools(), nlohmann::json::array({{{"title", "Euro"}, {"text", text}}}).dump());
  auto first = d.ask("read_document", R"({"document": "Euro"})");
  CHECK(first.starts_with("[bytes 0 to 8001 of 9000; go on with offset 8001]\n"));
  auto second = d.ask("read_document", R"({"document": "1", "offset": 8001})");
  CHECK(second.starts_with("[bytes 8001 to 9000 of 9000]\n"));
  CHECK(first.substr(first.find('\n') + 1) + second.substr(second.find('\n') + 1) == text);
  // an offset within a character moves on to the next one
  CHECK(d.ask("read_document", R"({"document": "1", "offset": 8999})") ==
        "[bytes 9000 to 9000 of 9000]\n");
  CHECK(d.ask("read_document", R"({"document": "1", "offset": 99999})") ==
        "[bytes 9000 to 9000 of 9000]\n");
  CHECK(d.ask("read_document", R"({"document": "2"})") ==
        "Error: there is no document \"2\". The documents are:\n1. Euro");
  CHECK(d.ask("read_document", R"({"document": "1", "offset": -1})").starts_with("Error: "));
  CHECK(d.ask("read_document", R"({"document": "1", "offset": 1e300})").starts_with("Error: "));
}
