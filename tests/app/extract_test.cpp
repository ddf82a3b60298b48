// `assay extract`: which model is asked, what is run, and what is printed of the result.

#include <doctest/doctest.h>

#include "app/extract/request.hpp"
#include "app/extract/result.hpp"

using namespace assay;
using namespace assay::extract;
using nlohmann::ordered_json;

namespace {

settings with_models(const std::vector<std::string>& names) {
  settings all;
  all.file = "e.toml";
  for (const auto& name : names) {
    model_settings model;
    model.name = name;
    all.models.push_back(model);
  }
  return all;
}

storage::ledger_row answered(const std::string& text) {
  storage::ledger_row row;
  row.has_outcome = true;
  row.what.asked.where.model = "reader";
  row.what.got.cost = {0.25};
  row.what.got.reply.text = text;
  return row;
}

const char* const filled = R"json({
  "template": "order",
  "fields": {
    "total": {"value": 96.2, "source": {"document": "bill.md", "lines": "1-9", "passage": 2},
              "how": "model", "verbatim": true, "asks": 1},
    "note": {"value": "DN-1", "source": {"document": "ship.txt", "lines": "1", "passage": 3},
             "how": "fallback", "verbatim": false, "asks": 1, "reason": "the call failed"}
  },
  "missing": [{"name": "owner", "required": true, "reason": "the model finds it in no passage", "asks": 2}],
  "passages": {"2": {"document": "bill.md", "lines": "1-9", "text": "Total: 96.20"},
               "3": {"document": "ship.txt", "lines": "1", "text": "DN-1\u001b[2J"}},
  "calls": 2, "embedding_calls": 1,
  "asked": [{"call": "round 1 call 1", "fields": 3, "passages": 3, "status": "answered"},
            {"call": "round 2 call 1", "fields": 1, "passages": 3, "status": "answered"}],
  "ranking": "words", "documents": 2, "passages_searched": 3, "passages_repeated": 0,
  "left_out": ["scan.pdf: is a PDF, expected text in UTF-8 (convert it first)"]
})json";

}  // namespace

TEST_CASE("the model that is asked is the command's, else the file's choice, else its only one") {
  auto one = with_models({"a"});
  CHECK(choose_model({"t", "d", ""}, one) == "a");
  auto several = with_models({"a", "b", "v"});
  CHECK(choose_model({"t", "d", "b"}, several) == "b");
  several.extraction.model = "a";
  CHECK(choose_model({"t", "d", ""}, several) == "a");
  CHECK(choose_model({"t", "d", "b"}, several) == "b");
  auto with_vectors = with_models({"a", "v"});
  with_vectors.extraction.embedding_model = "v";
  CHECK(choose_model({"t", "d", ""}, with_vectors) == "a");
}

TEST_CASE("a model that cannot be told is a problem that names those that there are") {
  auto problem_of = [](const request& wanted, const settings& all) {
    auto chosen = choose_model(wanted, all);
    REQUIRE_FALSE(chosen);
    return render(chosen.error());
  };
  CHECK(problem_of({"t", "d", "c"}, with_models({"a", "b"})) ==
        "--model: unknown model \"c\" (known: a, b)");
  CHECK(problem_of({"t", "d", ""}, with_models({"a", "b"})) ==
        "e.toml: declares several models: a, b (say which: --model NAME, or model in "
        "[extraction])");
  CHECK(problem_of({"t", "d", ""}, with_models({})) ==
        "e.toml: declares no model to ask ([models.NAME])");
}

TEST_CASE("a request is run as an experiment of one sample that names template and documents") {
  extraction_template what{"my order", "", {}};
  request wanted{"/t/order.toml", "/d/../docs", ""};
  auto row = ordered_json::parse(row_of(wanted, what));
  CHECK(row["id"] == "my order");
  CHECK(row["template"] == "/t/order.toml");
  CHECK(row["documents"] == "/docs");
  auto name = run_name(wanted, what);
  CHECK(name.starts_with("extract-my-order-"));
  CHECK(name != run_name({"/t/order.toml", "/other", ""}, what));
  auto all = as_experiment(with_models({"a"}), "a", "results/" + name + ".jsonl");
  REQUIRE(all.experiments.size() == 1);
  CHECK(all.experiments[0].name == name);
  CHECK(all.experiments[0].mode == "extraction");
  CHECK(all.experiments[0].models == std::vector<std::string>{"a"});
  CHECK(find_named(all.datasets, all.experiments[0].datasets.at(0))->path ==
        "results/" + name + ".jsonl");
  CHECK(find_named(all.prompts, all.experiments[0].prompts.at(0)) != nullptr);
}

TEST_CASE("a result is what the ledger holds, with the run, the model, the status and the cost") {
  auto result = result_of(answered(filled), 7);
  REQUIRE(result);
  CHECK((*result)["run"] == 7);
  CHECK((*result)["model"] == "reader");
  CHECK((*result)["status"] == "answered");
  CHECK((*result)["cost_usd"] == 0.25);
  CHECK_FALSE(result->contains("error"));
  auto failed = answered(filled);
  failed.what.got.status = outcome_status::error;
  failed.what.got.error.kind = error_class::timeout;
  failed.what.got.error.message = "60 s";
  CHECK((*result_of(failed, 7))["error"] == "timeout, 60 s");
}

TEST_CASE("a run without a result says how to go on") {
  storage::ledger_row none;
  auto result = result_of(none, 7);
  REQUIRE_FALSE(result);
  CHECK(render(result.error()) ==
        "run 7: the template is not filled yet (run the same command again to continue)");
}

TEST_CASE("a result is printed with sources and calls, what is missing, and the passages") {
  auto result = *result_of(answered(filled), 7);
  CHECK(lacks_required(result));
  CHECK(to_text(result) ==
        R"(order
  filled    2 of 3 fields
  calls     2 calls (3 + 1 fields), 1 call for vectors
  searched  2 documents, 3 passages, by words
! left out: scan.pdf: is a PDF, expected text in UTF-8 (convert it first)

Values
field  value  source       passage  calls  note
total  96.2   bill.md:1-9        2      1
note   DN-1   ship.txt:1         3      1  fallback
fallback: the call failed, the field's pattern found this value
not verbatim: the passage does not hold the value word for word

Missing
field  required  calls
owner  yes           2
owner: the model finds it in no passage

Passages

[2] bill.md:1-9
Total: 96.20

[3] ship.txt:1
DN-1\x1b[2J
)");
  result["missing"][0]["required"] = false;
  CHECK_FALSE(lacks_required(result));
}
