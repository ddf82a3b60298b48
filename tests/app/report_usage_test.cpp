#include "app/report/usage.hpp"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "app/report/text.hpp"
#include "tests/app/report_fake_ledger.hpp"

using namespace assay;
using namespace assay::report;

namespace {

task_key key_of(int i) { return hash_parts({"usage", std::to_string(i)}); }

storage::attempt_row row_of(int i, error_class kind = error_class::none, std::uint32_t items = 1) {
  storage::attempt_row row;
  row.key = key_of(i);
  row.provider = "left";
  row.model = "small";
  row.kind = kind;
  row.items = items;
  row.cost = usd{1};
  return row;
}

storage::score_row copy_of_row(int i, bool coalesced) {
  storage::score_row row;
  row.key = key_of(i);
  row.provider = "left";
  row.where.model = "small";
  row.has_outcome = row.cached = true;
  row.coalesced = coalesced;
  return row;
}

}  // namespace

TEST_CASE("tasks that share a call are parts of one call, and the others of it are saved") {
  usage_counter counter;
  for (int i = 0; i < 4; ++i) counter.add(row_of(i, error_class::none, 4));
  counter.add(row_of(9));
  const auto& u = counter.total();
  CHECK(u.calls == doctest::Approx(2));
  CHECK(u.items_per_call() == doctest::Approx(2.5));
  CHECK(u.saved() == doctest::Approx(3));
  CHECK(u.wasted == 0);
  CHECK(u.cost.value == doctest::Approx(5));
}

TEST_CASE("a call that brought nothing is waste with its cost, an item's part of it likewise") {
  usage_counter counter;
  counter.add(row_of(0, error_class::rate_limited));
  counter.add(row_of(0, error_class::server_error, 4));
  counter.add(row_of(0));
  CHECK(counter.total().wasted == doctest::Approx(1.25));
  CHECK(counter.total().wasted_cost.value == doctest::Approx(2));
  CHECK(counter.total().saved() == 0);
}

TEST_CASE("a refusal is an answer, not waste") {
  usage_counter counter;
  counter.add(row_of(0, error_class::refusal));
  counter.add(row_of(1, error_class::content_filtered));
  CHECK(counter.total().wasted == 0);
}

TEST_CASE("of two answers to one task the second is waste: a hedge that came too late") {
  usage_counter counter;
  counter.add(row_of(0));
  auto hedge = row_of(0);
  hedge.hedge = true;
  counter.add(hedge);
  counter.add(row_of(1));
  CHECK(counter.total().hedges == doctest::Approx(1));
  CHECK(counter.total().wasted == doctest::Approx(1));
  CHECK(counter.total().wasted_cost.value == doctest::Approx(1));
}

TEST_CASE("copies are saved calls: cached from other runs, joined within this one") {
  usage_counter counter;
  counter.add(row_of(0));
  counter.add(copy_of_row(1, false));
  counter.add(copy_of_row(2, true));
  counter.add(copy_of_row(3, true));
  auto plain = copy_of_row(4, false);
  plain.cached = false;
  counter.add(plain);
  CHECK(counter.total().cache_hits == 1);
  CHECK(counter.total().coalesced == 2);
  CHECK(counter.total().saved() == doctest::Approx(3));
  CHECK(counter.total().calls == doctest::Approx(1));
}

TEST_CASE("providers and models have lines of their own that add up to the total") {
  usage_counter counter;
  counter.add(row_of(0));
  auto other = row_of(1);
  other.provider = "right";
  counter.add(other);
  auto large = row_of(2);
  large.model = "large";
  counter.add(large);
  CHECK(counter.by_provider().at("left").calls == doctest::Approx(2));
  CHECK(counter.by_provider().at("right").calls == doctest::Approx(1));
  CHECK(counter.by_model().at("large").calls == doctest::Approx(1));
  auto shown = usage_table("provider", counter.by_provider(), counter.total());
  REQUIRE(shown.rows.size() == 3);
  CHECK(shown.rows[2][0].text == "all together");
  CHECK(shown.rows[2][1].text == "3");
  CHECK(usage_table("model", {{"small", counter.total()}}, counter.total()).rows.size() == 1);
}

TEST_CASE("the machine form of usage names every figure") {
  usage_counter counter;
  for (int i = 0; i < 2; ++i) counter.add(row_of(i, error_class::none, 2));
  counter.add(copy_of_row(5, false));
  auto json = nlohmann::json::parse(to_json(counter.total()));
  CHECK(json["calls"] == 1.0);
  CHECK(json["items_per_call"] == 2.0);
  CHECK(json["cache_hits"] == 1);
  CHECK(json["coalesced"] == 0);
  CHECK(json["calls_saved"] == 2.0);
  CHECK(json["calls_wasted"] == 0.0);
  CHECK(json["hedges"] == 0.0);
  CHECK(json["cost_usd"] == 2.0);
  CHECK(json["wasted_usd"] == 0.0);
}

TEST_CASE(
    "the summary of a run shows what it saved, and keeps silent where every task had its call") {
  tests::fake_ledger ledger;
  ledger.run.id = 1;
  ledger.run.experiment = "e";
  for (int i = 0; i < 3; ++i) {
    storage::ledger_row row;
    row.has_outcome = true;
    row.what.asked.key = row.what.got.key = key_of(i);
    row.what.got.provider = "left";
    row.what.got.attempts = {attempt{.provider = "left"}};
    ledger.kept.push_back(row);
  }
  auto plain = summarise(ledger, ledger.run);
  REQUIRE(plain.has_value());
  CHECK(to_text(*plain).find("saved") == std::string::npos);
  ledger.kept[2].what.got.attempts.clear();
  ledger.kept[2].what.got.cached = true;
  auto saving = summarise(ledger, ledger.run);
  REQUIRE(saving.has_value());
  CHECK(saving->reused == 0);
  CHECK(to_text(*saving).find("2, 1 saved (1 cached, 0 joined, 0 by sharing)") !=
        std::string::npos);
  CHECK(nlohmann::json::parse(to_json(*saving))["calls"]["cache_hits"] == 1);
}
