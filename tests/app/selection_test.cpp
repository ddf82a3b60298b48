#include "app/run/selection.hpp"

#include <doctest/doctest.h>

using namespace assay;
using namespace assay::app;

namespace {

settings declared() {
  settings all;
  all.providers = {{.name = "p"}, {.name = "q"}};
  all.models = {{.name = "small", .providers = {"p"}}, {.name = "large", .providers = {"p", "q"}}};
  all.datasets = {{.name = "gsm8k"}, {.name = "aqua"}};
  all.prompts = {{.name = "baseline"}, {.name = "cot"}};
  all.experiments = {
      {.name = "one", .datasets = {"gsm8k"}, .models = {"small"}, .prompts = {"cot"}},
      {.name = "two",
       .datasets = {"gsm8k", "aqua"},
       .models = {"small", "large"},
       .prompts = {"baseline", "cot"}}};
  return all;
}

}  // namespace

TEST_CASE("without a selection everything is left") {
  auto s = select(declared(), {});
  REQUIRE(s);
  CHECK(s->experiments.size() == 2);
}

TEST_CASE("a bare name chooses an experiment") {
  auto s = select(declared(), {.only = {"two"}});
  REQUIRE(s);
  REQUIRE(s->experiments.size() == 1);
  CHECK(s->experiments[0].name == "two");
}

TEST_CASE(
    "model, dataset and prompt narrow every experiment; what is left without one is dropped") {
  auto s = select(declared(), {.only = {"model=large", "dataset=aqua", "prompt=baseline"}});
  REQUIRE(s);
  REQUIRE(s->experiments.size() == 1);
  CHECK(s->experiments[0].models == std::vector<std::string>{"large"});
  CHECK(s->experiments[0].datasets == std::vector<std::string>{"aqua"});
  CHECK(s->experiments[0].prompts == std::vector<std::string>{"baseline"});
}

TEST_CASE("a provider narrows who serves a model, and models it does not serve are dropped") {
  auto s = select(declared(), {.only = {"provider=q"}});
  REQUIRE(s);
  REQUIRE(s->experiments.size() == 1);
  CHECK(s->experiments[0].models == std::vector<std::string>{"large"});
  CHECK(find_named(s->models, "large")->providers == std::vector<std::string>{"q"});
}

TEST_CASE("limits on the command line only ever narrow those of the file") {
  auto all = declared();
  all.datasets[0].limit = 10;
  all.experiments[0].max_tasks = 5;
  auto s = select(all, {.only = {}, .limit = 20, .max_tasks = 7});
  REQUIRE(s);
  CHECK(*s->datasets[0].limit == 10);
  CHECK(*s->datasets[1].limit == 20);
  CHECK(*s->experiments[0].max_tasks == 5);
  CHECK(*s->experiments[1].max_tasks == 7);
}

TEST_CASE("a name that is not declared gets the nearest one") {
  auto s = select(declared(), {.only = {"model=smal"}});
  REQUIRE_FALSE(s);
  CHECK(render(s.error()) == "--only model=smal: nothing is called 'smal' (did you mean 'small'?)");
  CHECK(select(declared(), {.only = {"colour=red"}}).error().fix ==
        "use experiment, model, dataset, prompt or provider");
}

TEST_CASE("a selection that leaves nothing is a problem") {
  CHECK_FALSE(select(declared(), {.only = {"one", "model=large"}}));
}
