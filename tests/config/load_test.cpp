// What values, names and several files come to.

#include <algorithm>

#include "tests/config/reading.hpp"

namespace assay::tests {
namespace {

using namespace std::chrono_literals;

TEST_CASE("what a file leaves out has the documented default") {
  auto all = read(R"(
[providers.p]
base_url = "http://h"
[models.m]
provider = "p"
[datasets.d]
path = "d.jsonl"
[experiments.e]
datasets = "d"
models = "m"
prompts = "baseline"
)");
  const auto& p = all.providers[0];
  CHECK(p.dialect == "openai");
  CHECK(p.credential.env.empty());
  CHECK(p.limits.max_parallel == 16);
  CHECK(p.limits.rates.empty());
  CHECK(p.limits_of_time.total == 120s);
  CHECK(p.retry.max_retries == 3);
  CHECK(p.retry.initial_backoff == 1s);
  CHECK(p.retry.max_backoff == 30s);
  CHECK(p.retry.multiplier == 2);
  CHECK(p.retry.jitter == 0.5);
  CHECK(p.retry.rate_limit_factor == 2);
  CHECK(all.models[0].model_name == "m");
  CHECK(all.models[0].stream);
  CHECK_FALSE(all.models[0].temperature);
  CHECK(all.models[0].extra_json.empty());
  CHECK(all.datasets[0].fields.id.empty());
  CHECK(all.datasets[0].fields.input.empty());
  CHECK(all.datasets[0].fields.target.empty());
  CHECK(all.experiments[0].judges.empty());
  CHECK(all.experiments[0].epochs == 1);
  CHECK_FALSE(all.experiments[0].instances);
  CHECK(all.ledger.empty());
}

TEST_CASE("variables are filled in, $$ is a dollar, any other dollar stands for itself") {
  auto all = read("ledger = \"${DIR}/a\"\n[prompts.p]\nuser = \"$$5, $6, $${X} ${DIR}$\"\n",
                  {{"DIR", "/data"}});
  CHECK(all.ledger == "/data/a");
  CHECK(all.prompts.at(0).user == "$5, $6, ${X} /data$");
}

TEST_CASE("what a variable holds is not filled in again") {
  auto all = read("[prompts.p]\nuser = \"${A}\"\n", {{"A", "${B} $$"}});
  CHECK(all.prompts.at(0).user == "${B} $$");
}

TEST_CASE("durations are read in every unit") {
  using duration_case = std::pair<const char*, milliseconds>;
  for (auto [text, value] : {duration_case{"\"250ms\"", 250ms},
                             {"\"1.5s\"", 1500ms},
                             {"\"2m\"", 120s},
                             {"\"1h\"", 3600s},
                             {"\"1d\"", 86'400s},
                             {"\"2 m\"", 120s},
                             {"3", 3s},
                             {"0.5", 500ms}}) {
    INFO(std::string(text));
    auto p = read_provider("timeouts.total = " + std::string(text) + "\n");
    CHECK(p.limits_of_time.total == value);
  }
}

TEST_CASE("a single text stands for a list of one") {
  auto all = read("[providers.p]\nbase_url = \"http://h\"\n[models.m]\nproviders = \"p\"\n");
  CHECK(all.models.at(0).providers == std::vector<std::string>{"p"});
}

TEST_CASE("addresses of every allowed form are taken as they are") {
  for (const char* url : {"https://api.openai.com/v1", "http://localhost:8080", "http://h/",
                          "http://[::1]:8000/v1", "https://a-b.c_d.example:1/x/y%20z"}) {
    INFO(std::string(url));
    auto all = read("[providers.p]\nbase_url = \"" + std::string(url) + "\"\n");
    CHECK(all.providers.at(0).base_url == url);
  }
}

TEST_CASE("texts that only resemble keys are welcome") {
  auto all = read(
      "[providers.p]\nbase_url = \"https://sk-learn-models-of-the-house.example/v1\"\n"
      "headers = { Authorization = \"Bearer ${T}\", X-Key-Name = \"risk-1234567890123456\" }\n"
      "[prompts.p]\nuser = \"Is sk-01234567890123456789 a key?\"\n",
      {{"T", "t"}});
  CHECK(all.providers.at(0).headers.at(0).second == "Bearer t");
}

TEST_CASE("dots and brackets in texts and comments are no nesting") {
  std::string dots(200, '.');
  std::string brackets(200, '[');
  auto all = read("# " + dots + brackets + "\n[prompts.p]\nsystem = '" + dots + brackets +
                  "'\nuser = \"\"\"\n" + dots + "\\\"\"\" " + brackets + "\n\"\"\"\n");
  CHECK(all.prompts.at(0).system == dots + brackets);
}

TEST_CASE("a byte order mark and Windows line ends are no problem") {
  auto all = read("\xEF\xBB\xBFledger = \"a\"\r\n[prompts.p]\r\nuser = \"x\"\r\n");
  CHECK(all.ledger == "a");
}

TEST_CASE("the format of a dataset is told by its ending unless stated") {
  auto format = [](const std::string& keys) {
    return read("[datasets.d]\n" + keys).datasets.at(0).format;
  };
  CHECK(format("path = \"a.jsonl\"\n") == dataset_format::jsonl);
  CHECK(format("path = \"a.ndjson\"\n") == dataset_format::jsonl);
  CHECK(format("path = \"a.json\"\n") == dataset_format::json);
  CHECK(format("path = \"a.csv\"\n") == dataset_format::csv);
  CHECK(format("path = \"a.csv\"\nformat = \"jsonl\"\n") == dataset_format::jsonl);
}

const char* const undeclared = R"(
[providers.p]
base_url = "http://h"
[models.m]
provider = "p"
[datasets.d]
path = "d.csv"
[experiments.one]
datasets = "d"
models = "m"
prompts = ["cot", "baseline"]
judges = ["gsm8k-strict"]
[experiments.two]
datasets = "d"
models = "m"
prompts = "cot"
judges = ["gsm8k-strict", "exact"]
)";

TEST_CASE("library prompts and named judges are declared by using them, once") {
  auto all = read(undeclared);
  REQUIRE(all.prompts.size() == 2);
  CHECK(all.prompts[0].name == "cot");
  CHECK(all.prompts[0].library == "cot");
  CHECK(all.prompts[0].declared_at == "e.toml:11:12");
  CHECK(all.prompts[1].library == "baseline");
  REQUIRE(all.judges.size() == 2);
  CHECK(all.judges[0].name == "gsm8k-strict");
  CHECK(all.judges[0].type == "gsm8k-strict");
  CHECK(all.judges[1].type == "exact");
  CHECK(all.experiments.size() == 2);
}

TEST_CASE("a declared prompt or judge wins over the library's of the same name") {
  auto all = read(std::string(undeclared) +
                  "[prompts.cot]\nuser = \"mine\"\n"
                  "[judges.exact]\ntype = \"numeric\"\n");
  CHECK(find_named(all.prompts, "cot")->user == "mine");
  CHECK(find_named(all.prompts, "cot")->library.empty());
  CHECK(find_named(all.judges, "exact")->type == "numeric");
}

TEST_CASE("included files add their entries, and their paths are relative to themselves") {
  auto all = read("include = [\"lib/p.toml\", \"lib/d.toml\"]\n[models.m]\nprovider = \"p\"\n", {},
                  {{"runs/lib/p.toml",
                    "include = \"d.toml\"\nledger = \"x.db\"\n"
                    "[providers.p]\nbase_url = \"http://h\"\nca_file = \"ca.pem\"\n"},
                   {"runs/lib/d.toml",
                    "[datasets.d]\npath = \"../data/d.csv\"\n"
                    "[prompts.q]\nuser_file = \"q.txt\"\n"
                    "[judges.j]\ntype = \"json-schema\"\nschema_file = \"/s.json\"\n"},
                   {"runs/lib/q.txt", "Q: $$ {{input}}\n"}},
                  "runs/e.toml");
  CHECK(all.file == "runs/e.toml");
  CHECK(all.ledger == "runs/lib/x.db");
  CHECK(all.providers.at(0).ca_file == "runs/lib/ca.pem");
  REQUIRE(all.datasets.size() == 1);
  CHECK(all.datasets[0].path == "runs/data/d.csv");
  CHECK(all.datasets[0].declared_at == "runs/lib/d.toml:1:11");
  CHECK(all.prompts.at(0).user == "Q: $$ {{input}}\n");
  CHECK(all.judges.at(0).schema_file == "/s.json");
}

TEST_CASE("~/ is the home directory") {
  auto all = read("ledger = \"~/a.db\"\n[prompts.p]\nuser = \"x\"\n", {{"HOME", "/home/u"}});
  CHECK(all.ledger == "/home/u/a.db");
}

TEST_CASE("a file that cannot be read is a problem of its own") {
  for (auto [path, why] : {std::pair{"no/such.toml", "No such file or directory"},
                           std::pair{"tests", "Is a directory"}}) {
    auto result = config::load(path);
    REQUIRE_FALSE(result);
    REQUIRE(result.error().size() == 1);
    CHECK(result.error()[0] ==
          problem{path, "cannot read \"" + std::string(path) + "\": " + why, ""});
  }
}

TEST_CASE("a chain of files without end is cut") {
  auto endless = [](const std::string& path) -> expected<std::string> {
    return "include = \"" + path.substr(0, path.size() - 5) + "x.toml\"\n";
  };
  auto result = config::parse("include = \"a.toml\"", "e.toml", tests::variables({}), endless);
  REQUIRE_FALSE(result);
  REQUIRE(result.error().size() == 1);
  CHECK(result.error()[0].what == "include: more than 100 files");
}

}  // namespace
}  // namespace assay::tests
