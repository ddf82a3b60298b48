// How rows of every format become samples.

#include "tests/evaluation/dataset_text.hpp"
#include "tests/shared_data.hpp"

using namespace assay;
using namespace assay::evaluation;
using namespace assay::tests;

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
