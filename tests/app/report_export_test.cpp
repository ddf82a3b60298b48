#include "app/report/export.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "app/report/sha256.hpp"
#include "tests/app/report_sample_run.hpp"
#include "tests/folder.hpp"

using namespace assay;
using namespace assay::report;
using namespace assay::tests;
using nlohmann::json;

namespace {

std::string content_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  REQUIRE(in);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<json> lines_of(const std::string& text) {
  std::vector<json> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(json::parse(line));
  return lines;
}

fake_ledger mixed_run() {
  auto ledger = sample_run();
  ledger.kept = {answered("small", "a", 1, 0), answered("small", "b", 0, 1),
                 in_error(answered("small", "c", 0, 2), error_class::timeout),
                 answered("large", "a", 1, 3)};
  auto missing = answered("large", "b", 0, 0);
  missing.has_outcome = false;
  missing.what.got = {};
  missing.verdicts.clear();
  ledger.kept.push_back(missing);
  return ledger;
}

/// Reads CSV back by the rules of RFC 4180.
std::vector<std::vector<std::string>> parse_csv(const std::string& text) {
  std::vector<std::vector<std::string>> rows(1, std::vector<std::string>(1));
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto& field = rows.back().back();
    if (quoted) {
      if (text[i] != '"') {
        field += text[i];
      } else if (i + 1 < text.size() && text[i + 1] == '"') {
        field += text[++i];
      } else {
        quoted = false;
      }
    } else if (text[i] == '"') {
      quoted = true;
    } else if (text[i] == ',') {
      rows.back().emplace_back();
    } else if (text.compare(i, 2, "\r\n") == 0) {
      ++i;
      rows.emplace_back(1);
    } else {
      field += text[i];
    }
  }
  rows.pop_back();
  return rows;
}

}  // namespace

TEST_CASE("JSONL has one object a task with everything that is known of it") {
  auto ledger = mixed_run();
  ledger.kept[0].what.got.attempts.insert(ledger.kept[0].what.got.attempts.begin(),
                                          exchange("east", 0, 0.125, error_class::rate_limited));
  std::ostringstream out;
  REQUIRE(export_jsonl(ledger, ledger.run, out));
  auto lines = lines_of(out.str());
  REQUIRE(lines.size() == 5);
  const auto& first = lines[0];
  CHECK(first["run"] == 12);
  CHECK(first["key"] == to_string(ledger.kept[0].what.asked.key));
  CHECK(first["sample"]["id"] == "a");
  CHECK(first["sample"]["targets"][0] == "2");
  CHECK(first["request"]["messages"][0]["role"] == "system");
  CHECK(first["request"]["temperature"].is_null());
  CHECK(first["status"] == "answered");
  CHECK(first["answer"]["text"] == "2");
  CHECK(first["answer"]["finish"] == "stop");
  CHECK(first["attempts"].size() == 2);
  CHECK(first["attempts"][0]["error"]["class"] == "rate_limited");
  CHECK(first["attempts"][0]["latency_s"] == 0.125);
  CHECK(first["attempts"][0]["ttft_s"].is_null());
  CHECK(first["attempts"][1]["at"]["sent"] == "2026-11-22T12:00:00.000000Z");
  CHECK(first["verdicts"][0]["score"] == 1.0);
  CHECK(lines[2]["status"] == "error");
  CHECK(lines[2]["error"]["class"] == "timeout");
  CHECK(lines[4]["status"].is_null());
}

TEST_CASE("CSV quotes what needs it and keeps every byte of the text") {
  auto ledger = mixed_run();
  ledger.kept[0].what.got.reply.text = "say \"two\",\r\nthen\nstop";
  std::ostringstream out;
  REQUIRE(export_csv(ledger, ledger.run, out));
  auto rows = parse_csv(out.str());
  REQUIRE(rows.size() == 6);
  for (const auto& row : rows) CHECK(row.size() == rows[0].size());
  auto field = [&](std::size_t row, const std::string& name) {
    auto at = std::find(rows[0].begin(), rows[0].end(), name);
    REQUIRE(at != rows[0].end());
    return rows[row][static_cast<std::size_t>(at - rows[0].begin())];
  };
  CHECK(field(1, "answer") == "say \"two\",\r\nthen\nstop");
  CHECK(field(1, "status") == "answered");
  CHECK(field(1, "score_exact") == "1");
  CHECK(field(1, "latency_s") == "1");
  CHECK(field(1, "ttft_s") == "0.25");
  CHECK(field(1, "input_tokens") == "100");
  CHECK(field(1, "cost_usd") == "0.001");
  CHECK(field(3, "status") == "error");
  CHECK(field(3, "error_class") == "timeout");
  CHECK(field(3, "score_exact").empty());
  CHECK(field(5, "status").empty());
  CHECK(field(5, "cost_usd").empty());
}

TEST_CASE("the lm-eval layout has a folder a model with results and samples of each dataset") {
  auto ledger = mixed_run();
  folder to;
  auto paths = export_lm_eval(ledger, ledger.run, to.path);
  REQUIRE(paths);
  const auto small = (to.path / "small/").string();
  const std::string date = "2026-11-22T12-00-00.000000";
  auto results = json::parse(content_of(small + "results_" + date + ".json"));
  const auto& figures = results["results"]["sums"];
  CHECK(figures["alias"] == "sums");
  CHECK(figures["exact_match,exact"] == 0.5);
  CHECK(figures["exact_match_stderr,exact"] == 0.5);  // 1, 0: s^2 = 0.5, error = sqrt(0.5 / 2)
  CHECK(results["group_subtasks"]["sums"] == json::array());
  CHECK(results["configs"]["sums"]["output_type"] == "generate_until");
  CHECK(results["versions"]["sums"] == 1.0);
  CHECK(results["n-shot"]["sums"] == 0);
  CHECK(results["n-samples"]["sums"] == json{{"original", 3}, {"effective", 2}});
  CHECK(results["higher_is_better"]["sums"]["exact_match"] == true);
  CHECK(results["config"]["model_args"] == "model=small-wire");
  CHECK(results["model_name_sanitized"] == "small");
  CHECK(results["git_hash"].is_null());

  auto samples = lines_of(content_of(small + "samples_sums_" + date + ".jsonl"));
  REQUIRE(samples.size() == 2);
  const auto& first = samples[0];
  CHECK(first["doc_id"] == 0);
  CHECK(first["doc"]["question"] == "What is 1 + 1?");
  CHECK(first["target"] == "2");
  CHECK(json::parse(first["arguments"]["gen_args_0"]["arg_0"].get<std::string>())[1]["content"] ==
        "What is 1 + 1?");
  CHECK(first["arguments"]["gen_args_0"]["arg_1"]["until"] == json::array());
  CHECK(first["resps"] == json::parse(R"([["2"]])"));
  CHECK(first["filtered_resps"] == json::parse(R"(["2"])"));
  CHECK(first["filter"] == "exact");
  CHECK(first["metrics"] == json::parse(R"(["exact_match"])"));
  CHECK(first["exact_match"] == 1.0);
  CHECK(first["doc_hash"] == sha256_hex("{\n  \"question\": \"What is 1 + 1?\"\n}"));
  CHECK(first["target_hash"] == sha256_hex("2"));
  CHECK(samples[1]["doc_id"] == 1);
  CHECK(std::filesystem::exists(to.path / "large" / ("results_" + date + ".json")));
}

TEST_CASE("the hash of the harness is plain SHA-256") {
  CHECK(sha256_hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_CASE("no name of a model or dataset leads out of the export's folder or into another's") {
  auto ledger = sample_run();
  ledger.kept = {answered("../../evil", "a", 1, 0), answered("..", "a", 1, 0),
                 answered("org/model:7b", "a", 1, 0), answered("org:model/7b", "a", 1, 0)};
  for (auto& row : ledger.kept) row.what.asked.where.dataset = "../up/\nnewline";
  folder to;
  auto paths = export_lm_eval(ledger, ledger.run, to.path);
  REQUIRE(paths);
  CHECK(paths->size() == 8);
  for (const auto& path : *paths) {
    auto relative = std::filesystem::weakly_canonical(path).lexically_relative(to.path);
    CHECK(relative.begin()->string() != "..");
    CHECK(std::distance(relative.begin(), relative.end()) == 2);
  }
  CHECK(std::filesystem::exists(to.path / "org__model__7b"));
  CHECK(std::filesystem::exists(to.path / "org__model__7b-2"));
}

TEST_CASE("prompts of one dataset are tasks of their own where there are several") {
  auto ledger = sample_run();
  auto made_with = *setup_from_json(ledger.run.setup_json);
  made_with.prompts = {"baseline", "cot"};
  ledger.run.setup_json = to_json(made_with);
  ledger.kept = {answered("small", "a", 1, 0), answered("small", "b", 1, 0)};
  ledger.kept[1].what.asked.where.prompt = "cot";
  folder to;
  REQUIRE(export_lm_eval(ledger, ledger.run, to.path));
  auto results = json::parse(content_of(to.path / "small/results_2026-11-22T12-00-00.000000.json"));
  CHECK(results["results"].contains("sums-baseline"));
  CHECK(results["results"].contains("sums-cot"));
}

TEST_CASE("answers that are not UTF-8 leave every export readable") {
  auto ledger = sample_run();
  auto row = answered("small", "a\xff", 1, 0);
  row.what.got.reply.text = "caf\xe9 \xf0\x9f";
  row.what.asked.item.fields = {{"na\xc3", "v\xff"}};
  row.verdicts[0].extracted = "\xed\xa0\x80";
  ledger.kept = {row};
  std::ostringstream jsonl, csv;
  REQUIRE(export_jsonl(ledger, ledger.run, jsonl));
  CHECK(lines_of(jsonl.str()).size() == 1);
  REQUIRE(export_csv(ledger, ledger.run, csv));
  CHECK(csv.str().find("caf\xef\xbf\xbd") != std::string::npos);
  folder to;
  auto paths = export_lm_eval(ledger, ledger.run, to.path);
  REQUIRE(paths);
  for (const auto& path : *paths) {
    auto text = content_of(path);
    if (path.find(".jsonl") == std::string::npos)
      CHECK(json::accept(text));
    else
      CHECK(lines_of(text).size() == 1);
  }
}

TEST_CASE("a task with its calls: the transcript, the steps, and what judges asked") {
  auto row = answered("small", "a", 1, 0);
  row.what.asked.where.mode = "agent";
  auto step = row, question = row;
  step.what.asked.request.messages.push_back(
      {role::assistant, "I look.", {{"c1", "search", "{\"query\":1}"}}, {}, "[\"sealed\"]"});
  step.what.asked.request.messages.push_back({role::tool, "found", {}, "c1"});
  question.what.asked.where.mode = "judge";
  question.what.asked.where.prompt = "panel";
  question.what.asked.where.model = "grader";
  question.what.got.reply.calls = {{"c2", "f", "{}"}};
  storage::run_info run;
  auto object = json::parse(to_json(row, run, {{step}, {question}}));
  auto plain = json::parse(to_json(row, run));
  for (auto& [key, value] : plain.items()) CHECK(object[key] == value);
  const auto& talk = object["transcript"];
  REQUIRE(talk.size() == row.what.asked.request.messages.size() + 2);
  CHECK(talk[talk.size() - 2] ==
        json{{"role", "assistant"},
             {"content", "I look."},
             {"calls", {{{"id", "c1"}, {"name", "search"}, {"arguments", "{\"query\":1}"}}}},
             {"thinking", "[\"sealed\"]"}});
  CHECK(talk.back() == json{{"role", "tool"}, {"content", "found"}, {"answers", "c1"}});
  REQUIRE(object["steps"].size() == 1);
  CHECK(object["steps"][0]["status"] == "answered");
  CHECK(object["steps"][0]["attempts"].size() == 1);
  CHECK_FALSE(object["steps"][0].contains("judge"));
  REQUIRE(object["questions"].size() == 1);
  CHECK(object["questions"][0]["judge"] == "panel");
  CHECK(object["questions"][0]["model"] == "grader");
  CHECK(object["questions"][0]["answer"]["calls"][0]["name"] == "f");
  CHECK(json::parse(to_json(row, run, {}))["transcript"].size() ==
        row.what.asked.request.messages.size());
}

TEST_CASE("a folder that cannot be written is a problem that names it") {
  auto ledger = mixed_run();
  auto paths = export_lm_eval(ledger, ledger.run, "/proc/no-such-place");
  REQUIRE_FALSE(paths);
  CHECK(paths.error().where.rfind("/proc/no-such-place", 0) == 0);
}
