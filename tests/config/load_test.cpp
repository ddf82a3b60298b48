#include "config/load.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "tests/config/virtual_files.hpp"

namespace assay {
namespace {

using namespace std::chrono_literals;

/// The settings of a text that must be right.
settings read(const std::string& text, std::map<std::string, std::string> variables = {},
              std::map<std::string, std::string> files = {}, const std::string& path = "e.toml") {
  auto result = config::parse(text, path, tests::variables(std::move(variables)),
                              tests::virtual_files(std::move(files)));
  std::string problems;
  if (!result)
    for (const auto& problem : result.error()) problems += render(problem) + "\n";
  REQUIRE_MESSAGE(result, problems);
  return *result;
}

provider_settings read_provider(const std::string& keys) {
  return read("[providers.p]\nbase_url = \"http://h\"\n" + keys).providers.at(0);
}

const char* const whole_experiment = R"toml(
ledger = "my.db"
report_dir = "out"

[providers.main]
dialect = "azure"
base_url = "https://x.openai.azure.com"
api_version = "2024-10-21"
api_key_env = "AZURE_KEY"
headers = { X-B = "2", X-A = "1" }
max_parallel = 8
proxy = "http://proxy:3128"
ca_file = "ca.pem"
reserve = "expected"
timeouts = { connect = "1s", first_byte = "1.5s", idle = "500ms", total = 90 }

[providers.main.retry]
max_retries = 7
initial_backoff = 0.25
max_backoff = "1m"
multiplier = 3
jitter = 0.1
rate_limit_factor = 4
max_rate_limit_waits = 9

[models.m]
providers = ["main"]
model_name = "gpt-4o"
max_tokens = 100
temperature = 0.5
top_p = 0.9
seed = -3
stop = ["\n", "END"]
reasoning = true
stream = false
prices = { input = 1, cached_input = 0.5, cache_write = 1.25, output = 4 }
extra = { z = [1, 2.0, true], a = { c = "x\"y", b = -1.5 } }

[datasets.d]
path = "data/d.csv"
fields = { id = "n", input = "q", target = "a", choices = "c", task_type = "t", difficulty = "l", tags = ["x", "y"] }
filter = { level = [1, "2"], kind = "k", ok = true }
limit = 10
shuffle_seed = 4
task_type = "qa"
difficulty = "easy"

[prompts.p]
library = "cot"
system = "S"
user = "U {{input}}"
few_shot = [{ user = "u1", assistant = "a1" }, { user = "u2", assistant = "" }]

[judges.j]
type = "regex"
pattern = "(\\d+)"
filters = [{ type = "regex", pattern = "x", replacement = "y", select = -1 }, { type = "lower" }]
ignore_case = true
ignore_punctuation = true
ignore_numbers = true
regexes_to_ignore = [","]
tolerance = 0.5
relative_tolerance = 0.01
json_fields = ["a.b"]
schema_file = "s.json"
k = 2

[mocks.k]
seed = 9
api_key = "made-up"
datasets = "d"
rate_headers = false
max_parallel = 3
qps = 5
models.good = { accuracy = 0.9, first_token_ms = 40, output_tokens = { median = 10, p99 = 30 }, tokens_per_second = 100 }
models.bad = {}
faults = { http_500 = 0.01, http_429 = 0.02, overloaded = 0.03, close = 0.04, hang = 0.05, cut = 0.06, stall = 0.07, error_event = 0.08, no_terminator = 0.09, bad_json = 0.1 }
limiter = { slice = "1s", phase = "200ms", rejected_count = true, other_share = 0.4, other_cycle = 60, change_at = "90s", change_factor = 0.5 }

[experiments.e]
datasets = ["d"]
models = ["m"]
prompts = ["p"]
judges = ["j"]
mode = "direct_answer"
instances = 5
epochs = 2
concurrency = 6
max_tasks = 7
max_cost_usd = 0.5
thresholds = { j = 0.75 }
)toml";

TEST_CASE("every key of a provider reaches its setting") {
  auto p = read(whole_experiment).providers.at(0);
  CHECK(p.name == "main");
  CHECK(p.dialect == "azure");
  CHECK(p.base_url == "https://x.openai.azure.com");
  CHECK(p.api_version == "2024-10-21");
  CHECK(p.credential.env == "AZURE_KEY");
  CHECK(p.headers == std::vector<std::pair<std::string, std::string>>{{"X-B", "2"}, {"X-A", "1"}});
  CHECK(p.limits.max_parallel == 8);
  CHECK(p.limits.reserve == reserve_policy::expected);
  CHECK(p.proxy == "http://proxy:3128");
  CHECK(p.ca_file == "ca.pem");
  CHECK(p.limits_of_time.connect == 1s);
  CHECK(p.limits_of_time.first_byte == 1500ms);
  CHECK(p.limits_of_time.idle == 500ms);
  CHECK(p.limits_of_time.total == 90s);
  CHECK(p.retry.max_retries == 7);
  CHECK(p.retry.initial_backoff == 250ms);
  CHECK(p.retry.max_backoff == 60s);
  CHECK(p.retry.multiplier == 3);
  CHECK(p.retry.jitter == 0.1);
  CHECK(p.retry.rate_limit_factor == 4);
  CHECK(p.retry.max_rate_limit_waits == 9);
}

TEST_CASE("every key of a model reaches its setting, and extra becomes JSON with sorted keys") {
  auto m = read(whole_experiment).models.at(0);
  CHECK(m.name == "m");
  CHECK(m.providers == std::vector<std::string>{"main"});
  CHECK(m.model_name == "gpt-4o");
  CHECK(m.max_tokens == 100);
  CHECK(m.temperature == 0.5);
  CHECK(m.top_p == 0.9);
  CHECK(m.seed == -3);
  CHECK(m.stop == std::vector<std::string>{"\n", "END"});
  CHECK(m.reasoning == true);
  CHECK_FALSE(m.stream);
  CHECK(m.prices.input == 1);
  CHECK(m.prices.cached_input == 0.5);
  CHECK(m.prices.cache_write == 1.25);
  CHECK(m.prices.output == 4);
  CHECK(m.extra_json == R"({"a":{"b":-1.5,"c":"x\"y"},"z":[1,2.0,true]})");
}

TEST_CASE("every key of a dataset and a prompt reaches its setting") {
  auto all = read(whole_experiment);
  auto d = all.datasets.at(0);
  CHECK(d.path == "data/d.csv");
  CHECK(d.format == dataset_format::csv);
  CHECK(d.declared_at == "e.toml:39:11");
  CHECK(d.fields.id == "n");
  CHECK(d.fields.input == "q");
  CHECK(d.fields.target == "a");
  CHECK(d.fields.choices == "c");
  CHECK(d.fields.task_type == "t");
  CHECK(d.fields.difficulty == "l");
  CHECK(d.fields.tags == std::vector<std::string>{"x", "y"});
  using filter = std::pair<std::string, std::vector<std::string>>;
  CHECK(d.filter == std::vector<filter>{{"level", {"1", "2"}}, {"kind", {"k"}}, {"ok", {"true"}}});
  CHECK(d.limit == 10);
  CHECK(d.shuffle_seed == 4);
  CHECK(d.task_type == "qa");
  CHECK(d.difficulty == "easy");
  auto p = all.prompts.at(0);
  CHECK(p.library == "cot");
  CHECK(p.system == "S");
  CHECK(p.user == "U {{input}}");
  REQUIRE(p.few_shot.size() == 2);
  CHECK(p.few_shot[0].user == "u1");
  CHECK(p.few_shot[0].assistant == "a1");
  CHECK(p.few_shot[1].assistant.empty());
}

TEST_CASE("every key of a judge reaches its setting") {
  auto j = read(whole_experiment).judges.at(0);
  CHECK(j.name == "j");
  CHECK(j.type == "regex");
  CHECK(j.pattern == "(\\d+)");
  REQUIRE(j.filters.size() == 2);
  CHECK(j.filters[0].type == "regex");
  CHECK(j.filters[0].pattern == "x");
  CHECK(j.filters[0].replacement == "y");
  CHECK(j.filters[0].select == -1);
  CHECK(j.filters[1].type == "lower");
  CHECK(j.ignore_case);
  CHECK(j.ignore_punctuation);
  CHECK(j.ignore_numbers);
  CHECK(j.regexes_to_ignore == std::vector<std::string>{","});
  CHECK(j.tolerance == 0.5);
  CHECK(j.relative_tolerance == 0.01);
  CHECK(j.json_fields == std::vector<std::string>{"a.b"});
  CHECK(j.schema_file == "s.json");
  CHECK(j.k == 2);
}

TEST_CASE("every key of a mock reaches its setting") {
  auto k = read(whole_experiment).mocks.at(0);
  CHECK(k.seed == 9);
  CHECK(k.api_key == "made-up");
  CHECK(k.datasets == std::vector<std::string>{"d"});
  CHECK_FALSE(k.rate_headers);
  CHECK(k.limits.max_parallel == 3);
  REQUIRE(k.limits.rates.size() == 1);
  CHECK(k.limits.rates[0].amount == 5);
  REQUIRE(k.models.size() == 2);
  CHECK(k.models[0].name == "good");
  CHECK(k.models[0].accuracy == 0.9);
  CHECK(k.models[0].first_token_ms.median == 40);
  CHECK(k.models[0].first_token_ms.p99 == 40);
  CHECK(k.models[0].output_tokens.median == 10);
  CHECK(k.models[0].output_tokens.p99 == 30);
  CHECK(k.models[0].tokens_per_second == 100);
  CHECK(k.models[1].accuracy == 1);
  const auto& f = k.faults;
  std::vector<double> chances{f.http_500, f.http_429, f.overloaded,  f.close,         f.hang,
                              f.cut,      f.stall,    f.error_event, f.no_terminator, f.bad_json};
  const auto& l = k.limiter;
  CHECK(l.slice == milliseconds(1'000));
  CHECK(l.phase == milliseconds(200));
  CHECK(l.rejected_count);
  CHECK(l.other_share == 0.4);
  CHECK(l.other_cycle == milliseconds(60'000));
  CHECK(l.change_at == milliseconds(90'000));
  CHECK(l.change_factor == 0.5);
  CHECK(chances == std::vector<double>{0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.07, 0.08, 0.09, 0.1});
}

TEST_CASE("every key of an experiment, and those outside all tables, reach their settings") {
  auto all = read(whole_experiment);
  CHECK(all.file == "e.toml");
  CHECK(all.ledger == "my.db");
  CHECK(all.report_dir == "out");
  auto e = all.experiments.at(0);
  CHECK(e.name == "e");
  CHECK(e.datasets == std::vector<std::string>{"d"});
  CHECK(e.models == std::vector<std::string>{"m"});
  CHECK(e.prompts == std::vector<std::string>{"p"});
  CHECK(e.judges == std::vector<std::string>{"j"});
  CHECK(e.mode == "direct_answer");
  CHECK(e.instances == 5);
  CHECK(e.epochs == 2);
  CHECK(e.concurrency == 6);
  CHECK(e.max_tasks == 7);
  CHECK(e.spending.max_cost_usd == 0.5);
  CHECK(e.thresholds == std::map<std::string, double>{{"j", 0.75}});
}

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
  CHECK(all.datasets[0].fields.input == "input");
  CHECK(all.datasets[0].fields.target == "target");
  CHECK(all.experiments[0].judges.empty());
  CHECK(all.experiments[0].epochs == 1);
  CHECK_FALSE(all.experiments[0].instances);
  CHECK(all.ledger.empty());
}

// -- presets --------------------------------------------------------------------------------------

TEST_CASE("a provider's preset knows its address, dialect and variable") {
  auto p = read("[providers.x]\npreset = \"anthropic\"\n").providers.at(0);
  CHECK(p.base_url == "https://api.anthropic.com");
  CHECK(p.dialect == "anthropic");
  CHECK(p.credential.env == "ANTHROPIC_API_KEY");
  CHECK(p.limits.reserve == reserve_policy::expected);
}

TEST_CASE("presets of a provider and of behaviour go together") {
  auto p = read("[providers.x]\npreset = [\"openai\", \"conservative\"]\n").providers.at(0);
  CHECK(p.base_url == "https://api.openai.com/v1");
  CHECK(p.limits.max_parallel == 4);
  CHECK(p.retry.max_retries == 5);
  CHECK(p.retry.initial_backoff == 2s);
}

TEST_CASE("a key that is set wins over the preset, wherever it stands") {
  for (const char* text :
       {"[providers.x]\nmax_parallel = 2\nbase_url = \"http://h\"\nretry = { max_retries = 0 }\n"
        "preset = [\"openai\", \"aggressive\"]\n",
        "[providers.x]\npreset = [\"openai\", \"aggressive\"]\nmax_parallel = 2\n"
        "base_url = \"http://h\"\nretry.max_retries = 0\n"}) {
    auto p = read(text).providers.at(0);
    CHECK(p.limits.max_parallel == 2);
    CHECK(p.base_url == "http://h");
    CHECK(p.retry.max_retries == 0);
    CHECK(p.retry.initial_backoff == 500ms);
  }
}

TEST_CASE("a key file, or a simulated address, takes the place of the preset's variable") {
  auto file = read("[providers.x]\npreset = \"groq\"\napi_key_file = \"k\"\n").providers.at(0);
  CHECK(file.credential.env.empty());
  CHECK(file.credential.file == "k");
  auto mock = read(
                  "[providers.x]\npreset = \"groq\"\nbase_url = \"mock:k\"\n"
                  "[mocks.k]\nmodels = { a = {} }\n")
                  .providers.at(0);
  CHECK(mock.dialect == "groq");
  CHECK(mock.credential.env.empty());
}

// -- limits
// -----------------------------------------------------------------------------------------

TEST_CASE("each limit key has its dimension, window and name") {
  auto rates = read_provider(
                   "qps = 5\nrpm = 600\nrpd = 10000\ntpm = 60000\ntpd = 1000000\n"
                   "itpm = 30000\notpm = 12000\n")
                   .limits.rates;
  REQUIRE(rates.size() == 7);
  struct expectation {
    const char* key;
    dimension counts;
    double amount;
    int window_s;
    double burst;
    limit_shape shape;
  };
  const expectation table[] = {
      {"qps", dimension::requests, 5, 1, 1, limit_shape::bucket},
      {"rpm", dimension::requests, 600, 60, 10, limit_shape::bucket},
      {"rpd", dimension::requests, 10'000, 86'400, 1, limit_shape::sliding_log},
      {"tpm", dimension::tokens, 60'000, 60, 8'192, limit_shape::bucket},
      {"tpd", dimension::tokens, 1e6, 86'400, 8'192, limit_shape::sliding_log},
      {"itpm", dimension::input_tokens, 30'000, 60, 8'192, limit_shape::bucket},
      {"otpm", dimension::output_tokens, 12'000, 60, 8'192, limit_shape::bucket},
  };
  for (std::size_t i = 0; i < rates.size(); ++i) {
    CHECK(rates[i].key == table[i].key);
    CHECK(rates[i].counts == table[i].counts);
    CHECK(rates[i].amount == table[i].amount);
    CHECK(rates[i].window == std::chrono::seconds(table[i].window_s));
    CHECK(rates[i].burst == doctest::Approx(table[i].burst));
    CHECK(rates[i].shape == table[i].shape);
  }
}

TEST_CASE("a burst that is not stated is one second's worth and holds at least one request") {
  auto burst = [](const std::string& key) { return read_provider(key).limits.rates.at(0).burst; };
  CHECK(burst("qps = 100\n") == 1);
  CHECK(burst("rpm = 600\n") == 10);
  CHECK(burst("rpm = 6\n") == 1);
  CHECK(burst("tpm = 6_000_000\n") == 100'000);
  CHECK(burst("tpm = 30_000\n") == 8'192);
  CHECK(burst("tpm = 5_000\n") == 5'000);
}

TEST_CASE("burst applies to requests, token_burst to tokens") {
  auto rates = read_provider("rpm = 60\ntpm = 6000\nburst = 20\ntoken_burst = 500\n").limits.rates;
  CHECK(rates.at(0).burst == 20);
  CHECK(rates.at(1).burst == 500);
}

TEST_CASE("a burst may be as large as the limit itself") {
  CHECK(read_provider("rpm = 60\nburst = 60\n").limits.rates.at(0).burst == 60);
}

TEST_CASE("limit_shape applies to every limit of the provider") {
  auto rates = read_provider("rpm = 60\nrpd = 100\nlimit_shape = \"fixed_window\"\n").limits.rates;
  CHECK(rates.at(0).shape == limit_shape::fixed_window);
  CHECK(rates.at(1).shape == limit_shape::fixed_window);
}

TEST_CASE("less than one request a second becomes one in a longer window, where windows count") {
  auto bucket = read_provider("qps = 0.5\n").limits.rates.at(0);
  CHECK(bucket.amount == 0.5);
  CHECK(bucket.window == 1s);
  auto window = read_provider("qps = 0.3\nlimit_shape = \"sliding_log\"\n").limits.rates.at(0);
  CHECK(window.amount == 1);
  CHECK(window.window == 4s);
}

// -- values
// -----------------------------------------------------------------------------------------

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

// -- names that need no declaration, several files
// ------------------------------------------------------

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
}  // namespace assay
