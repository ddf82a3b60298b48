// Every key of a file reaches its setting.

#include "tests/config/reading.hpp"
#include "tests/config/whole_experiment.hpp"

namespace assay::tests {
namespace {

using namespace std::chrono_literals;

TEST_CASE("every key of a tool and of an agent reaches its setting") {
  auto all = read(R"toml(
[providers.p]
base_url = "http://h"
[models.m]
provider = "p"
[datasets.d]
path = "d.csv"

[tools.weather]
description = "Tells the weather."
parameters = { type = "object", properties = { city = { type = "string" } }, required = ["city"] }
command = ["python3", "./bin/weather.py", "~/map", "/usr/share/x", "-v"]
timeout = "3s"

[tools.dice]
description = "Rolls a die."
parameters = '{"type": "object"}'
command = "./dice"

[tools.now]
description = "Tells the time."
command = "date"

[experiments.e]
datasets = "d"
models = "m"
prompts = "cot"
mode = "agent"
agent = { tools = ["files", "search", "weather"], max_steps = 4, max_tokens = 5000, max_cost_usd = 0.25, max_working_time = "90s", folder = "notes", documents = "papers" }
)toml",
                  {{"HOME", "/home/u"}}, {}, "sub/e.toml");
  const auto& weather = all.tools.at(0);
  CHECK(weather.name == "weather");
  CHECK(weather.declared_at == "sub/e.toml:9:8");
  CHECK(weather.description == "Tells the weather.");
  CHECK(weather.parameters ==
        R"({"properties":{"city":{"type":"string"}},"required":["city"],"type":"object"})");
  CHECK(weather.command == std::vector<std::string>{"python3", "./sub/bin/weather.py",
                                                    "/home/u/map", "/usr/share/x", "-v"});
  CHECK(weather.timeout == 3s);
  CHECK(all.tools.at(1).parameters == R"({"type": "object"})");
  CHECK(all.tools.at(1).command == std::vector<std::string>{"./sub/dice"});
  CHECK(all.tools.at(2).parameters ==
        R"({"additionalProperties":false,"properties":{},"type":"object"})");
  const auto& agent = all.experiments.at(0).agent;
  CHECK(agent.tools == std::vector<std::string>{"files", "search", "weather"});
  CHECK(agent.max_steps == 4);
  CHECK(agent.max_tokens == 5000);
  CHECK(agent.max_cost_usd == 0.25);
  CHECK(agent.max_working_time == 90s);
  CHECK(agent.folder == "sub/notes");
  CHECK(agent.documents == "papers");
}

TEST_CASE("the folder of certificates is sought beside the file that names it") {
  CHECK(read("[nodes]\ncertificates = \"certs\"\n[judges.j]\ntype = \"exact\"\n",
             {{"HOME", "/home/u"}}, {}, "sub/e.toml")
            .nodes.certificates == "sub/certs");
}

TEST_CASE("every key about nodes reaches its setting") {
  auto nodes = read(whole_experiment).nodes;
  CHECK(nodes.listen == "0.0.0.0:7400");
  CHECK(nodes.allowed == std::vector<std::string>{"n1", "n2"});
  CHECK(nodes.credentials == node_credentials::coordinator);
  CHECK(nodes.heartbeat == 200ms);
  CHECK(nodes.missed_heartbeats == 5);
  CHECK(nodes.max_connections == 9);
  CHECK(nodes.max_message_mb == 3);
  CHECK(nodes.handshake == 1s);
  CHECK(nodes.bad_lag == 20ms);
}

TEST_CASE("every key of the sandbox reaches its setting, and the judges have it") {
  auto all = read(whole_experiment);
  sandbox_settings wanted{.workers = 3,
                          .wall = 2s,
                          .cpu = 4s,
                          .memory_mb = 100,
                          .disk_mb = 5,
                          .output_kb = 6,
                          .open_files = 20,
                          .processes = 8};
  CHECK(all.sandbox == wanted);
  CHECK(all.judges.at(0).programs == wanted);
  CHECK(all.judges.at(0).compare == "exact");
  CHECK(all.mocks.at(0).models.at(0).plays == "judge");
  CHECK(all.mocks.at(0).models.at(1).plays == "answers");
  CHECK(all.mocks.at(0).models.at(0).programs != all.mocks.at(0).models.at(1).programs);
  CHECK(all.mocks.at(0).models.at(0).resample != all.mocks.at(0).models.at(1).resample);
}

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
  CHECK(p.node_tags == std::vector<std::string>{"region=eu", "gpu"});
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
  CHECK(d.declared_at == "e.toml:40:11");
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
  CHECK(j.command == std::vector<std::string>{"python3", "./grade.py", "strict"});
  CHECK(j.k == 2);
}

TEST_CASE("every key of a judge that asks models reaches its setting") {
  auto g = read(whole_experiment).judges.at(1);
  CHECK(g.name == "g");
  const grader_settings wanted{.models = {"m"},
                               .system = "",
                               .prompt = "{{answer}} {{form}}",
                               .partial_credit = true,
                               .rubric = {{"short", 1}, {"polite", 2}},
                               .vote = "majority",
                               .tie = "lowest",
                               .asks = 5,
                               .against = "other"};
  CHECK(g.grader == wanted);
}

TEST_CASE("numbers are averaged and letters voted on, unless the file says otherwise") {
  auto vote_of = [](const std::string& keys) {
    return read(
               "[providers.p]\nbase_url = \"http://h\"\n[models.m]\nprovider = \"p\"\n"
               "[judges.j]\nmodels = \"m\"\n" +
               keys)
        .judges.at(0)
        .grader.vote;
  };
  CHECK(vote_of("type = \"scale\"\n") == "mean");
  CHECK(vote_of("type = \"rubric\"\nrubric = [\"short\"]\n") == "mean");
  CHECK(vote_of("type = \"scale\"\nvote = \"majority\"\n") == "majority");
  CHECK(vote_of("type = \"model_graded_qa\"\n") == "majority");
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
  CHECK(e.judges == std::vector<std::string>{"j", "g"});
  CHECK(e.mode == "direct_answer");
  CHECK(e.instances == 5);
  CHECK(e.epochs == 2);
  CHECK(e.concurrency == 6);
  CHECK(e.max_tasks == 7);
  CHECK(e.spending.max_cost_usd == 0.5);
  CHECK(e.thresholds == std::map<std::string, double>{{"j", 0.75}});
  REQUIRE(e.stop_when);
  CHECK(e.stop_when->judge == "g");
  CHECK(e.stop_when->half_width == 0.03);
  CHECK(e.stop_when->confidence == 0.9);
  CHECK(e.stop_when->min_samples == 40);
}

}  // namespace
}  // namespace assay::tests
