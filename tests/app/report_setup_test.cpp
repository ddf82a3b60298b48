#include "app/report/setup.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace assay;
using namespace assay::report;

namespace {

settings two_providers() {
  settings all;
  provider_settings a;
  a.name = "a";
  a.dialect = "anthropic";
  a.base_url = "https://example.org/with-token-in-path";
  a.credential.env = "SECRET_ENV";
  a.headers = {{"x-key", "very-secret"}};
  a.limits = {.max_parallel = 7,
              .rates = {{.counts = dimension::tokens,
                         .amount = 400'000,
                         .window = std::chrono::seconds(60),
                         .burst = 1000,
                         .shape = limit_shape::sliding_log,
                         .key = "tpm"}},
              .reserve = reserve_policy::expected};
  provider_settings b;
  b.name = "b";
  all.providers = {a, b};
  model_settings m;
  m.name = "small";
  m.model_name = "vendor/small-1";
  m.providers = {"a"};
  m.max_tokens = 256;
  m.prices = {.input = 0.5, .cached_input = {}, .cache_write = {}, .output = 1.5};
  model_settings unused;
  unused.name = "unused";
  unused.providers = {"b"};
  all.models = {m, unused};
  judge_settings j;
  j.name = "sampled";
  j.type = "pass-at-k";
  j.k = 3;
  all.judges = {j};
  return all;
}

experiment_settings experiment() {
  experiment_settings e;
  e.name = "try";
  e.datasets = {"gsm8k"};
  e.models = {"small"};
  e.prompts = {"baseline"};
  e.judges = {"sampled", "gsm8k-strict"};
  e.epochs = 4;
  e.concurrency = 12;
  e.thresholds = {{"gsm8k-strict", 0.5}};
  return e;
}

}  // namespace

TEST_CASE("a setup holds what the experiment uses and nothing else") {
  auto s = make_setup(two_providers(), experiment());
  REQUIRE(s.models.size() == 1);
  CHECK(s.models[0].wire_name == "vendor/small-1");
  REQUIRE(s.providers.size() == 1);
  CHECK(s.providers[0].name == "a");
  REQUIRE(s.judges.size() == 2);
  CHECK(s.judges[0].type == "pass-at-k");
  CHECK(s.judges[0].k == 3);
  CHECK(s.judges[1].type == "gsm8k-strict");
}

TEST_CASE("a provider that only is a fallback belongs to the setup too: its limits are needed") {
  auto all = two_providers();
  for (auto& model : all.models) model.fallback = {"b"};
  auto s = make_setup(all, experiment());
  REQUIRE(s.providers.size() == 2);
  CHECK(s.providers[1].name == "b");
}

TEST_CASE("a setup comes back from its JSON as it was") {
  auto read = setup_from_json(to_json(make_setup(two_providers(), experiment())));
  REQUIRE(read);
  CHECK(read->epochs == 4);
  CHECK(read->concurrency == 12);
  CHECK(read->datasets == std::vector<std::string>{"gsm8k"});
  CHECK(read->prompts == std::vector<std::string>{"baseline"});
  CHECK(read->thresholds.at("gsm8k-strict") == 0.5);
  REQUIRE(read->providers.size() == 1);
  const auto& limits = read->providers[0].limits;
  CHECK(read->providers[0].dialect == "anthropic");
  CHECK(limits.max_parallel == 7);
  CHECK(limits.reserve == reserve_policy::expected);
  REQUIRE(limits.rates.size() == 1);
  CHECK(limits.rates[0].counts == dimension::tokens);
  CHECK(limits.rates[0].amount == 400'000);
  CHECK(limits.rates[0].window == std::chrono::seconds(60));
  CHECK(limits.rates[0].burst == 1000);
  CHECK(limits.rates[0].shape == limit_shape::sliding_log);
  CHECK(limits.rates[0].key == "tpm");
  REQUIRE(read->models.size() == 1);
  CHECK(read->models[0].max_tokens == 256);
  CHECK(read->models[0].prices.input == 0.5);
  CHECK_FALSE(read->models[0].prices.cached_input);
  CHECK(read->judges[0].k == 3);
}

TEST_CASE("no secret and no place where one may stand gets into a setup") {
  auto text = to_json(make_setup(two_providers(), experiment()));
  for (const char* hidden : {"very-secret", "x-key", "SECRET_ENV", "example.org"})
    CHECK(text.find(hidden) == std::string::npos);
}

TEST_CASE("a setup of another version is read as far as it goes, and a broken one is a problem") {
  CHECK(setup_from_json("")->judges.empty());
  auto partial = setup_from_json(
      R"({"providers":[{"name":"p","rates":[{"counts":99,"amount":"many"}, 3]}, 7],"epochs":"x"})");
  REQUIRE(partial);
  REQUIRE(partial->providers.size() == 1);
  REQUIRE(partial->providers[0].limits.rates.size() == 1);
  CHECK(partial->providers[0].limits.rates[0].counts == dimension::requests);
  CHECK(partial->epochs == 1);
  CHECK_FALSE(setup_from_json("{\"mode\":"));
  CHECK_FALSE(setup_from_json("[]"));
}
