#include "evaluation/dataset.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "evaluation/data/choices.hpp"
#include "evaluation/data/shuffle.hpp"
#include "tests/shared_data.hpp"

using namespace assay;
using namespace assay::evaluation;

namespace {

dataset_settings of(dataset_format format) {
  dataset_settings settings;
  settings.name = "d";
  settings.path = "d.txt";
  settings.format = format;
  return settings;
}

std::vector<sample> good(const std::string& text, const dataset_settings& settings) {
  auto read = parse_dataset(text, settings);
  if (!read) FAIL(render(read.error().front()));
  return *read;
}

std::vector<sample> jsonl(const std::string& text) { return good(text, of(dataset_format::jsonl)); }

std::vector<std::string> problems(const std::string& text, const dataset_settings& settings) {
  auto read = parse_dataset(text, settings);
  std::vector<std::string> lines;
  if (!read)
    for (auto& p : read.error()) lines.push_back(render(p));
  return lines;
}

std::string problem_in(const std::string& text, dataset_format format) {
  auto lines = problems(text, of(format));
  return lines.empty() ? "" : lines.front();
}

std::string jsonl_problem(const std::string& text) {
  return problem_in(text, dataset_format::jsonl);
}

using strings = std::vector<std::string>;

}  // namespace

TEST_CASE("a JSONL row becomes a sample by the usual field names") {
  auto samples = jsonl(
      "{\"id\": 7, \"question\": \"2+2?\", \"answer\": 4, \"difficulty\": \"easy\"}\r\n"
      "\n"
      "{\"id\": \"b\", \"question\": \"3+3?\", \"answer\": \"6\"}");
  REQUIRE(samples.size() == 2);
  CHECK(samples[0].id == "7");
  CHECK(samples[0].input == "2+2?");
  CHECK(samples[0].targets == strings{"4"});
  CHECK(samples[0].difficulty == "easy");
  CHECK(samples[1].id == "b");
  CHECK(samples[0].fields[3] == std::pair<std::string, std::string>("difficulty", "easy"));
}

TEST_CASE("numbers keep the text they have in the file") {
  auto samples =
      jsonl("{\"input\": \"x\", \"target\": 51.0, \"big\": 12345678901234567890123, \"e\": 1E2}");
  CHECK(samples[0].targets == strings{"51.0"});
  CHECK(samples[0].fields[2].second == "12345678901234567890123");
  CHECK(samples[0].fields[3].second == "1E2");
}

TEST_CASE("scalars are fields as text, structures as JSON text, null is no field") {
  auto samples = jsonl(
      R"({"input": "x", "t": true, "n": null, "s": "a\nb \u20ac \ud83d\ude00", "o": {"a": [1, 2]}})");
  using field = std::pair<std::string, std::string>;
  CHECK(samples[0].fields == std::vector<field>{{"input", "x"},
                                                {"t", "true"},
                                                {"s", "a\nb \xE2\x82\xAC \xF0\x9F\x98\x80"},
                                                {"o", "{\"a\": [1, 2]}"}});
}

TEST_CASE("without an id the row's number is the id") {
  auto samples = jsonl("{\"input\": \"a\"}\n\n{\"input\": \"b\"}\n");
  CHECK(samples[0].id == "1");
  CHECK(samples[1].id == "2");
}

TEST_CASE("a field is mapped by name or by path, a whole name first") {
  auto settings = of(dataset_format::jsonl);
  settings.fields.id = "meta.uid";
  settings.fields.input = "turns.0.text";
  settings.fields.target = "answers.text";
  settings.fields.task_type = "a.b";
  settings.fields.tags = {"tags", "meta.split"};
  auto samples =
      good(R"({"meta": {"uid": 5, "split": "test"}, "turns": [{"text": "hi"}], "a.b": "whole",)"
           R"( "a": {"b": "path"}, "answers": {"text": ["x", "y"]}, "tags": ["p", "q"]})",
           settings);
  CHECK(samples[0].id == "5");
  CHECK(samples[0].input == "hi");
  CHECK(samples[0].targets == strings{"x", "y"});
  CHECK(samples[0].task_type == "whole");
  CHECK(samples[0].tags == strings{"p", "q", "test"});
}

TEST_CASE("targets come from strings, numbers, booleans, arrays; null and empty are none") {
  auto targets = [](const std::string& json) {
    return jsonl("{\"input\": \"x\", \"target\": " + json + "}")[0].targets;
  };
  CHECK(targets("\"a\"") == strings{"a"});
  CHECK(targets("false") == strings{"false"});
  CHECK(targets("[1, \"b\", true, null]") == strings{"1", "b", "true"});
  CHECK(targets("[[\"a\", \"b\"], [\"c\"]]") == strings{"[\"a\", \"b\"]", "[\"c\"]"});
  CHECK(targets("{\"total\": 3}") == strings{"{\"total\": 3}"});
  CHECK(targets("null").empty());
  CHECK(targets("\"\"").empty());
}

TEST_CASE("choices lose their letters if every one has the letter of its place") {
  auto texts = [](strings choices) {
    strip_option_letters(choices);
    return choices;
  };
  CHECK(texts({"A)5(\xE2\x88\x9A"
               "3 + 1)",
               "B) 6"}) == strings{"5(\xE2\x88\x9A"
                                   "3 + 1)",
                                   "6"});
  CHECK(texts({"A. x", "B. y", "C. z"}) == strings{"x", "y", "z"});
  CHECK(texts({"(A) x", "(B) y"}) == strings{"x", "y"});
  CHECK(texts({"A: x", "B: y"}) == strings{"x", "y"});
  CHECK(texts({"A. thaliana", "E. coli"}) == strings{"A. thaliana", "E. coli"});
  CHECK(texts({"A x", "B y"}) == strings{"A x", "B y"});
  CHECK(texts({"A. x"}) == strings{"A. x"});
}

TEST_CASE("choices come from arrays and objects") {
  auto choices = [](const std::string& json) {
    return jsonl("{\"input\": \"x\", \"choices\": " + json + "}")[0].choices;
  };
  CHECK(choices("[\"a\", 2, true]") == strings{"a", "2", "true"});
  CHECK(choices("{\"A\": \"x\", \"B\": \"y\"}") == strings{"x", "y"});
  CHECK(choices(R"({"text": ["x", "y"], "label": ["1", "2"]})") == strings{"x", "y"});
  CHECK(choices(R"([{"label": "A", "text": "x"}, {"label": "B", "text": "y"}])") ==
        strings{"x", "y"});
  CHECK(choices(R"("[\"x\", \"y\"]")") == strings{"x", "y"});
  CHECK(choices("null").empty());
  CHECK(jsonl_problem("{\"input\": \"x\", \"choices\": \"a, b\"}") ==
        "d.txt:1: choices must be an array or an object");
}

TEST_CASE("a target among choices: labels and indexes become letters, texts stay") {
  auto target = [](const std::string& choices, const std::string& answer) {
    return jsonl("{\"input\": \"x\", \"choices\": " + choices + ", \"answer\": " + answer + "}")[0]
        .targets.front();
  };
  CHECK(target(R"(["w", "x", "y"])", "2") == "C");
  CHECK(target(R"(["w", "x", "y"])", "\"2\"") == "2");  // a string is no index
  CHECK(target(R"(["w", "x", "y"])", "3") == "3");      // beyond the options
  CHECK(target("[4, 2, 0, 3]", "2") == "2");            // the text of an option
  CHECK(target(R"({"text": ["w", "x", "y"], "label": ["1", "2", "3"]})", "\"3\"") == "C");
  CHECK(target(R"(["w", "x", "y"])", "\"B\"") == "B");
}

TEST_CASE("a JSON array of objects is read with line numbers") {
  auto settings = of(dataset_format::json);
  auto samples = good("\n[\n {\"input\": \"a\"},\n {\"input\": \"b\"}\n]\n", settings);
  CHECK(samples.size() == 2);
  CHECK(samples[1].input == "b");
  settings.fields.input = "q";
  auto lines = problems("[\n{\"q\": \"a\"},\n{\"p\": \"b\"}]", settings);
  CHECK(lines == strings{"d.txt:3: field 'q' not found; the row has: p"});
}

TEST_CASE("CSV: quotes, doubled quotes, line ends within cells, CRLF, BOM, empty lines") {
  auto samples = good(
      "\xEF\xBB\xBFid,question,answer\r\n"
      "1,\"a, \"\"b\"\"\r\nc\",x\r\n"
      "\r\n"
      "2,,\"\"\r\n",
      of(dataset_format::csv));
  REQUIRE(samples.size() == 2);
  CHECK(samples[0].input == "a, \"b\"\r\nc");
  CHECK(samples[0].targets == strings{"x"});
  CHECK(samples[1].input == "");
  CHECK(samples[1].targets.empty());
  CHECK(good("input\na\nb", of(dataset_format::csv)).size() == 2);
}

TEST_CASE("CSV: choices may be several columns") {
  auto settings = of(dataset_format::csv);
  settings.fields.input = "Question";
  settings.fields.target = "Answer";
  settings.fields.choices = "A, B, C";
  auto samples = good("Question,A,B,C,Answer\nq,x,y,,B\n", settings);
  CHECK(samples[0].choices == strings{"x", "y"});
  CHECK(samples[0].targets == strings{"B"});
}

TEST_CASE("CSV faults name the line of the row, also after cells with line ends") {
  auto problem = [](const std::string& text) { return problem_in(text, dataset_format::csv); };
  CHECK(problem("input,b\n\"x\ny\",1\nz\n") == "d.txt:4: the row has 1 cells, the header 2");
  CHECK(
      problem("input\n\"x\n\n") ==
      "d.txt:2: the quote opened on line 2 is never closed (put the cell in quotes and double the "
      "quotes within it)");
  CHECK(problem("input\na\"b\n").rfind("d.txt:2: a quote in the middle of a cell", 0) == 0);
  CHECK(problem("input\n\"a\"b\n").rfind("d.txt:2: text after the closing quote", 0) == 0);
  CHECK(problem("input,input\na,b\n") == "d.txt:1: the header has the column 'input' twice");
  CHECK(problem("input,\na,b\n") == "d.txt:1: the header has a column without a name");
  CHECK(problem(std::string("input\na\0b\n", 10)) == "d.txt:2: a NUL byte");
  CHECK(problem("input\na\n\xFF\n").rfind("d.txt:3: not UTF-8", 0) == 0);
}

TEST_CASE("bad JSONL lines are named with line, column and reason") {
  CHECK(jsonl_problem("{\"input\": \"a\"}\n{\"input\": \"b\"") ==
        "d.txt:2: not JSON: ',', ':' or '}' was expected at column 14");
  CHECK(jsonl_problem("{\"input\": \"a") ==
        "d.txt:1: not JSON: the string does not end at column 13");
  CHECK(jsonl_problem("{\"input\": 01}") ==
        "d.txt:1: not JSON: a number must not start with 0 at column 13");
  CHECK(jsonl_problem("{\"input\": \"a\"} x") ==
        "d.txt:1: not JSON: something follows the value at column 16");
  CHECK(
      jsonl_problem("[1]") ==
      "d.txt:1: expected a JSON object on every line (if the file is one JSON array, set format = "
      "\"json\")");
  CHECK(jsonl_problem("{\"input\": \"a\xFF\"}") ==
        "d.txt:1: not UTF-8 at byte 13 (convert the file, e.g. with `iconv -t utf-8`)");
  CHECK(jsonl_problem("{\"input\": \"\\ud800\"}").find("surrogate") != std::string::npos);
  CHECK(jsonl_problem(std::string("{\"input\": \0}", 12)).find("a NUL byte") != std::string::npos);
  CHECK(jsonl_problem("{\"input\": \"a\", \"input\": \"b\"}") ==
        "d.txt:1: the row has the field 'input' twice");
  CHECK(jsonl_problem("{\"input\": [\"a\"]}") ==
        "d.txt:1: the input is an array or object, expected text (name a part of it, e.g. "
        "fields.input = \"field.0\")");
  CHECK(jsonl_problem("{\"input\": null}") == "d.txt:1: the input is null, expected text");
}

TEST_CASE("nesting without end and huge lines are refused, not fatal") {
  CHECK(jsonl_problem("{\"input\": " + std::string(200'000, '[') + "}").find("128 levels") !=
        std::string::npos);
  CHECK(jsonl_problem("{\"input\": \"" + std::string(17 * 1024 * 1024, 'x') + "\"}") ==
        "d.txt:1: the line is longer than 16 MiB");
}

TEST_CASE("a missing field is named together with the fields that are there") {
  auto settings = of(dataset_format::jsonl);
  settings.fields.input = "question";
  CHECK(problems("{\"prompt\": \"a\", \"gold\": 1}", settings) ==
        strings{"d.txt:1: field 'question' not found; the row has: prompt, gold"});
  CHECK(
      jsonl_problem("{\"text\": \"a\"}") ==
      "d.txt:1: no field for the input (tried input, question, prompt, problem, Question); the row "
      "has: text (set fields.input)");
}

TEST_CASE("a mapped field that no row has is a problem even where rows may lack it") {
  auto settings = of(dataset_format::jsonl);
  settings.fields.task_type = "kind";
  settings.task_type = "math";
  CHECK(problems("{\"input\": \"a\"}", settings) ==
        strings{"d.txt: no row has the field 'kind' (fields.task_type)"});
  auto samples = good("{\"input\": \"a\"}\n{\"input\": \"b\", \"kind\": \"logic\"}", settings);
  CHECK(samples[0].task_type == "math");
  CHECK(samples[1].task_type == "logic");
}

TEST_CASE("an id that comes twice is a problem that names both lines") {
  CHECK(jsonl_problem("{\"id\": 1, \"input\": \"a\"}\n\n{\"id\": \"1\", \"input\": \"b\"}") ==
        "d.txt:3: the id '1' is already used on line 1 (set fields.id to a field with unique "
        "values)");
}

TEST_CASE("after twenty problems the rest is counted") {
  std::string text;
  for (int i = 0; i < 25; ++i) text += "x\n";
  auto lines = problems(text, of(dataset_format::jsonl));
  REQUIRE(lines.size() == 21);
  CHECK(lines[19].rfind("d.txt:20:", 0) == 0);
  CHECK(lines[20] == "d.txt: and 5 more");
}

TEST_CASE("an empty dataset is a problem in every format") {
  for (auto format : {dataset_format::jsonl, dataset_format::json, dataset_format::csv})
    for (auto text : {"", "\n\n"}) CHECK(problem_in(text, format) != "");
  CHECK(jsonl_problem("") == "d.txt: the dataset has no rows");
  CHECK(problem_in("[]", dataset_format::json) == "d.txt: the dataset has no rows");
  CHECK(problem_in("input\n", dataset_format::csv) == "d.txt: the dataset has no rows");
}

TEST_CASE("files that are plainly something else are recognised") {
  CHECK(jsonl_problem("\x1F\x8B\x08").find("gzip") != std::string::npos);
  CHECK(jsonl_problem("\xFF\xFE{").find("UTF-16") != std::string::npos);
  CHECK(jsonl_problem("PAR1").find("Parquet") != std::string::npos);
  CHECK(problem_in("{\"input\": \"a\"}", dataset_format::json).find("format = \"jsonl\"") !=
        std::string::npos);
}

TEST_CASE("the filter keeps rows whose field has one of the values") {
  auto settings = of(dataset_format::jsonl);
  settings.filter = {{"level", {"1", "3"}}, {"meta.split", {"test"}}};
  auto samples = good(
      "{\"input\": \"a\", \"level\": 1, \"meta\": {\"split\": \"test\"}}\n"
      "{\"input\": \"b\", \"level\": 2, \"meta\": {\"split\": \"test\"}}\n"
      "{\"input\": \"c\", \"level\": 3, \"meta\": {\"split\": \"dev\"}}\n"
      "{\"input\": \"d\", \"level\": \"3\", \"meta\": {\"split\": \"test\"}}\n",
      settings);
  REQUIRE(samples.size() == 2);
  CHECK(samples[0].input == "a");
  CHECK(samples[1].input == "d");
  CHECK(samples[1].id == "4");  // numbers are those of the file
  settings.filter = {{"level", {"9"}}};
  CHECK(problems("{\"input\": \"a\", \"level\": 1}", settings) ==
        strings{"d.txt: no row passes the filter (compare the filter's values with the rows)"});
  settings.filter = {{"lvl", {"1"}}};
  CHECK(problems("{\"input\": \"a\", \"level\": 1}", settings) ==
        strings{"d.txt: no row has the field 'lvl' of the filter"});
}

// The first numbers from seed 0 are the published ones of SplitMix64; the orders come from an
// independent program in Python.
TEST_CASE("the shuffle is the same on every platform") {
  splitmix64 zero(0);
  CHECK(zero.next() == 0xE220A8397B1DCDAFULL);
  CHECK(zero.next() == 0x6E789E6AA1B965F4ULL);
  CHECK(zero.next() == 0x06C45D188009454FULL);
  std::vector<int> items = {0, 1, 2, 3, 4, 5};
  shuffle(items, 0);
  CHECK(items == std::vector<int>{1, 3, 4, 0, 2, 5});
  items = {0, 1, 2, 3, 4, 5};
  shuffle(items, 42);
  CHECK(items == std::vector<int>{2, 5, 3, 1, 0, 4});
}

TEST_CASE("the limit comes after the shuffle, the shuffle after the filter") {
  std::string text;
  for (int i = 0; i < 10; ++i)
    text += "{\"input\": \"" + std::to_string(i) + "\", \"odd\": " + std::to_string(i % 2) + "}\n";
  auto settings = of(dataset_format::jsonl);
  settings.filter = {{"odd", {"1"}}};
  settings.shuffle_seed = 7;
  auto all = good(text, settings);
  REQUIRE(all.size() == 5);
  settings.limit = 2;
  auto two = good(text, settings);
  REQUIRE(two.size() == 2);
  CHECK(two[0] == all[0]);
  CHECK(two[1] == all[1]);
  settings.shuffle_seed.reset();
  CHECK(good(text, settings)[0].input == "1");
  settings.limit = 99;
  CHECK(good(text, settings).size() == 5);
}

TEST_CASE("files that cannot be read are a problem at the declaration") {
  auto folder = std::filesystem::temp_directory_path() / "assay_test_dataset";
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "train.jsonl") << "{\"input\": \"a\"}\n";
  dataset_settings settings;
  settings.declared_at = "run.toml:3:1";
  settings.path = (folder / "trian.jsonl").string();
  auto missing = load_dataset(settings);
  REQUIRE(!missing);
  CHECK(render(missing.error().front()) ==
        "run.toml:3:1: there is no file '" + settings.path + "' (did you mean 'train.jsonl'?)");
  settings.path = folder.string();
  CHECK(load_dataset(settings).error().front().what == "'" + settings.path + "' is a directory");
  settings.path.clear();
  CHECK(!load_dataset(settings));
  settings.path = (folder / "train.jsonl").string();
  CHECK(load_dataset(settings).value().size() == 1);
  std::filesystem::remove_all(folder);
}

TEST_CASE("GSM8K, AQuA and SVAMP are read without a mapping") {
  auto load = [](const char* name, dataset_format format) -> std::vector<sample> {
    auto path = tests::shared_data(name);
    if (!path) {
      MESSAGE("skipped: " << std::string(name) << " not found");
      return {};
    }
    auto settings = of(format);
    settings.path = *path;
    auto read = load_dataset(settings);
    if (!read) FAIL(render(read.error().front()));
    return *read;
  };
  if (auto gsm8k = load("gsm8k/test.jsonl", dataset_format::jsonl); !gsm8k.empty()) {
    CHECK(gsm8k.size() == 1319);
    CHECK(gsm8k[0].input.rfind("Janet\xE2\x80\x99s ducks lay 16 eggs", 0) == 0);
    CHECK(gsm8k[0].targets[0].substr(gsm8k[0].targets[0].size() - 7) == "#### 18");
  }
  if (auto aqua = load("aqua/aqua_test.jsonl", dataset_format::jsonl); !aqua.empty()) {
    CHECK(aqua.size() == 254);
    CHECK(aqua[0].choices.size() == 5);
    CHECK(aqua[0].choices[4] == "None of these");
    CHECK(aqua[0].targets == strings{"A"});
  }
  if (auto svamp = load("svamp/SVAMP.json", dataset_format::json); !svamp.empty()) {
    CHECK(svamp.size() == 1000);
    CHECK(svamp[0].id == "chal-1");
    CHECK(svamp[0].input == "How much do you have to pay to buy each pack?");
    CHECK(svamp[0].targets == strings{"51.0"});
  }
}
