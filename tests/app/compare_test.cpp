#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "app/compare/document.hpp"
#include "app/report/clean_text.hpp"
#include "app/report/text.hpp"
#include "tests/app/report_sample_run.hpp"

using namespace assay;
using namespace assay::tests;
using doctest::Approx;

namespace {

/// A run of one model whose samples s0, s1, ... have these scores.
fake_ledger run_of(const std::string& model, const std::vector<double>& scores, int id = 1) {
  auto ledger = sample_run();
  ledger.run.id = id;
  ledger.run.experiment = "run-of-" + model;
  for (std::size_t i = 0; i < scores.size(); ++i)
    ledger.kept.push_back(answered(model, "s" + std::to_string(i), scores[i], 0));
  return ledger;
}

void add_all(fake_ledger& to, const fake_ledger& from) {
  to.kept.insert(to.kept.end(), from.kept.begin(), from.kept.end());
}

expected<compare::comparison> compared(std::vector<fake_ledger*> ledgers,
                                       compare::settings how = {}) {
  std::vector<compare::source> sources;
  for (auto* ledger : ledgers) sources.push_back({ledger, ledger->run});
  return compare::compare(sources, how);
}

}  // namespace

TEST_CASE("two runs are paired by sample, though their models differ") {
  auto a = run_of("small", {1, 0, 1, 1, 0}, 1), b = run_of("large", {0, 1, 1, 1, 1}, 2);
  std::reverse(b.kept.begin(), b.kept.end());
  const auto c = compared({&a, &b});
  REQUIRE(c);
  REQUIRE(c->pairs.size() == 1);
  const auto& pair = c->pairs[0];
  CHECK(pair.tasks == 5);
  CHECK(pair.overall.value.wins == 2);
  CHECK(pair.overall.value.losses == 1);
  CHECK(pair.overall.value.ties == 2);
  CHECK(pair.overall.value.difference.mean == Approx(0.2));
  CHECK(pair.overall.value.p.value == 1);
  CHECK(ranking::to_string(c->paired_by) == "dataset, sample, epoch");
}

TEST_CASE("models of one run are held against each other, prompt by prompt") {
  auto ledger = run_of("small", {1, 0});
  add_all(ledger, run_of("large", {1, 1}));
  auto with_cot = ledger.kept;
  for (auto& row : with_cot) {
    row.what.asked.where.prompt = "cot";
    row.what.asked.key = hash_parts({"cot", to_string(row.what.asked.key)});
    for (auto& v : row.verdicts) v.score = 1;
  }
  ledger.kept.insert(ledger.kept.end(), with_cot.begin(), with_cot.end());
  const auto c = compared({&ledger}, {.what = compare::subject::model});
  REQUIRE(c);
  CHECK(ranking::to_string(c->paired_by) == "dataset, sample, epoch, prompt");
  CHECK(c->read.sides[0].name == "small");
  const auto& pair = c->pairs[0];
  CHECK(pair.tasks == 4);
  CHECK(pair.overall.value.samples == 2);  // the two prompts of a sample are averaged
  CHECK(pair.overall.value.mean_a == Approx(0.75));
  REQUIRE(pair.groupings.size() == 2);
  CHECK(pair.groupings[1].groups.size() == 2);
}

TEST_CASE("models in several runs keep apart under one name") {
  auto a = run_of("small", {1, 0}, 1), b = run_of("small", {1, 1}, 2);
  const auto c = compared({&a, &b}, {.what = compare::subject::model});
  REQUIRE(c);
  CHECK(c->read.sides[0].name == "small (run 1)");
  CHECK(c->read.sides[1].name == "small (run 2)");
}

TEST_CASE("what is in error, missing, unscored or on one side only is counted and not compared") {
  auto a = run_of("small", {1, 0, 1, 1, 0}), b = run_of("large", {1, 1, 1, 1, 1, 1}, 2);
  a.kept[0] = in_error(a.kept[0], error_class::timeout);
  a.kept[1].has_outcome = false;
  b.kept[2].verdicts.clear();
  const auto c = compared({&a, &b});
  REQUIRE(c);
  const auto& pair = c->pairs[0];
  CHECK(pair.tasks == 2);
  CHECK(pair.left_a.errors == 1);
  CHECK(pair.left_a.missing == 1);
  CHECK(pair.left_a.not_on_other == 0);
  CHECK(pair.left_b.unscored == 1);
  CHECK(pair.left_b.not_on_other == 1);
  const auto text = report::to_text(compare::describe(*c, 0, 24));
  CHECK(text.find("! exact, B - A: 4 tasks left out, 2 compared") != text.npos);
  CHECK(text.find("Tasks left out") != text.npos);
}

TEST_CASE("an error has no score even if an older verdict lies about") {
  auto a = run_of("small", {1, 1}), b = run_of("large", {0, 0}, 2);
  b.kept[0].what.got.status = outcome_status::error;
  const auto c = compared({&a, &b});
  REQUIRE(c);
  CHECK(c->pairs[0].tasks == 1);
}

TEST_CASE("epochs are paired one by one and averaged by sample") {
  auto a = sample_run(), b = sample_run();
  for (std::uint32_t epoch = 1; epoch <= 4; ++epoch)
    a.kept.push_back(answered("small", "s", epoch <= 2, 0, 1, epoch));
  for (std::uint32_t epoch = 2; epoch <= 4; ++epoch)
    b.kept.push_back(answered("large", "s", 1, 0, 1, epoch));
  b.kept.push_back(answered("large", "t", 1, 0));
  a.kept.push_back(answered("small", "t", 1, 0));
  const auto c = compared({&a, &b});
  REQUIRE(c);
  const auto& pair = c->pairs[0];
  CHECK(pair.tasks == 4);
  CHECK(pair.left_a.not_on_other == 1);
  CHECK(pair.overall.value.samples == 2);
  CHECK(pair.overall.value.mean_a == Approx((1.0 / 3 + 1) / 2));
}

TEST_CASE("sides with epochs say how far they give the same result again") {
  auto a = sample_run(), b = sample_run();
  for (std::uint32_t epoch = 1; epoch <= 4; ++epoch) {
    a.kept.push_back(answered("small", "s", epoch <= 2, 0, 1, epoch));
    a.kept.push_back(answered("small", "t", 1, 0, 1, epoch));
    b.kept.push_back(answered("large", "s", 1, 0, 1, epoch));
  }
  const auto c = compared({&a, &b});
  REQUIRE(c);
  REQUIRE(c->reliability.size() == 2);
  const auto& small = c->reliability[0].value;
  CHECK(small.samples == 2);
  CHECK(small.mixed == 1);
  CHECK(small.consistency == Approx((1.0 / 3 + 1) / 2));
  CHECK(small.pass_hat.back() == Approx(0.5));
  CHECK(c->reliability[1].value.consistency == 1);
  const auto text = report::to_text(compare::describe(*c, 0, 24));
  CHECK(text.find("Reliability over epochs") != text.npos);
  auto once = run_of("small", {1, 0}), other = run_of("large", {1, 1}, 2);
  CHECK(compared({&once, &other})->reliability.empty());
}

TEST_CASE("samples of one cluster count as one source, by field, tag or difficulty") {
  auto a = run_of("small", {0, 0, 0, 0, 0, 0}), b = run_of("large", {1, 1, 1, 1, 1, 1}, 2);
  for (auto* ledger : {&a, &b})
    for (std::size_t i = 0; i < 6; ++i) {
      auto& item = ledger->kept[i].what.asked.item;
      item.fields.emplace_back("document", "d" + std::to_string(i / 2));
      item.tags = {"page:" + std::to_string(i / 3), "plain"};
      if (i >= 4) item.tags.clear();
    }
  const auto by_field = compared({&a, &b}, {.cluster = "document"});
  REQUIRE(by_field);
  CHECK(by_field->pairs[0].overall.value.clusters == 3);
  CHECK(by_field->pairs[0].overall.value.p.value == Approx(0.25));  // 3 of 3
  const auto by_tag = compared({&a, &b}, {.cluster = "page"});
  REQUIRE(by_tag);
  CHECK(by_tag->pairs[0].overall.value.clusters == 4);  // two pages, two alone
  CHECK(by_tag->read.without_cluster == 2);
  const auto by_difficulty = compared({&a, &b}, {.cluster = "difficulty"});
  REQUIRE(by_difficulty);
  CHECK(by_difficulty->pairs[0].overall.value.clusters == 1);
  const auto unknown = compared({&a, &b}, {.cluster = "author"});
  REQUIRE_FALSE(unknown);
  CHECK(render(unknown.error()) ==
        "--cluster: no sample has a field `author`, or a tag `author:...` (there are: dataset, "
        "task_type, difficulty, document, question)");
}

TEST_CASE("flips are listed in plan order, in both directions") {
  auto a = run_of("small", {1, 0, 1, 1, 0}), b = run_of("large", {0, 1, 1, 0, 1}, 2);
  const auto c = compared({&a, &b});
  REQUIRE(c);
  const auto& pair = c->pairs[0];
  REQUIRE(pair.lost.size() == 2);
  CHECK(pair.lost[0].sample_id == "s0");
  CHECK(pair.lost[1].sample_id == "s3");
  REQUIRE(pair.won.size() == 2);
  CHECK(pair.won[1].sample_id == "s4");
  CHECK(pair.won[1].a == a.kept[4].what.asked.key);
  const auto text = report::to_text(compare::describe(*c, 1, 24));
  CHECK(text.find("s0") != text.npos);
  CHECK(text.find("s3") == text.npos);
  CHECK(text.find("2 lost, 2 won") != text.npos);
}

TEST_CASE("however many flip, they keep the order of the plan") {
  auto a = run_of("small", std::vector<double>(40, 1)),
       b = run_of("large", std::vector<double>(40), 2);
  const auto c = compared({&a, &b});
  REQUIRE(c);
  for (std::size_t i = 0; i < 40; ++i)
    CHECK(c->pairs[0].lost[i].sample_id == "s" + std::to_string(i));
}

TEST_CASE("three sides are ranked, and those that are alike share a letter") {
  std::vector<double> good(40, 1), alike(40, 1), bad(40, 0);
  alike[0] = 0;
  auto ledger = run_of("bad", bad);
  add_all(ledger, run_of("good", good));
  add_all(ledger, run_of("alike", alike));
  const auto c = compared({&ledger}, {.what = compare::subject::model});
  REQUIRE(c);
  CHECK(c->pairs.size() == 3);
  REQUIRE(c->leaderboards.size() == 1);
  const auto& standings = c->leaderboards[0].standings;
  CHECK(c->read.sides[standings[0].side].name == "good");
  CHECK(standings[0].groups == standings[1].groups);
  CHECK(standings[2].groups == std::vector<std::string>{"b"});
}

TEST_CASE("a side without a score is last and in no group") {
  auto ledger = run_of("silent", {0, 0});
  for (auto& row : ledger.kept) row.verdicts.clear();
  add_all(ledger, run_of("one", {1, 0}));
  add_all(ledger, run_of("two", {0, 0}));
  const auto c = compared({&ledger}, {.what = compare::subject::model});
  REQUIRE(c);
  const auto& last = c->leaderboards[0].standings.back();
  CHECK(c->read.sides[last.side].name == "silent");
  CHECK(last.groups.empty());
}

TEST_CASE("p values are adjusted for all that is tested together") {
  auto a = run_of("a", std::vector<double>(12, 0), 1),
       b = run_of("b", std::vector<double>(12, 1), 2),
       c = run_of("c", std::vector<double>(12, 1), 3);
  const auto all = compared({&a, &b, &c});
  REQUIRE(all);
  CHECK(all->pairs[0].overall.value.p.value == Approx(2.0 / 4096));
  CHECK(all->pairs[0].overall.adjusted_p == Approx(6.0 / 4096));
  CHECK(compare::distinguishable(all->pairs[0].overall, all->how));
  CHECK_FALSE(compare::distinguishable(all->pairs[2].overall, all->how));
}

TEST_CASE("pairs stand judge by judge, and one judge may be asked for alone") {
  auto ledger = run_of("a", {0, 1});
  add_all(ledger, run_of("b", {1, 1}));
  add_all(ledger, run_of("c", {1, 0}));
  for (auto& row : ledger.kept) {
    row.verdicts.push_back(row.verdicts[0]);
    row.verdicts.back().judge = "other";
  }
  auto made_with = *report::setup_from_json(ledger.run.setup_json);
  made_with.judges.push_back({"other", "exact", 1});
  ledger.run.setup_json = report::to_json(made_with);
  const auto both = compared({&ledger}, {.what = compare::subject::model});
  REQUIRE(both);
  REQUIRE(both->pairs.size() == 6);
  for (std::size_t i = 0; i < 6; ++i) CHECK(both->pairs[i].judge == i / 3);
  const auto one = compared({&ledger}, {.what = compare::subject::model, .judges = {"other"}});
  REQUIRE(one);
  CHECK(one->read.judges == std::vector<std::string>{"other"});
  CHECK(one->pairs.size() == 3);
}

TEST_CASE("an answer that both sides share is named as one") {
  auto a = run_of("small", {1, 0, 1}), b = run_of("small", {1, 0, 1}, 2);
  const auto c = compared({&a, &b});
  REQUIRE(c);
  CHECK(c->pairs[0].same_answer == 3);
  const auto text = report::to_text(compare::describe(*c, 0, 24));
  CHECK(text.find("3 of 3 pairs are one and the same stored answer") != text.npos);
}

TEST_CASE("what cannot be compared gets a reason") {
  auto a = run_of("small", {1, 0}), b = run_of("large", {1, 0}, 2);
  for (auto& row : b.kept) row.what.asked.where.dataset = "other";
  CHECK(render(compared({&a}).error()).find("one run alone") != std::string::npos);
  CHECK(render(compared({&a}, {.what = compare::subject::prompt}).error()) ==
        "--by: there is but one prompt, `baseline` (name another run, or compare by something "
        "else)");
  CHECK(compared({&a, &b}).error().what.find("no two sides share a sample") == 0);
  CHECK(render(compared({&a, &b}, {.judges = {"nobody"}}).error()) ==
        "--judge: no verdicts of `nobody` (there are: exact)");
  for (auto& row : a.kept) row.verdicts.clear();
  CHECK(compared({&a, &a}).error().what == "these runs have no verdicts");
}

TEST_CASE("the text keeps to 80 columns, and the machine form has every figure") {
  std::vector<double> one(50, 1), other(50, 1);
  for (std::size_t i = 0; i < 50; i += 3) other[i] = 0.25;
  auto a = run_of("a-model-with-quite-a-long-name", one), b = run_of("b", other, 2);
  for (auto* ledger : {&a, &b})
    for (auto& row : ledger->kept) row.what.asked.item.tags = {"a-tag-with-a-rather-long-name"};
  const auto c = compared({&a, &b}, {.cluster = "question"});
  REQUIRE(c);
  const auto text = report::to_text(compare::describe(*c, 5, 24));
  for (std::size_t from = 0; from < text.size();) {
    const auto end = text.find('\n', from);
    CHECK(report::columns_of(text.substr(from, end - from)) <= 80);
    from = end + 1;
  }
  const auto json = nlohmann::json::parse(compare::to_json(*c, 2));
  const auto& pair = json["pairs"][0];
  CHECK(pair["difference"].get<double>() == Approx(-17 * 0.75 / 50));
  CHECK(pair["clusters"] == 1);
  CHECK(pair["flips_lost"] == 17);
  CHECK(pair["lost_samples"].size() == 2);
  CHECK(pair["by_tag"][0]["tag"] == "a-tag-with-a-rather-long-name");
}
