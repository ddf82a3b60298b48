#include "tests/app/importing/importing_folder.hpp"

using namespace assay;
using namespace assay::tests;
using strings = std::vector<std::string>;

namespace {

/// A sample of lm-evaluation-harness; `score` of exact_match through `filter`.
std::string sample_line(int id, const std::string& answer, const std::string& filter, double score,
                        const std::string& prompt = "How many?") {
  nlohmann::json row = {{"doc_id", id},
                        {"doc", {{"question", "How many?"}, {"deep", {1}}}},
                        {"target", "so\n#### 1,234"},
                        {"resps", {{answer}}},
                        {"filter", filter},
                        {"metrics", {"exact_match"}},
                        {"exact_match", score}};
  row["arguments"]["gen_args_0"] = {
      {"arg_0", prompt}, {"arg_1", {{"until", {"Question:", "</s>"}}, {"max_gen_toks", 99}}}};
  return row.dump() + "\n";
}

const std::string gsm8k = "samples_gsm8k_2024-06-01T10-00-00.123.jsonl";

}  // namespace

TEST_CASE("samples of lm-evaluation-harness: prompts as they are, judges that agree") {
  importing_folder folder;
  auto text = sample_line(7, "#### 1234", "strict-match", 1) +
              sample_line(8, "The total is $1,234.", "strict-match", 0) +
              sample_line(7, "#### 1234", "flexible-extract", 1) +
              sample_line(8, "The total is $1,234.", "flexible-extract", 1);
  auto d = folder.imported(gsm8k, text, {"openai:small"});
  CHECK(d.notes.empty());
  CHECK(d.name == "gsm8k");
  REQUIRE(d.rows.size() == 2);
  CHECK(
      d.rows[0].dump() ==
      R"({"__id":"7","__input":"How many?","__target":["so\n#### 1,234"],"question":"How many?"})");
  CHECK(d.prompts == strings{"baseline"});
  auto all = folder.loaded(d);
  CHECK(find_named(all.judges, "exact_match-strict-match")->type == "gsm8k-strict");
  CHECK(find_named(all.judges, "exact_match-flexible-extract")->type == "gsm8k-flexible");
  auto& model = all.models[0];
  CHECK(model.stop == strings{"Question:", "</s>"});
  CHECK(model.max_tokens == 99);
  CHECK(model.temperature == 0);
}

TEST_CASE("a judge that disagrees with recorded scores says with how many it agrees") {
  importing_folder folder;
  auto d = folder.imported(gsm8k,
                           sample_line(1, "#### 1234", "strict-match", 1) +
                               sample_line(2, "#### 1234", "strict-match", 0),
                           {"openai:small"});
  CHECK(folder.notes(d) ==
        strings{gsm8k + ": metric 'exact_match' (filter 'strict-match') is judged by "
                        "\"gsm8k-strict\", which agrees with 1 of 2 scores of the file (see "
                        "docs/judges.md for others)"});
}

TEST_CASE("prompts that are conversations are sent as such") {
  importing_folder folder;
  auto chat = R"([{"role":"system","content":"S"},{"role":"user","content":"U"}])";
  auto d =
      folder.imported("samples_x.jsonl", sample_line(1, "a", "none", 0, chat), {"openai:small"});
  CHECK(d.prompts == strings{"conversation"});
  CHECK(d.rows[0]["__input"] == "U");
  CHECK(d.rows[0]["messages"].dump() ==
        R"([{"content":"S","role":"system"},{"content":"U","role":"user"}])");
}

TEST_CASE("the older form of samples, and what cannot be asked") {
  importing_folder folder;
  auto likelihood = R"({"doc_id":3,"arguments":[["q"," A"],["q"," B"]],"resps":[],"acc":1.0})";
  auto old = R"({"doc_id":4,"target":"x","arguments":[["q",{"until":["\n"]}]],"resps":[["X"]],)"
             R"("exact_match":1.0})";
  auto d = folder.imported("samples_x.jsonl", std::string(old) + "\n" + likelihood + "\n",
                           {"openai:small"});
  CHECK(d.rows.size() == 1);
  CHECK(folder.notes(d) == strings{"samples_x.jsonl:2: samples of log-likelihoods are left out (a "
                                   "chat API gives no likelihoods of texts)"});
  CHECK(folder.loaded(d).judges[0].ignore_case);
  CHECK(folder.problem("samples_x.jsonl", likelihood, {"openai:small"}) ==
        "samples_x.jsonl: no sample can be asked of a chat API (samples of log-likelihoods are "
        "left out)");
  auto list = folder.imported("samples_x.json", "[" + std::string(old) + "]", {"openai:small"});
  CHECK(list.rows.size() == 1);
}

TEST_CASE("OpenAI evals: conversations, several ideals, texts alone") {
  importing_folder folder;
  auto d = folder.imported(
      "caps.jsonl",
      R"json({"input": [{"role": "system", "content": "S"}, {"role": "user", "content": "U"}], "ideal": "a.b"}
{"input": "plain", "ideal": ["x", "(y)"], "extra": 1}
{"input": [{"role": "tool", "content": "S"}], "ideal": "z"})json",
      {"openai:small"});
  REQUIRE(d.rows.size() == 2);
  CHECK(d.rows[0]["__input"] == "U");
  CHECK(d.rows[0]["__target"].dump() == R"(["a.b"])");
  CHECK(d.rows[0]["messages"][0]["content"] == "S");
  CHECK(d.rows[0]["assert"].dump() == R"json([{"type":"regex","value":"\\A(?:a\\.b)"}])json");
  CHECK(d.rows[1]["assert"].dump() == R"json([{"type":"regex","value":"\\A(?:x|\\(y\\))"}])json");
  CHECK(d.judges == strings{"match", "includes"});
  CHECK(folder.notes(d) == strings{"caps.jsonl:2: 'extra' of a row is not used",
                                   "caps.jsonl:3: row left out: message 1 of the conversation has "
                                   "the role 'tool' (expected system, developer, user or "
                                   "assistant)"});
  folder.loaded(d);
}

TEST_CASE("rows of no known tool, rows that are no JSON, and files without a model") {
  importing_folder folder;
  CHECK(folder.problem("x.jsonl", "{\"a\": 1}\n") ==
        "x.jsonl:1: neither a sample of lm-evaluation-harness (arguments, resps) nor a row of "
        "OpenAI evals (input, ideal) (a dataset of your own is named in an experiment file: `assay "
        "init`)");
  CHECK(folder.problem("x.jsonl", "{\"a\": 1}\nnonsense\n") == "x.jsonl:2: the line is not JSON");
  CHECK(folder.problem("x.jsonl", "7\n") == "x.jsonl:1: expected a JSON object");
  CHECK(folder.problem("x.jsonl", "\n") == "x.jsonl: the file has no rows");
  CHECK(folder.problem("x.jsonl", R"({"input": "q", "ideal": "a"})") ==
        "x.jsonl: the file names no model (name one: --model openai:gpt-4o-mini, or --with FILE "
        "for those of a file of yours)");
}
