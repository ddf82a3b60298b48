#include "tests/app/forecast_lab.hpp"

using namespace assay;
using namespace assay::tests;
using doctest::Approx;

TEST_CASE("a forecast is the limit's time: 300 tasks at 10 a second take 30 s") {
  auto f = make_forecast(scene_of(
      lab(5, {.max_parallel = 100, .rates = {per_minute(dimension::requests, 600, 1, "rpm")}})));
  CHECK(f.tasks == 300);
  CHECK(f.simulated == 300);
  CHECK(f.least.binds == "rpm of api");
  CHECK(f.least.seconds == Approx(30.5).epsilon(0.01));  // the last answer takes a second more
  CHECK(f.makespan_s.expected >= f.least.seconds);
  CHECK(f.makespan_s.expected < f.least.seconds * 1.06);
  CHECK(f.makespan_s.low < f.makespan_s.expected);
  CHECK(f.makespan_s.high < f.least.seconds * 1.12);
  REQUIRE(f.providers.size() == 1);
  CHECK(f.providers[0].tasks == 300);
  CHECK(f.providers[0].rate_limited == 0);
}

TEST_CASE("the same scene gives the same forecast") {
  auto scene = scene_of(
      lab(2, {.max_parallel = 7, .rates = {per_minute(dimension::requests, 600, 5, "rpm")}}));
  auto one = make_forecast(scene), two = make_forecast(scene);
  CHECK(one.makespan_s.expected == two.makespan_s.expected);
  CHECK(one.makespan_s.high == two.makespan_s.high);
  CHECK(one.cost_usd.expected == two.cost_usd.expected);
}

TEST_CASE("where tokens bind, a lower max_tokens is named with what it saves") {
  auto f = make_forecast(
      scene_of(lab(5, {.max_parallel = 100,
                       .rates = {per_minute(dimension::requests, 6'000, 100, "rpm"),
                                 per_minute(dimension::tokens, 60'000, 10'000, "tpm")}})));
  CHECK(f.least.binds == "tpm of api");
  REQUIRE_FALSE(f.knobs.empty());
  CHECK(f.knobs[0].what == "tpm of api");
  CHECK(f.knobs[0].to == "120000");
  const auto* cap = find_knob(f, "max_tokens of m");
  REQUIRE(cap);
  CHECK(cap->from == "400");
  auto fraction = 1 - std::stod(cap->to) / 400;
  CHECK(cap->bound_saves_s > 0.7 * fraction * f.least.seconds);
  CHECK(cap->simulated_saves_s == Approx(cap->bound_saves_s).epsilon(0.1));
  CHECK_FALSE(find_knob(f, "rpm of api"));
  CHECK_FALSE(find_knob(f, "max_parallel of api"));
}

TEST_CASE("limits that an earlier run found out bind like configured ones") {
  known_rate learned{.rate = 10, .low = 9.9, .high = 10.1, .burst = 10};
  learned.source = knowledge::learned;
  auto found =
      scene_of(lab(5, {.max_parallel = 100, .rates = {}}), {{}, {{"api", {{learned}, {}}}}});
  auto f = make_forecast(found);
  CHECK(f.makespan_s.expected > 29);
  CHECK(f.makespan_s.expected < 33);
  CHECK(f.least.binds == "requests (learned) of api");
  REQUIRE(found.notes.size() == 1);
  CHECK(found.notes[0].find("an earlier run found out") != std::string::npos);
}

TEST_CASE("where places in flight bind, twice as many halve the time") {
  auto f = make_forecast(scene_of(lab(5, {.max_parallel = 5, .rates = {}})));
  CHECK(f.least.binds == "max_parallel of api");
  const auto* places = find_knob(f, "max_parallel of api");
  REQUIRE(places);
  CHECK(places->simulated_saves_s == Approx(f.makespan_s.expected / 2).epsilon(0.1));
}

TEST_CASE("a large run is extrapolated from a part of it") {
  auto scene = scene_of(
      lab(40, {.max_parallel = 20, .rates = {per_minute(dimension::requests, 1'200, 20, "rpm")}}));
  auto whole = make_forecast(scene);
  auto part = make_forecast(scene, 400);
  CHECK(whole.simulated == 2'400);
  CHECK(part.simulated == 400);
  CHECK(part.tasks == 2'400);
  CHECK(part.makespan_s.low <= whole.makespan_s.expected);
  CHECK(part.makespan_s.high >= whole.makespan_s.expected);
  CHECK(part.cost_usd.low <= whole.cost_usd.expected);
  CHECK(part.cost_usd.high >= whole.cost_usd.expected);
  CHECK(part.providers[0].tasks == Approx(2'400));
}

TEST_CASE("what was measured counts: 20 answers in the ledger stand for latency and tokens") {
  auto all = lab(1, {.max_parallel = 1, .rates = {}});
  auto measured = scene_of(all, past(20));
  CHECK(measured.origins[0].from == source::history);
  CHECK(measured.origins[0].observations == 20);
  auto f = make_forecast(measured);
  CHECK(f.makespan_s.expected == Approx(60).epsilon(0.001));
  CHECK(f.output_tokens == Approx(60 * 50));

  auto too_few = scene_of(all, past(19));
  CHECK(too_few.origins[0].from == source::assumed);
  REQUIRE_FALSE(make_forecast(too_few).notes.empty());
}

TEST_CASE("input is charged as the API counted it, not as we estimate it") {
  auto all = lab(1, {.max_parallel = 10, .rates = {}});
  auto estimated = make_forecast(scene_of(all)).input_tokens;
  auto counted = make_forecast(scene_of(all, past(50))).input_tokens;
  CHECK(counted == Approx(2 * estimated).epsilon(0.02));
}

TEST_CASE("failures of the past are met again, and cost time") {
  auto all = lab(2, {.max_parallel = 1, .rates = {}});
  auto rows = past(80);
  for (std::size_t i = 0; i < 20; ++i) rows.exchanges[i].kind = error_class::server_error;
  auto f = make_forecast(scene_of(all, rows));
  CHECK(f.providers[0].requests > 130);
  CHECK(f.makespan_s.expected > 125);
}

TEST_CASE("an API that is stricter than we were told answers 429 in the forecast") {
  auto all = lab(2, {.max_parallel = 50, .rates = {}});
  all.providers[0].base_url = "mock:strict";
  mock_settings strict;
  strict.name = "strict";
  strict.models = {{.name = "m"}};
  strict.limits.rates = {per_minute(dimension::requests, 600, 10, "rpm")};
  all.mocks = {strict};
  auto f = make_forecast(scene_of(all));
  CHECK(f.origins[0].from == source::mock);
  CHECK(f.providers[0].rate_limited > 0);
  CHECK(f.makespan_s.expected >= 11);

  all.providers[0].limits.rates = strict.limits.rates;
  CHECK(make_forecast(scene_of(all)).providers[0].rate_limited == 0);
}

TEST_CASE("tasks that share calls are forecast with the calls they share") {
  auto all = lab(5, {.max_parallel = 100, .rates = {}});
  all.models[0].max_tokens = 100;
  const assumptions steady{{1'000, 1'000}, {40, 40}, 50};  // a call: 1 s, and 1 s for each item
  auto alone = make_forecast(scene_of(all, {}, steady));
  all.experiments[0].batching = {10, 1, milliseconds{0}};
  auto together = make_forecast(scene_of(all, {}, steady));
  CHECK(alone.providers[0].requests == Approx(300));
  CHECK(together.providers[0].requests == Approx(30));
  CHECK(together.providers[0].tasks == 300);
  CHECK(together.errors == 0);

  // 30 calls one at a time: 1 s until the first token, ten answers with their numbers at 50 a
  // second
  const auto call_s = 1 + 10 * 39 / 50.0 * 50 / 40;
  CHECK(together.least.seconds == Approx(30 * call_s).epsilon(0.001));
  CHECK(together.least.binds == "max_parallel of api");
  CHECK(together.makespan_s.expected == Approx(30 * call_s).epsilon(0.01));
  const auto* more = find_knob(together, "batching.max_calls");
  REQUIRE(more);
  CHECK(more->simulated_saves_s == Approx(15 * call_s).epsilon(0.05));

  CHECK(together.output_tokens == Approx(300 * (40 + 10)));
  CHECK(together.input_tokens > alone.input_tokens);  // what asks for a numbered answer
  CHECK(together.cost_usd.expected ==
        Approx((together.input_tokens + 2 * together.output_tokens) / 1e6));
}

TEST_CASE("combined calls keep their distance in the forecast, and requests are what is limited") {
  auto all =
      lab(5, {.max_parallel = 100, .rates = {per_minute(dimension::requests, 60, 1, "rpm")}});
  all.experiments[0].batching = {10, 50, milliseconds{2'000}};
  auto f = make_forecast(scene_of(all));
  CHECK(f.least.binds == "batching.spacing of api");
  CHECK(f.makespan_s.expected >= 29 * 2);
  CHECK(f.makespan_s.expected < 29 * 2 + 30);
  REQUIRE(find_knob(f, "batching.spacing"));
  CHECK(find_knob(f, "batching.spacing")->to == "1 s");
}

TEST_CASE("a model whose requests cannot be combined is forecast with calls of its own") {
  auto all = lab(1, {.max_parallel = 10, .rates = {}});
  all.models[0].stop = {"\n"};
  all.experiments[0].batching = {10, 1, milliseconds{2'000}};
  auto f = make_forecast(scene_of(all));
  CHECK(f.providers[0].requests == Approx(60));
  CHECK(f.least.binds == "max_parallel of api");
}

TEST_CASE("second copies of stragglers are forecast: a shorter tail for what they cost") {
  auto all = lab(5, {.max_parallel = 20, .rates = {}});
  auto rows = past(50);
  rows.exchanges[0].total_s = rows.exchanges[1].total_s = 60;
  auto patient = make_forecast(scene_of(all, rows));
  all.experiments[0].hedge = 0.05;
  auto hedged = make_forecast(scene_of(all, rows));
  CHECK(hedged.makespan_s.expected < 0.7 * patient.makespan_s.expected);
  CHECK(hedged.providers[0].requests > 300);
  CHECK(hedged.providers[0].requests <= 300 * 1.05);
  CHECK(hedged.cost_usd.expected > patient.cost_usd.expected);
}

TEST_CASE("a budget that ends the run is named") {
  auto all = lab(2, {.max_parallel = 10, .rates = {}});
  all.experiments[0].spending.max_cost_usd = 0.01;
  auto f = make_forecast(scene_of(all));
  CHECK(f.cost_usd.high < 0.012);
  CHECK(std::any_of(f.notes.begin(), f.notes.end(), [](const std::string& note) {
    return note.find("budget reached") != std::string::npos;
  }));
}

TEST_CASE("nothing to send is nothing to forecast") {
  auto all = lab(1, {.max_parallel = 10, .rates = {}});
  auto plan = evaluation::plan::make(all, all.experiments[0]);
  auto f = make_forecast(set_scene(all, all.experiments[0], *plan, {}, {}, {}));
  CHECK(f.tasks == 0);
  CHECK(f.makespan_s.expected == 0);
}

TEST_CASE("a model that a limit of its own holds back does not keep the account from the others") {
  // 60 tasks of `slow` at 30 a minute take 118 s; 480 of the others, 2 s each, 60 s on 16 places.
  auto all = lab(1, {.max_parallel = 16, .rates = {}});
  all.providers[0].limits.models["slow"] = {per_minute(dimension::requests, 30, 1, "rpm")};
  auto& asked = all.experiments[0].models;
  asked = {"slow"};
  for (int i = 0; i < 8; ++i) asked.push_back("m" + std::to_string(i));
  all.models.assign(asked.size(), all.models[0]);
  for (std::size_t i = 0; i < asked.size(); ++i) all.models[i].name = asked[i];
  auto f = make_forecast(scene_of(all, {}, {{500, 500}, {150, 150}, 100}));
  CHECK(f.tasks == 540);
  CHECK(f.makespan_s.expected < 1.05 * 120);
}
