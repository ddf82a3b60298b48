#include "app/report/panels.hpp"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "app/report/text.hpp"
#include "tests/app/report_sample_run.hpp"

using namespace assay;
using namespace assay::report;
using namespace assay::tests;
using doctest::Approx;

namespace {

verdict graded(const std::string& extracted, bool scored = true) {
  verdict v;
  v.judge = "panel";
  v.extracted = extracted;
  v.scored = scored;
  return v;
}

panel_summary panel_of(const std::string& type, const std::vector<std::string>& models,
                       const std::vector<std::string>& extracted) {
  panel_figures figures({{"panel", type, 1, models}, {"exact", "exact", 1}});
  for (const auto& text : extracted) figures.add(graded(text));
  auto panels = figures.panels();
  REQUIRE(panels.size() == 1);
  return panels[0];
}

storage::attempt_row call(const std::string& judge, const std::string& model) {
  storage::attempt_row row;
  row.mode = "judge";
  row.prompt = judge;
  row.model = model;
  row.input_tokens = 100;
  row.output_tokens = 5;
  row.cost = {0.25};
  return row;
}

}  // namespace

TEST_CASE("a panel's grades, silences and failures are counted by model") {
  panel_figures figures({{"panel", "model_graded_qa", 1, {"a", "b"}}});
  figures.add(graded("C I"));
  figures.add(graded("- C"));
  figures.add(graded("! -", false));
  figures.add(graded(""));           // refused: no model was asked
  figures.add(graded("[invalid]"));  // nor here
  auto p = figures.panels().at(0);
  CHECK(p.verdicts == 5);
  CHECK(p.unscored == 1);
  CHECK(p.graders[0].grades == 1);
  CHECK(p.graders[0].unread == 1);
  CHECK(p.graders[0].failed == 1);
  CHECK(p.graders[1].grades == 2);
  CHECK(p.graders[1].unread == 1);
}

TEST_CASE("agreement is Krippendorff's alpha of the panel and Cohen's kappa of each pair") {
  auto p = panel_of("model_graded_qa", {"a", "b", "c"}, {"C C I", "I I C", "C C -", "I I I"});
  // By hand: the a-b pair always agrees; c disagrees with a (and b) in 2 of 3 units.
  REQUIRE(p.pairs.size() == 3);
  CHECK(p.pairs[0].one == "a");
  CHECK(p.pairs[0].other == "b");
  CHECK(*p.pairs[0].kappa == Approx(1));
  CHECK(*p.pairs[1].kappa == Approx((1.0 / 3 - 5.0 / 9) / (1 - 5.0 / 9)));
  // Coincidences of the 11 ratings (5 C, 6 I): observed disagreement 4 of 11, expected 60 of 110.
  CHECK(*p.alpha == Approx(1 - (4.0 / 11) / (60.0 / 110)));
}

TEST_CASE("one model alone agrees with nobody") {
  auto p = panel_of("model_graded_qa", {"a"}, {"C", "I"});
  CHECK_FALSE(p.alpha);
  CHECK(p.pairs.empty());
}

TEST_CASE("numbers of a scale agree by their distance") {
  auto near = panel_of("scale", {"a", "b"}, {"2 3", "8 9", "5 5"});
  auto far = panel_of("scale", {"a", "b"}, {"2 9", "8 3", "5 5"});
  CHECK(*near.alpha > 0.8);
  CHECK(*far.alpha < 0);
  CHECK(near.pairs.empty());
}

TEST_CASE("each item of a rubric is a unit of its own") {
  auto p = panel_of("rubric", {"a", "b"}, {"YN YN", "NN NN"});
  CHECK(*p.alpha == Approx(1));
  auto half = panel_of("rubric", {"a", "b"}, {"YN YY", "NN NN"});
  CHECK(*half.alpha < 1);
}

TEST_CASE("pairs that were judged otherwise in the other order are counted, and rated as ties") {
  auto p = panel_of("pairwise", {"a", "b"}, {"WW WL", "LL LL", "TT WT", "- WW"});
  CHECK(p.compared == 7);
  CHECK(p.inconsistent == 2);
  CHECK(p.graders[0].unread == 1);
  CHECK(*p.pairs[0].kappa == Approx((2.0 / 3 - 1.0 / 3) / (1 - 1.0 / 3)));
}

TEST_CASE(
    "calls, tokens and cost of judges are booked by judge and model, apart from the models'") {
  panel_figures figures({{"panel", "scale", 1, {"a", "b"}}});
  figures.add(call("panel", "a"));
  figures.add(call("panel", "a"));
  figures.add(call("panel", "b"));
  figures.add(call("another", "a"));
  auto of_a_sample = call("panel", "a");
  of_a_sample.mode = "direct_answer";
  figures.add(of_a_sample);
  auto p = figures.panels().at(0);
  CHECK(p.calls() == 3);
  CHECK(p.cost().value == Approx(0.75));
  CHECK(p.graders[0].calls == 2);
  CHECK(p.graders[0].input_tokens == 200);
  CHECK(p.graders[0].output_tokens == 10);
  CHECK(p.graders[1].cost.value == Approx(0.25));
}

TEST_CASE("a summary shows its panels as text and as data") {
  auto ledger = sample_run();
  auto made_with = *setup_from_json(ledger.run.setup_json);
  made_with.judges.push_back({"panel", "pairwise", 1, {"a", "b"}});
  ledger.run.setup_json = to_json(made_with);
  ledger.kept = {answered("small", "a", 1, 0)};
  auto v = graded("WW WL");
  v.score = 1;
  ledger.kept[0].verdicts.push_back(v);
  auto summary = summarise(ledger, ledger.run);
  REQUIRE(summary);
  REQUIRE(summary->panels.size() == 1);
  auto text = to_text(*summary);
  CHECK(text.find("Judges that ask models") != std::string::npos);
  CHECK(text.find("panel: the models that graded") != std::string::npos);
  auto data = nlohmann::json::parse(to_json(*summary));
  CHECK(data["model_judges"][0]["judge"] == "panel");
  CHECK(data["model_judges"][0]["inconsistent"] == 1);
  CHECK(data["model_judges"][0]["compared"] == 2);
  CHECK(data["model_judges"][0]["models"][1]["grades"] == 1);
  CHECK(data["judges_cost_usd"] == 0.0);
}
