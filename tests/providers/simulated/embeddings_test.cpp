#include <doctest/doctest.h>

#include <numeric>

#include "messages/embedding_text.hpp"
#include "providers/simulated/embedding.hpp"
#include "tests/providers/simulated/asking.hpp"

using namespace assay;
using namespace assay::tests;
using simulated::embed;

namespace {

double nearness(const std::vector<float>& a, const std::vector<float>& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

std::string input(const json& texts, const json& more = json::object()) {
  json body = {{"model", "m"}, {"input", texts}};
  body.update(more);
  return body.dump();
}

}  // namespace

TEST_CASE("texts that share words are near each other, others are not") {
  const auto cats = embed("Two cats sat on the mat.", "m", 256);
  CHECK(nearness(cats, cats) == doctest::Approx(1));
  CHECK(nearness(cats, embed("two CATS, sat; on the mat", "m", 256)) == doctest::Approx(1));
  const auto near = nearness(cats, embed("Two dogs sat on the mat.", "m", 256));
  CHECK(near > 0.6);
  CHECK(near < 1);
  CHECK(nearness(cats, embed("Interest rates rose sharply", "m", 256)) < 0.3);
  CHECK(embed("x", "m", 8) != embed("x", "other", 8));
  CHECK(nearness(embed("", "m", 8), embed("...", "m", 8)) == doctest::Approx(1));
}

TEST_CASE("OpenAI's embeddings: one text or several, numbers or base64, by index, with usage") {
  simulated::service lab(mock_with(model_named("m")), {});
  const auto h = ask(lab, input({"How warm is it?", "Warm."}), start, "/v1/embeddings");
  CHECK(h.what.status == 200);
  CHECK(h.holds_slot);
  CHECK_FALSE(h.log.right);
  const auto body = body_of(h.what);
  CHECK(body["object"] == "list");
  CHECK(body["model"] == "m");
  CHECK(body["usage"] == json::parse(R"({"prompt_tokens":6,"total_tokens":6})"));
  REQUIRE(body["data"].size() == 2);
  CHECK(body["data"][1]["object"] == "embedding");
  CHECK(body["data"][1]["index"] == 1);
  CHECK(body["data"][1]["embedding"].get<std::vector<float>>() == embed("Warm.", "m", 256));
  const auto one = ask(lab, input("Warm.", {{"encoding_format", "base64"}, {"dimensions", 4}}),
                       start, "/openai/deployments/m/embeddings?api-version=x");
  CHECK(read_embedding(body_of(one.what)["data"][0]["embedding"].get<std::string>()) ==
        embed("Warm.", "m", 4));
}

TEST_CASE("Gemini's embeddings") {
  simulated::service lab(mock_with(model_named("m")), {});
  const auto body = R"({"requests":[
    {"model":"models/m","content":{"parts":[{"text":"a"}]},"outputDimensionality":5},
    {"model":"models/m","content":{"parts":[{"text":"b"}]},"outputDimensionality":5}]})";
  const auto h = ask(lab, body, start, "/v1beta/models/m:batchEmbedContents");
  CHECK(h.what.status == 200);
  const auto list = body_of(h.what)["embeddings"];
  REQUIRE(list.size() == 2);
  CHECK(list[1]["values"].get<std::vector<float>>() == embed("b", "m", 5));
}

TEST_CASE("embeddings count at the limits as any request") {
  auto settings = mock_with(model_named("m"));
  settings.limits.rates.push_back(
      {.counts = dimension::tokens, .amount = 10, .shape = limit_shape::fixed_window});
  simulated::service lab(settings, {});
  CHECK(ask(lab, input({std::string(32, 'x')}), start, "/v1/embeddings").what.status == 200);
  CHECK(ask(lab, input({std::string(12, 'x')}), start, "/v1/embeddings").what.status == 429);
}

TEST_CASE("requests for embeddings that are none get a 400") {
  simulated::service lab(mock_with(model_named("m")), {});
  for (const auto& body :
       {input(json::array()), input(7), input({7}), input(nullptr), std::string(R"({"model":"m"})"),
        std::string("["), input("x", {{"dimensions", 0}}), input("x", {{"dimensions", 1'000'000}}),
        input("x", {{"dimensions", "many"}})})
    CHECK(ask(lab, body, start, "/v1/embeddings").what.status == 400);
  for (const auto* body :
       {"{}", R"({"requests":[]})", R"({"requests":[7]})", R"({"requests":[{"content":{}}]})"})
    CHECK(ask(lab, body, start, "/v1beta/models/m:batchEmbedContents").what.status == 400);
  CHECK(ask(lab, input("x", {{"model", "gone"}}), start, "/v1/embeddings").what.status == 404);
}
