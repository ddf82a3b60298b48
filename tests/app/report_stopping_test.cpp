#include <doctest/doctest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "app/report/document.hpp"
#include "app/report/text.hpp"
#include "tests/app/report_sample_run.hpp"

// What a run with a stop rule says of itself.
using namespace assay;
using namespace assay::report;
using namespace assay::tests;
using doctest::Approx;

namespace {

constexpr std::size_t planned = 600;

/// The ids of all samples, in the order in which they are asked.
std::vector<std::string> ids_in_order() {
  std::vector<std::string> ids;
  for (std::size_t i = 0; i < planned; ++i) ids.push_back("s" + std::to_string(i));
  std::sort(ids.begin(), ids.end(), [](const auto& a, const auto& b) {
    return analysis::order_number("sums", a) < analysis::order_number("sums", b);
  });
  return ids;
}

storage::ledger_row unasked(const std::string& model, const std::string& id) {
  auto row = answered(model, id, 0, 0);
  row.what.got = {};
  row.verdicts.clear();
  row.has_outcome = false;
  return row;
}

/// A run with a rule, in which the model has answered the first samples: every tenth wrong.
fake_ledger run_with_rule(double half_width, std::size_t answers, const std::string& model = "m",
                          fake_ledger ledger = sample_run()) {
  ledger.kept.reserve(ledger.kept.size() + planned);
  const auto ids = ids_in_order();
  for (std::size_t i = 0; i < planned; ++i)
    ledger.kept.push_back(i < answers ? answered(model, ids[i], i % 10 > 0, 0)
                                      : unasked(model, ids[i]));
  auto made_with = *setup_from_json(ledger.run.setup_json);
  made_with.stop_when = stop_rule{"exact", half_width, 0.95, 50};
  ledger.run.setup_json = to_json(made_with);
  return ledger;
}

run_summary summary_of(fake_ledger& ledger) {
  auto summary = summarise(ledger, ledger.run);
  REQUIRE(summary);
  return *summary;
}

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("samples that a precise run did not ask are no part of it, and are named") {
  auto ledger = run_with_rule(0.1, 400);
  const auto summary = summary_of(ledger);
  CHECK(summary.counts.tasks == planned);
  CHECK(summary.counts.answered == 400);
  CHECK(summary.counts.spared == 200);
  CHECK(summary.counts.missing == 0);
  CHECK(summary.scores[0].overall.value.samples == 400);
  CHECK(summary.scores[0].overall.value.coverage() == 1);
  REQUIRE(summary.stopping);
  CHECK(summary.stopping->stopped());
  const auto text = to_text(summary);
  CHECK(holds(text, "stopped: precise enough (exact: 0.900, "));
  CHECK(holds(text, "after 400 of 600"));
  CHECK(holds(text, "200 not needed"));
  CHECK_FALSE(holds(text, "no outcome yet"));
}

TEST_CASE("the interval of a mean that was stopped at is the one that holds at all times") {
  auto ledger = run_with_rule(0.1, 400);
  const auto summary = summary_of(ledger);
  analysis::confidence_sequence sequence(0.05, 0.1);
  for (std::size_t i = 0; i < 400; ++i) sequence.add(i % 10 > 0);
  const auto* known = summary.stopped_mean("exact", "", {});
  REQUIRE(known);
  CHECK(known->mean == Approx(0.9));
  CHECK(known->interval_95 == std::pair{sequence.low(), sequence.high()});
  const auto& ordinary = summary.scores[0].overall.value;
  CHECK(known->interval_95.first < ordinary.low);
  const auto shown = nlohmann::json::parse(to_json(summary));
  CHECK(shown["scores"][0]["overall"]["interval_95"][0] == sequence.low());
  CHECK(shown["stopping"]["stopped"] == true);
  CHECK(shown["stopping"]["models"][0]["samples"] == 400);
  CHECK(shown["tasks"]["spared"] == 200);
  CHECK(holds(to_text(summary), "+ stopped when precise enough"));
}

TEST_CASE("a stored answer behind the stop does not count") {
  auto ledger = run_with_rule(0.1, 400);
  const auto ids = ids_in_order();
  ledger.kept[450] = answered("m", ids[450], 0, 0);
  const auto summary = summary_of(ledger);
  CHECK(summary.counts.answered == 400);
  CHECK(summary.counts.spared == 200);
  CHECK(summary.scores[0].overall.value.mean == Approx(0.9));
}

TEST_CASE("an error does not count, and does not hold up what comes after it") {
  auto ledger = run_with_rule(0.1, 400);
  ledger.kept[5] = in_error(ledger.kept[5], error_class::server_error);
  const auto summary = summary_of(ledger);
  CHECK(summary.counts.errors == 1);
  CHECK(summary.counts.spared == 200);
  CHECK(summary.stopping->models[0].samples == 399);
}

TEST_CASE("what is not precise enough is missing") {
  auto ledger = run_with_rule(0.01, 400);
  const auto summary = summary_of(ledger);
  CHECK(summary.counts.missing == 200);
  CHECK(summary.counts.spared == 0);
  CHECK_FALSE(summary.stopping->stopped());
  CHECK(summary.stopped_mean("exact", "", {}) == nullptr);
  CHECK(holds(to_text(summary), "not precise enough"));
}

TEST_CASE("a rule that is met when all was asked has stopped nothing") {
  auto ledger = run_with_rule(0.1, planned);
  const auto summary = summary_of(ledger);
  CHECK(summary.counts.spared == 0);
  CHECK(summary.stopping->models[0].enough);
  CHECK_FALSE(summary.stopping->stopped());
  CHECK(summary.stopped_mean("exact", "", {}) == nullptr);
}

TEST_CASE("each model stops by itself") {
  auto ledger = run_with_rule(0.1, 300, "quick", run_with_rule(0.1, 100, "slow"));
  const auto summary = summary_of(ledger);
  CHECK(summary.counts.spared == 300);
  CHECK(summary.counts.missing == 500);
  CHECK_FALSE(summary.stopping->stopped());
  CHECK(summary.stopped_mean("exact", "", {}) == nullptr);
  CHECK(summary.stopped_mean("exact", "model", {"quick"}));
  CHECK(summary.stopped_mean("exact", "model", {"slow"}) == nullptr);
  CHECK(holds(to_text(summary), "precise enough (exact of quick: 0.900"));
}

TEST_CASE("a mean of several judges keeps its usual interval where another judge stopped the run") {
  auto ledger = run_with_rule(0.1, 400);
  const auto summary = summary_of(ledger);
  CHECK(summary.stopped_mean("other", "", {}) == nullptr);
  CHECK(summary.stopped_mean("exact", "tag", {"long"}) == nullptr);
}

TEST_CASE("the stop rule is kept with the run") {
  setup made_with;
  CHECK_FALSE(setup_from_json(to_json(made_with))->stop_when);
  made_with.stop_when = stop_rule{"exact", 0.03, 0.9, 7};
  const auto read = setup_from_json(to_json(made_with))->stop_when;
  REQUIRE(read);
  CHECK(read->judge == "exact");
  CHECK(read->half_width == 0.03);
  CHECK(read->confidence == 0.9);
  CHECK(read->min_samples == 7);
}
