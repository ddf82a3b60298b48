#include <doctest/doctest.h>

#include "messages/known_names.hpp"
#include "providers/simulated/parts.hpp"
#include "tests/providers/simulated/asking.hpp"

using namespace assay;
using namespace assay::tests;
using simulated::find_part;

TEST_CASE("the parts of mock models are those that an experiment file may name") {
  CHECK(simulated::part_names() ==
        std::vector<std::string_view>(known::mock_parts.begin(), known::mock_parts.end()));
  for (auto name : known::mock_parts) CHECK(bool(find_part(name)));
  CHECK(bool(find_part(mock_model{}.plays)));
  CHECK_FALSE(bool(find_part("hamlet")));
}

TEST_CASE("a model that plays no known part fails and says which") {
  auto model = model_named("m");
  model.plays = "hamlet";
  simulated::service lab(mock_with(model), {});
  auto h = ask(lab, chat("What is 1 + 1?"));
  CHECK(h.what.status == 500);
  CHECK(bytes_of(h.what).find("hamlet") != std::string::npos);
}

TEST_CASE(
    "a conversation is about the sample of its last user message, or else of an earlier one") {
  auto samples = numbered(3);
  simulated::service lab(mock_with(model_named("m")), samples);
  auto talk = [&](const std::string& first, const std::string& last) {
    json messages = {{{"role", "user"}, {"content", first}},
                     {{"role", "assistant"}, {"content", "Let me see."}},
                     {{"role", "user"}, {"content", last}}};
    return ask(lab, json{{"model", "m"}, {"messages", messages}}.dump()).log.sample_id;
  };
  CHECK(talk(samples[0].input, samples[1].input) == "q1");
  CHECK(talk(samples[2].input, "Please go on.") == "q2");
  CHECK(talk("Hello.", "Please go on.") == "");
}
