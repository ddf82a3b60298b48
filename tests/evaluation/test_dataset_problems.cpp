// What is wrong with a dataset is said with its place.

#include <filesystem>
#include <fstream>

#include "tests/evaluation/dataset_text.hpp"

using namespace assay;
using namespace assay::evaluation;
using namespace assay::tests;

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
