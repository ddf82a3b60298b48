// Forecasts of the calls that follow from samples.

#include "config/load.hpp"
#include "tests/app/forecast_lab.hpp"

using namespace assay;
using namespace assay::tests;
using doctest::Approx;

namespace {

/// Answers of 100 tokens after half a second, at 100 tokens a second.
const assumptions steady{{500, 500}, {100, 100}, 100};

/// The lab with judges that ask these models, which are at an account of their own.
settings graded(std::vector<judge_settings> judges,
                limit_settings limits = {.max_parallel = 100, .rates = {}}) {
  auto all = lab(1, {.max_parallel = 100, .rates = {}});
  auto api = all.providers[0];
  api.name = "graders";
  api.limits = std::move(limits);
  all.providers.push_back(api);
  for (auto name : {"g1", "g2"}) {
    auto model = all.models[0];
    model.name = name;
    model.model_name = "on-the-wire";
    model.providers = {"graders"};
    all.models.push_back(model);
  }
  for (auto& judge : judges) all.experiments[0].judges.push_back(judge.name);
  all.judges = std::move(judges);
  return all;
}

judge_settings panel(const std::string& type, std::vector<std::string> models) {
  judge_settings judge{.name = type, .type = type};
  judge.grader.models = std::move(models);
  return judge;
}

const provider_forecast& at(const run_forecast& f, const std::string& provider) {
  const auto* found = find_named(f.providers, provider);
  REQUIRE(found);
  return *found;
}

bool noted(const run_forecast& f, const std::string& part) {
  return std::any_of(f.notes.begin(), f.notes.end(),
                     [&](const std::string& note) { return note.find(part) != std::string::npos; });
}

/// So many samples of the lab that took `steps` calls each.
history worked(std::size_t samples, int steps) {
  history before;
  before.samples.assign(samples, {"sums", "m", "agent", steps});
  return before;
}

}  // namespace

TEST_CASE(
    "questions of a panel are forecast: each model about each answer, a pair in both orders") {
  auto alone = make_forecast(scene_of(graded({}), {}, steady));
  CHECK(alone.follow_ups == 0);
  auto f = make_forecast(
      scene_of(graded({panel("closed_qa", {"g1", "g2"}), panel("pairwise", {"g1"})}), {}, steady));
  CHECK(f.tasks == 60);
  CHECK(f.errors == 0);
  CHECK(f.follow_ups == Approx(60 * (2 + 2)));
  CHECK(at(f, "graders").requests == Approx(240));
  CHECK(at(f, "api").requests == Approx(60));
  CHECK(f.output_tokens == Approx(300 * 100));
  CHECK(f.cost_usd.expected == Approx((f.input_tokens + 2 * f.output_tokens) / 1e6));
  CHECK(f.cost_usd.expected > 5 * alone.cost_usd.expected);
  CHECK(noted(f, "judge closed_qa: 2 questions about an answer"));
  CHECK(noted(f, "judge pairwise: 2 questions about an answer"));
}

TEST_CASE("the limit of those who grade binds the run, and the bound knows") {
  auto f = make_forecast(scene_of(
      graded({panel("closed_qa", {"g1", "g2"})},
             {.max_parallel = 100, .rates = {per_minute(dimension::requests, 600, 1, "rpm")}}),
      {}, steady));
  CHECK(f.least.binds == "rpm of graders");
  CHECK(f.least.seconds == Approx(119 / 10.0 + 1.5).epsilon(0.05));
  CHECK(f.makespan_s.expected >= f.least.seconds);
  CHECK(f.makespan_s.expected < f.least.seconds + 3);
  CHECK(find_knob(f, "rpm of graders"));
}

TEST_CASE("a question is as long as what the judge says, and the answer") {
  auto judge = panel("closed_qa", {"g1"});
  judge.grader.prompt = "{{answer}}";
  auto brief = make_forecast(scene_of(graded({judge}), {}, steady));
  judge.grader.prompt = std::string(4'000, 'x') + "{{answer}}";
  auto wordy = make_forecast(scene_of(graded({judge}), {}, steady));
  CHECK(wordy.input_tokens - brief.input_tokens == Approx(60 * 1'000).epsilon(0.01));
  auto long_answers = make_forecast(scene_of(graded({judge}), {}, {{500, 500}, {300, 300}, 100}));
  CHECK(long_answers.input_tokens - wordy.input_tokens == Approx(60 * 200).epsilon(0.01));
}

TEST_CASE("a sample that a judge has no question about takes none") {
  auto judge = panel("closed_qa", {"g1"});
  judge.grader.against = "difficulty_of_none";
  auto f = make_forecast(scene_of(graded({judge}), {}, steady));
  CHECK(f.follow_ups == 0);
  CHECK(f.makespan_s.expected < 5);
}

TEST_CASE("agents take as many steps as the ledger knows of, one after the other") {
  auto all = lab(1, {.max_parallel = 100, .rates = {}});
  auto direct = make_forecast(scene_of(all, {}, steady));
  all.experiments[0].mode = "agent";
  auto f = make_forecast(scene_of(all, worked(5, 4), steady));
  CHECK(f.follow_ups == Approx(60 * 4));
  CHECK(f.makespan_s.expected == Approx(direct.makespan_s.expected + 3 * 1.49).epsilon(0.02));
  CHECK(f.output_tokens == Approx(240 * 100));
  CHECK(noted(f, "a sample takes 4.0 steps on average, as 5 samples in the ledger did"));
  // each step is told what was said before
  auto once = make_forecast(scene_of(all, worked(5, 1), steady));
  CHECK(f.input_tokens ==
        Approx(4 * once.input_tokens + 60 * (1 + 2 + 3) * (100 + 50)).epsilon(0.001));
  auto others = worked(50, 9);
  for (auto& sample : others.samples) sample.model = "another";
  CHECK(noted(make_forecast(scene_of(all, others, steady)), "is taken to need 1 to 5 steps"));
}

TEST_CASE("of agents that nobody has seen 1 to 5 steps are assumed, and no more than max_steps") {
  auto all = lab(5, {.max_parallel = 100, .rates = {}});
  all.experiments[0].mode = "agent";
  auto f = make_forecast(scene_of(all, worked(4, 4), steady));
  CHECK(f.follow_ups == Approx(300 * 3).epsilon(0.1));
  CHECK(f.makespan_s.expected > 5 * 1.49);
  CHECK(noted(f, "1 to 5 steps"));
  all.experiments[0].agent.max_steps = 2;
  CHECK(make_forecast(scene_of(all, {}, steady)).follow_ups == Approx(300 * 1.5).epsilon(0.1));
}

TEST_CASE("an extraction is forecast with the calls that it would make at first") {
  auto loaded = config::load("config/examples/extraction.toml");
  REQUIRE(loaded);
  auto all = *loaded;
  auto samples = scene_of(all, {}, steady).what.positions.size();
  auto f = make_forecast(scene_of(all, {}, steady));
  CHECK(f.follow_ups == Approx(static_cast<double>(samples)));
  CHECK(noted(f, "a sample takes 1 calls"));
  all.extraction.fields_per_call = 2;
  CHECK(make_forecast(scene_of(all, {}, steady)).follow_ups > 2 * static_cast<double>(samples));
}

TEST_CASE("of a large run with follow-ups a part is simulated") {
  auto all =
      graded({panel("closed_qa", {"g1"})},
             {.max_parallel = 100, .rates = {per_minute(dimension::requests, 600, 1, "rpm")}});
  all.experiments[0].epochs = 10;
  auto scene = scene_of(all, {}, steady);
  auto whole = make_forecast(scene);
  auto part = make_forecast(scene, 300);
  CHECK(whole.follow_ups == Approx(600));
  CHECK(part.follow_ups == Approx(600));
  CHECK(part.makespan_s.expected == Approx(whole.makespan_s.expected).epsilon(0.05));
}
