#include "app/report/summary.hpp"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "app/report/text.hpp"
#include "tests/app/report_sample_run.hpp"

using namespace assay;
using namespace assay::report;
using namespace assay::tests;
using doctest::Approx;

namespace {

run_summary summary_of(fake_ledger& ledger) {
  auto summary = summarise(ledger, ledger.run);
  REQUIRE(summary);
  return *summary;
}

const grouping& by(const judge_scores& scores, const std::string& key) {
  for (const auto& g : scores.groupings)
    if (g.key == key) return g;
  FAIL("no grouping " << key);
  return scores.groupings.front();
}

fake_ledger four_answers() {
  auto ledger = sample_run();
  ledger.kept = {answered("small", "a", 1, 0), answered("small", "b", 0, 1),
                 answered("large", "a", 1, 2), answered("large", "b", 1, 3)};
  return ledger;
}

}  // namespace

TEST_CASE("a summary counts every task once, by what it came to") {
  auto ledger = four_answers();
  ledger.kept.push_back(in_error(answered("large", "c", 0, 4), error_class::timeout));
  ledger.kept.push_back(in_error(answered("large", "d", 0, 5), error_class::bad_request));
  ledger.kept.push_back(in_error(answered("small", "d", 0, 5), error_class::timeout));
  auto refused = answered("small", "c", 0, 6);
  refused.what.got.status = outcome_status::refused;
  ledger.kept.push_back(refused);
  auto missing = answered("small", "e", 0, 0);
  missing.has_outcome = false;
  missing.what.got.attempts.clear();
  missing.verdicts.clear();
  ledger.kept.push_back(missing);

  auto s = summary_of(ledger);
  CHECK(s.counts.tasks == 9);
  CHECK(s.counts.answered == 4);
  CHECK(s.counts.refused == 1);
  CHECK(s.counts.filtered == 0);
  CHECK(s.counts.errors == 3);
  CHECK(s.counts.missing == 1);
  CHECK(s.errors.at(error_class::timeout) == 2);
  CHECK(s.errors.at(error_class::bad_request) == 1);
}

TEST_CASE("errors and missing tasks are left out of the mean and lower the coverage") {
  auto ledger = four_answers();
  ledger.kept.push_back(in_error(answered("large", "c", 0, 4), error_class::timeout));
  // A verdict left over from an earlier answer must not count for a task in error.
  ledger.kept.back().verdicts = {
      {ledger.kept.back().what.asked.key, "exact", "v", true, 0, "", ""}};
  auto s = summary_of(ledger);
  const auto& value = s.scores.at(0).overall.value;
  CHECK(value.planned == 5);
  CHECK(value.scored == 4);
  CHECK(value.coverage() == Approx(0.8));
  CHECK(value.mean == Approx(0.75));
}

TEST_CASE("a sample asked of two models counts as one sample in the overall mean") {
  auto ledger = four_answers();
  auto s = summary_of(ledger);
  const auto& overall = s.scores.at(0).overall;
  // Sample a: 1, sample b: 0.5; the standard error is sqrt(0.125 / 2).
  CHECK(overall.value.samples == 2);
  CHECK(overall.value.mean == Approx(0.75));
  CHECK(overall.value.standard_error == Approx(0.25));
  CHECK_FALSE(overall.wilson);
}

TEST_CASE("equal ids in two datasets are two samples") {
  auto ledger = four_answers();
  ledger.kept[2].what.asked.where.dataset = "other";
  auto s = summary_of(ledger);
  CHECK(s.scores.at(0).overall.value.samples == 3);
}

TEST_CASE("scores are cut by model and prompt, by cell, by task type and by tag") {
  auto ledger = four_answers();
  ledger.kept[0].what.asked.item.tags = {"plus", "short"};
  ledger.kept[1].what.asked.item.tags = {"plus"};
  ledger.kept[3].what.asked.where.task_type = "word";
  auto s = summary_of(ledger);
  REQUIRE(s.scores.size() == 1);

  const auto& models = by(s.scores[0], "model_prompt");
  REQUIRE(models.groups.size() == 2);
  CHECK(models.groups[0].names == std::vector<std::string>{"large", "baseline"});
  CHECK(models.groups[0].value.mean == 1);
  CHECK(models.groups[1].names == std::vector<std::string>{"small", "baseline"});
  CHECK(models.groups[1].value.mean == 0.5);
  REQUIRE(models.groups[0].wilson);
  CHECK(models.groups[0].wilson->first == Approx(0.342372).epsilon(1e-5));  // 2 / (2 + z^2)

  CHECK(by(s.scores[0], "cell").groups.size() == 3);
  CHECK(by(s.scores[0], "task_type").groups.size() == 2);
  const auto& tags = by(s.scores[0], "tag");
  REQUIRE(tags.groups.size() == 2);
  CHECK(tags.groups[0].names[0] == "plus");
  CHECK(tags.groups[0].value.mean == 0.5);
  CHECK(tags.groups[0].value.planned == 2);
  CHECK(tags.groups[1].value.planned == 1);
}

TEST_CASE("a judge of pass@k is estimated from the epochs of each sample") {
  auto ledger = sample_run();
  auto made_with = *setup_from_json(ledger.run.setup_json);
  made_with.judges = {{"exact", "pass-at-k", 2}};
  made_with.epochs = 5;
  ledger.run.setup_json = to_json(made_with);
  for (std::uint32_t epoch = 1; epoch <= 5; ++epoch)
    ledger.kept.push_back(answered("small", "a", epoch <= 2, epoch, 1, epoch));
  auto s = summary_of(ledger);
  CHECK(s.scores.at(0).overall.value.mean == Approx(0.7));  // n 5, c 2, k 2
}

TEST_CASE("a judge that only the ledger knows is shown after those of the setup") {
  auto ledger = four_answers();
  ledger.kept[0].verdicts.push_back(
      {ledger.kept[0].what.asked.key, "older", "v", true, 0.5, "", ""});
  auto s = summary_of(ledger);
  REQUIRE(s.scores.size() == 2);
  CHECK(s.scores[0].judge.name == "exact");
  CHECK(s.scores[1].judge.name == "older");
  CHECK(s.scores[1].overall.value.coverage() == 0.25);
}

TEST_CASE("attempts, retries, 429s and what they cost are counted by provider") {
  auto ledger = four_answers();
  auto& attempts = ledger.kept[1].what.got.attempts;
  auto retry = attempts[0];
  attempts[0] = exchange("east", 0.5, 0.25, error_class::rate_limited);
  retry.number = 2;
  attempts.push_back(retry);
  auto broken = exchange("west", 9, 2, error_class::server_error);
  broken.cost = {0.5};
  ledger.kept[3].what.got.attempts.insert(ledger.kept[3].what.got.attempts.begin(), broken);

  auto s = summary_of(ledger);
  REQUIRE(s.providers.size() == 2);
  const auto& east = s.providers[0];
  CHECK(east.name == "east");
  CHECK(east.tasks == 4);
  CHECK(east.attempts == 5);
  CHECK(east.retries == 1);
  CHECK(east.count(error_class::rate_limited) == 1);
  CHECK(east.failures() == 0);
  CHECK(east.wasted_s == Approx(0.25));
  CHECK(east.cost.value == Approx(0.004));
  CHECK(east.input_tokens == 400);
  const auto& west = s.providers[1];
  CHECK(west.tasks == 1);
  CHECK(west.failures() == 1);
  CHECK(west.wasted_cost.value == 0.5);
  CHECK(s.cost.value == Approx(0.504));
}

TEST_CASE("outcomes of earlier runs count for scores, not for this run's cost and time") {
  auto ledger = four_answers();
  ledger.from_this_run = {false, true, true, true};
  auto s = summary_of(ledger);
  CHECK(s.reused == 1);
  CHECK(s.scores.at(0).overall.value.planned == 4);
  CHECK(s.providers.at(0).attempts == 3);
  CHECK(s.cost.value == Approx(0.003));
  CHECK(s.speed.makespan_s == Approx(3));  // 1 .. 4
}

TEST_CASE("the makespan runs from the first permit to the last byte, against the least time") {
  auto ledger = four_answers();  // sends at 0, 1, 2, 3; each takes 1 s; one request a second
  auto s = summary_of(ledger);
  const auto& speed = s.providers.at(0).speed;
  CHECK(speed.makespan_s == Approx(4));
  CHECK(speed.longest_pause_s == 0);
  CHECK(speed.least.seconds == Approx(4));
  CHECK(speed.least.binds == "rpm");
  CHECK(*speed.ratio() == Approx(1));
  CHECK(s.speed.least.binds == "rpm of east");

  ledger.kept[3] = answered("large", "b", 1, 600);
  s = summary_of(ledger);
  CHECK(s.providers.at(0).speed.makespan_s == Approx(601));
  CHECK(s.providers.at(0).speed.longest_pause_s == Approx(597));
}

TEST_CASE("a token limit is charged with the cap that was asked for if the policy says so") {
  auto ledger = four_answers();
  auto made_with = *setup_from_json(ledger.run.setup_json);
  auto& limits = made_with.providers[0].limits;
  limits.rates = {{.counts = dimension::tokens,
                   .amount = 6000,
                   .window = std::chrono::seconds(60),
                   .burst = 400,
                   .key = "tpm"}};
  limits.max_parallel = 100;
  made_with.models[0].max_tokens = 400;  // small: 2 x (100 + 400), large: 2 x (100 + 20)
  ledger.run.setup_json = to_json(made_with);
  CHECK(summary_of(ledger).providers.at(0).speed.least.seconds ==
        Approx((1000 + 240 - 400) / 100.0 + 1));

  limits.reserve = reserve_policy::expected;
  ledger.run.setup_json = to_json(made_with);
  CHECK(summary_of(ledger).providers.at(0).speed.least.seconds == Approx((480 - 400) / 100.0 + 1));
}

TEST_CASE("tasks that either of two providers may serve need only the time of both together") {
  auto ledger = four_answers();
  auto made_with = *setup_from_json(ledger.run.setup_json);
  auto west = made_with.providers[0];
  west.name = "west";
  made_with.providers.push_back(west);
  for (auto& model : made_with.models) model.providers = {"east", "west"};
  ledger.run.setup_json = to_json(made_with);
  // Two at once, then two a second: the last of four is admitted at 1 s.
  auto s = summary_of(ledger);
  CHECK(s.speed.least.seconds == Approx(2));
  CHECK(s.speed.least.binds == "rpm of east+west");

  made_with.models[0].providers = {"west"};
  made_with.models[1].providers = {"east"};
  ledger.run.setup_json = to_json(made_with);
  CHECK(summary_of(ledger).speed.least.seconds == Approx(2));

  made_with.models[0].providers = {"east"};
  ledger.run.setup_json = to_json(made_with);
  CHECK(summary_of(ledger).speed.least.seconds == Approx(4));
  CHECK(summary_of(ledger).speed.least.binds == "rpm of east");
}

TEST_CASE("a cap over all providers is a limit of its own") {
  auto ledger = four_answers();
  auto made_with = *setup_from_json(ledger.run.setup_json);
  made_with.providers[0].limits.rates.clear();
  made_with.concurrency = 1;
  ledger.run.setup_json = to_json(made_with);
  auto s = summary_of(ledger);
  CHECK(s.providers.at(0).speed.least.seconds == Approx(1));
  CHECK(s.speed.least.seconds == Approx(4));
  CHECK(s.speed.least.binds == "concurrency");
}

TEST_CASE("latency and time to first token are those of attempts with an answer") {
  auto ledger = sample_run();
  for (int i = 1; i <= 10; ++i)
    ledger.kept.push_back(answered("small", std::to_string(i), 1, i, i));
  ledger.kept.push_back(in_error(answered("small", "x", 0, 5, 1000), error_class::timeout));
  auto s = summary_of(ledger);
  const auto& east = s.providers.at(0);
  REQUIRE(east.latency_s.size() == 4);
  CHECK(east.latency_s[0].value == Approx(5));
  CHECK(east.latency_s[1].value == Approx(9));
  CHECK_FALSE(east.latency_s[1].claimed);
  CHECK(east.ttft_s[0].value == Approx(5 / 4.0));
}

TEST_CASE("answers by a node whose moments are not worth it are left out of latencies, and named") {
  auto ledger = sample_run();
  for (int i = 1; i <= 10; ++i)
    ledger.kept.push_back(answered("small", std::to_string(i), 1, i, i));
  for (int i = 11; i <= 13; ++i) {
    ledger.kept.push_back(answered("small", std::to_string(i), 1, i, 1000));
    ledger.kept.back().what.got.attempts.back().from = {
        "n2", {}, std::chrono::milliseconds(i * 10)};
  }
  auto s = summary_of(ledger);
  CHECK(s.providers.at(0).attempts == 13);
  CHECK(s.providers.at(0).not_timed == std::map<std::string, std::size_t>{{"n2", 3}});
  CHECK(s.providers.at(0).latency_s[0].value == Approx(5));
  CHECK(to_text(s).find("left out: 3 answers by node n2") != std::string::npos);

  auto made_with = *setup_from_json(ledger.run.setup_json);
  made_with.bad_lag = std::chrono::milliseconds(120);
  ledger.run.setup_json = to_json(made_with);
  CHECK(summary_of(ledger).providers.at(0).not_timed.at("n2") == 1);
}

TEST_CASE("a threshold is missed by a lower mean and by no score at all") {
  auto ledger = four_answers();
  auto made_with = *setup_from_json(ledger.run.setup_json);
  made_with.thresholds = {{"exact", 0.75}};
  ledger.run.setup_json = to_json(made_with);
  CHECK_FALSE(summary_of(ledger).threshold_missed());
  made_with.thresholds = {{"exact", 0.76}, {"unknown", 0.1}};
  ledger.run.setup_json = to_json(made_with);
  auto s = summary_of(ledger);
  CHECK(s.threshold_missed());
  REQUIRE(s.thresholds.size() == 2);
  CHECK(s.thresholds[0].missed());
  CHECK(s.thresholds[0].mean == 0.75);
  CHECK(s.thresholds[1].missed());
  CHECK_FALSE(s.thresholds[1].mean);
}

TEST_CASE("an empty run has a summary") {
  auto ledger = sample_run();
  auto s = summary_of(ledger);
  CHECK(s.counts.tasks == 0);
  CHECK_FALSE(s.speed.ratio());
  CHECK(nlohmann::json::accept(to_json(s)));
}

TEST_CASE("the JSON of a summary holds its figures under plain names") {
  auto ledger = four_answers();
  ledger.kept.push_back(in_error(answered("small", "c", 0, 4), error_class::overloaded));
  auto made_with = *setup_from_json(ledger.run.setup_json);
  made_with.thresholds = {{"exact", 0.9}};
  ledger.run.setup_json = to_json(made_with);
  auto j = nlohmann::json::parse(to_json(summary_of(ledger)));
  CHECK(j["run"]["id"] == 12);
  CHECK(j["run"]["state"] == "finished");
  CHECK(j["run"]["started"] == "2026-11-22T12:00:00.000000Z");
  CHECK(j["tasks"]["total"] == 5);
  CHECK(j["tasks"]["errors"] == 1);
  CHECK(j["errors_by_class"]["overloaded"] == 1);
  const auto& scores = j["scores"][0];
  CHECK(scores["judge"] == "exact");
  CHECK(scores["overall"]["mean"] == 0.75);
  CHECK(scores["overall"]["coverage"] == 0.8);
  CHECK(scores["by_model_prompt"][0]["model"] == "large");
  CHECK(scores["by_model_prompt"][0]["mean"] == 1.0);
  CHECK(j["providers"][0]["attempts"] == 5);
  CHECK(j["providers"][0]["attempts_by_class"]["none"] == 4);
  CHECK(j["speed"]["binds"] == "rpm of east");
  CHECK(j["thresholds"][0]["missed"] == true);
}

TEST_CASE("names that are not UTF-8 do not break the JSON of a summary") {
  auto ledger = four_answers();
  ledger.kept[0].what.asked.where.model = "bad\xff\xfe";
  ledger.kept[0].what.asked.item.tags = {"\xc3"};
  CHECK(nlohmann::json::accept(to_json(summary_of(ledger))));
}

TEST_CASE("a setup that nobody can read is a problem that says so") {
  auto ledger = four_answers();
  ledger.run.setup_json = "{";
  auto s = summarise(ledger, ledger.run);
  REQUIRE_FALSE(s);
  CHECK(s.error().what.find("setup") != std::string::npos);
}

TEST_CASE("a limit that was found out explains the time like a configured one, and is shown") {
  auto ledger = four_answers();
  known_rate r{.rate = 0.01, .low = 0.0099, .high = 0.0101, .burst = 1};
  r.source = knowledge::learned;
  ledger.found = {{ledger.kept[0].what.got.provider, "a1", {{r}, {}}, 1}};
  auto s = summary_of(ledger);
  CHECK(s.providers[0].speed.least.binds == "requests (learned)");
  CHECK(s.speed.least.seconds == Approx(300).epsilon(0.02));
  auto json = nlohmann::json::parse(to_json(s));
  CHECK(json["limits_found"][0]["rates"][0]["rate_per_s"] == 0.01);
}
