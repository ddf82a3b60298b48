#include <doctest/doctest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "app/report/document.hpp"
#include "app/report/text.hpp"
#include "tests/app/report_sample_run.hpp"

using namespace assay;
using namespace assay::report;
using namespace assay::tests;
using doctest::Approx;

namespace {

using letters = std::vector<std::string>;

constexpr std::size_t samples = 40;

/// Scores of `samples` samples, the first `right` of them 1 and the others 0.
std::vector<double> first_right(std::size_t right) {
  std::vector<double> scores(samples, 0.0);
  std::fill_n(scores.begin(), right, 1.0);
  return scores;
}

void add_model(fake_ledger& to, const std::string& model, const std::vector<double>& scores) {
  for (std::size_t i = 0; i < scores.size(); ++i)
    to.kept.push_back(answered(model, "s" + std::to_string(i), scores[i], 0));
}

fake_ledger two_models(const std::vector<double>& small, const std::vector<double>& large) {
  auto ledger = sample_run();
  add_model(ledger, "small", small);
  add_model(ledger, "large", large);
  return ledger;
}

run_summary summary_of(fake_ledger& ledger) {
  auto summary = summarise(ledger, ledger.run);
  REQUIRE(summary);
  return *summary;
}

const std::vector<ranking::standing>& standings_of(const run_summary& summary) {
  REQUIRE(summary.leaderboards.size() == 1);
  return summary.leaderboards[0].standings;
}

}  // namespace

TEST_CASE("of two models clearly apart the better one is first, in a group of its own") {
  auto ledger = two_models(first_right(10), first_right(30));
  const auto summary = summary_of(ledger);
  const auto& models = standings_of(summary);
  REQUIRE(models.size() == 2);
  CHECK(models[0].name == "large");
  CHECK(models[0].rank == 1);
  CHECK(models[0].score.mean == Approx(0.75));
  CHECK(models[0].score.low < 0.75);
  CHECK(models[0].score.high > 0.75);
  CHECK(models[0].groups == letters{"a"});
  CHECK(models[1].name == "small");
  CHECK(models[1].rank == 2);
  CHECK(models[1].groups == letters{"b"});
}

TEST_CASE("two models whose difference may be chance share a group") {
  auto ledger = two_models(first_right(30), first_right(29));
  const auto summary = summary_of(ledger);
  const auto& models = standings_of(summary);
  CHECK(models[0].name == "small");
  CHECK(models[0].groups == letters{"a"});
  CHECK(models[1].groups == letters{"a"});
}

TEST_CASE("models are told apart by sample, though their intervals overlap") {
  // Eight samples were gained and none was lost: p is 2 / 2^8, the means 0.4 and 0.6.
  auto ledger = two_models(first_right(16), first_right(24));
  std::reverse(ledger.kept.begin(), ledger.kept.end());
  const auto summary = summary_of(ledger);
  const auto& models = standings_of(summary);
  CHECK(models[1].score.high > models[0].score.low);
  CHECK(models[0].groups == letters{"a"});
  CHECK(models[1].groups == letters{"b"});
}

TEST_CASE("samples are paired within a prompt and within a dataset") {
  const auto everywhere = two_models(first_right(samples), first_right(samples));
  for (auto part : {&cell::prompt, &cell::dataset}) {
    auto ledger = everywhere;
    // Where only `large` has answers, and wrong ones, the two cannot be compared.
    for (auto row : everywhere.kept) {
      row.what.asked.where.*part = "another";
      row.what.asked.key = hash_parts({"another", to_string(row.what.asked.key)});
      row.verdicts[0].score = 0;
      if (row.what.asked.where.model == "small")
        ledger.kept.insert(ledger.kept.begin(), in_error(row, error_class::timeout));
      else
        ledger.kept.push_back(row);
    }
    const auto summary = summary_of(ledger);
    const auto& models = standings_of(summary);
    CHECK(models[0].score.mean == 1);
    CHECK(models[1].score.mean == 0.5);
    CHECK(models[0].groups == models[1].groups);
  }
}

TEST_CASE("equal means share a rank") {
  auto ledger = two_models(first_right(20), first_right(20));
  const auto summary = summary_of(ledger);
  const auto& models = standings_of(summary);
  CHECK(models[0].rank == 1);
  CHECK(models[1].rank == 1);
}

TEST_CASE("the level holds over all judges and pairs of models together") {
  // Six gained and none lost: p is 2 / 2^6, below 0.05 alone and above it as one of two.
  auto ledger = two_models(first_right(10), first_right(16));
  const auto alone = summary_of(ledger);
  CHECK(standings_of(alone)[1].groups == letters{"b"});
  for (auto& row : ledger.kept)
    row.verdicts.push_back({row.what.asked.key, "strict", "v1", true, 0.0, "", ""});
  const auto summary = summary_of(ledger);
  REQUIRE(summary.leaderboards.size() == 2);
  CHECK(summary.leaderboards[0].standings[1].groups == letters{"a"});
}

TEST_CASE("a model in error everywhere has no rank and no group") {
  auto ledger = two_models(first_right(30), first_right(30));
  for (auto& row : ledger.kept)
    if (row.what.asked.where.model == "small") row = in_error(row, error_class::timeout);
  const auto summary = summary_of(ledger);
  const auto& models = standings_of(summary);
  CHECK(models[0].name == "large");
  CHECK(models[1].rank == 0);
  CHECK(models[1].groups.empty());
}

TEST_CASE("one model alone has no leaderboard") {
  auto ledger = sample_run();
  add_model(ledger, "small", first_right(20));
  const auto summary = summary_of(ledger);
  CHECK(summary.leaderboards.empty());
  CHECK(to_text(summary).find("Leaderboard") == std::string::npos);
}

TEST_CASE("the leaderboard stands after the scores") {
  auto ledger = two_models(first_right(0), first_right(30));
  const auto text = to_text(summary_of(ledger));
  CHECK(text.find("\nScores\n") < text.find("\nLeaderboard: exact\n"));
  CHECK(text.find("Leaderboard: exact\n"
                  "rank  model   mean   95 % interval  group\n"
                  "   1  large  0.750   0.610 - 0.890  a\n"
                  "   2  small  0.000  0.000 - 0.088*  b\n"
                  "models that share a letter are not distinguishable (paired tests, Holm)\n"
                  "* all scores are equal: Wilson's interval\n") != std::string::npos);
}

TEST_CASE("the JSON of a summary has the leaderboard") {
  auto ledger = two_models(first_right(10), first_right(30));
  const auto j = nlohmann::json::parse(to_json(summary_of(ledger)));
  const auto& board = j["leaderboards"][0];
  CHECK(board["judge"] == "exact");
  CHECK(board["models"][0]["rank"] == 1);
  CHECK(board["models"][0]["model"] == "large");
  CHECK(board["models"][0]["mean"] == 0.75);
  CHECK(board["models"][0]["interval_95"].size() == 2);
  CHECK(board["models"][1]["groups"][0] == "b");
}
