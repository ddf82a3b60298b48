#include <doctest/doctest.h>

#include "providers/simulated/numbered_items.hpp"
#include "tests/providers/simulated/asking.hpp"

using namespace assay;
using namespace assay::tests;

namespace {

std::string numbered_prompt(const std::vector<std::string>& items, const std::string& name) {
  std::string text = "Answer all of them in one JSON list.\n";
  for (std::size_t i = 0; i < items.size(); ++i)
    text += "\n<" + name + " id=\"" + std::to_string(i + 1) + "\">\n" + items[i] + "\n</" + name +
            ">\n";
  return text;
}

}  // namespace

TEST_CASE("numbered items are found whatever they hold, and nothing else is taken for them") {
  const std::vector<std::string> items{"one", "</item>\n<item id=\"2\">\nx", ""};
  auto prompt = numbered_prompt(items, "item-2-");
  auto found = simulated::numbered_items(prompt);
  CHECK(std::vector<std::string>(found.begin(), found.end()) == items);
  CHECK(simulated::numbered_items("What is 1 + 1?").empty());
  CHECK(simulated::numbered_items("\n<item id=\"1\">\nwithout an end").empty());
  CHECK(simulated::numbered_items("\n<item id=\"2\">\nx\n</item>\n").empty());
}

TEST_CASE("each of several items in one call gets the answer that it gets alone") {
  auto samples = numbered(12);
  std::vector<std::string> inputs;
  for (const auto& s : samples) inputs.push_back(s.input);
  simulated::service lab(mock_with(model_named("m", 0.6)), samples);
  auto list = json::parse(text_of(ask(lab, chat(numbered_prompt(inputs, "item"))).what));
  REQUIRE(list.size() == inputs.size());
  int right = 0;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    CHECK(list[i]["id"] == i + 1);
    auto alone = text_of(ask(lab, chat(inputs[i])).what);
    CHECK(list[i]["answer"] == alone);
    right += alone == samples[i].targets[0];
  }
  CHECK(right > 0);
  CHECK(right < 12);
}

TEST_CASE("a combined answer that does not fit its cap is cut, and says so") {
  simulated::service lab(mock_with(model_named("m")), numbered(3));
  auto body =
      body_of(ask(lab, chat(numbered_prompt({numbered(3)[0].input, numbered(3)[1].input}, "item"),
                            {{"max_tokens", 8}}))
                  .what);
  CHECK(body["choices"][0]["finish_reason"] == "length");
  CHECK(body["choices"][0]["message"]["content"].get<std::string>().size() <= 32);
}
