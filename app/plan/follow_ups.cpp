#include "app/plan/follow_ups.hpp"

#include <algorithm>
#include <cstdio>

#include "app/run/conductors.hpp"
#include "evaluation/model_request.hpp"

namespace assay::planning {

namespace {

/// So many samples show what all of them take.
constexpr std::size_t most_looked_at = 50;
constexpr std::size_t least_known = 5;
/// Of an agent that nobody has seen at work.
constexpr int most_steps_assumed = 5;
/// What tools say to a step.
constexpr std::int64_t tokens_of_results = 50;

sized_call size_of(const evaluation::wanted_call& call, bool judges, const std::string& own_model) {
  sized_call size;
  size.model = call.model == own_model && !judges ? "" : call.model;
  size.input_tokens = evaluation::estimate_tokens(call.request);
  size.with_talk = judges;
  if (call.request.to == endpoint::embeddings) size.max_tokens = 1;
  return size;
}

std::vector<sized_call> sizes_of(const std::vector<evaluation::wanted_call>& calls, bool judges,
                                 const std::string& own_model) {
  std::vector<sized_call> sizes;
  sizes.reserve(calls.size());
  for (const auto& call : calls) sizes.push_back(size_of(call, judges, own_model));
  return sizes;
}

/// What a procedure asks at first, and if that was for vectors, what it asks then.
procedure_shape shape_of(const evaluation::procedure_maker& maker, const record& about,
                         bool judges) {
  const auto& own = about.asked.where.model;
  auto doing = maker.make(about);
  auto calls = doing->begin();
  procedure_shape shape;
  if (!calls.empty()) shape.push_back(sizes_of(calls, judges, own));
  if (calls.empty() || calls.front().request.to != endpoint::embeddings) return shape;
  std::vector<evaluation::wanted_call> next;
  for (const auto& call : calls) {
    evaluation::call_result none;
    none.label = call.label;
    none.status = outcome_status::error;
    for (auto& more : doing->take(none)) next.push_back(std::move(more));
  }
  shape.push_back(sizes_of(next, judges, own));
  return shape;
}

/// `count` of `what` follow each other; each is told all that was said before.
procedure_shape loop_of(int count) {
  procedure_shape shape;
  for (int i = 0; i < count; ++i)
    shape.push_back(
        {{.input_tokens = i * tokens_of_results, .with_sample = true, .with_talk = true}});
  return shape;
}

template <class T>
bool contains(const std::vector<T>& all, const T& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

std::string with_digits(const char* format, double number) {
  char text[64];
  std::snprintf(text, sizeof text, format, number);
  return text;
}

void add_agent(known_follow_ups& to, const experiment_settings& experiment,
               const std::vector<storage::past_sample>& before) {
  procedure_sizes agent{experiment.mode, false, {}};
  double sum = 0;
  for (const auto& sample : before) {
    if (sample.mode != experiment.mode || !contains(experiment.datasets, sample.dataset) ||
        !contains(experiment.models, sample.model))
      continue;
    agent.shapes.push_back(loop_of(std::min(sample.calls, experiment.agent.max_steps)));
    sum += sample.calls;
  }
  if (auto known = agent.shapes.size(); known >= least_known) {
    to.notes.push_back("a sample takes " + with_digits("%.1f", sum / static_cast<double>(known)) +
                       " steps on average, as " + std::to_string(known) +
                       " samples in the ledger did");
  } else {
    agent.shapes.clear();
    auto most = std::min(most_steps_assumed, experiment.agent.max_steps);
    for (int steps = 1; steps <= most; ++steps) agent.shapes.push_back(loop_of(steps));
    to.notes.push_back(
        "a sample is taken to need 1 to " + std::to_string(most) +
        " steps: the ledger knows fewer than 5 samples of these datasets and models");
  }
  to.all.push_back(std::move(agent));
}

/// How many calls a sample takes on average.
double calls_in(const std::vector<procedure_shape>& shapes) {
  std::size_t calls = 0;
  for (const auto& shape : shapes)
    for (const auto& round : shape) calls += round.size();
  return shapes.empty() ? 0 : static_cast<double>(calls) / static_cast<double>(shapes.size());
}

void add_from(const actors::conductor_config& conductor, const evaluation::plan& plan,
              const std::vector<std::size_t>& missing, known_follow_ups& to) {
  procedure_sizes sizes{conductor.purpose, conductor.judges(), {}};
  auto looked_at = std::min(most_looked_at, missing.size());
  for (std::size_t i = 0; i < looked_at; ++i) {
    record about;
    about.asked = plan.make_task(missing[i * missing.size() / looked_at]);
    if (sizes.judges) about.got.reply.text = "x";
    sizes.shapes.push_back(shape_of(*conductor.maker, about, sizes.judges));
  }
  auto calls = with_digits("%.3g", calls_in(sizes.shapes));
  to.notes.push_back(sizes.judges
                         ? "judge " + sizes.purpose + ": " + calls +
                               " questions about an answer, each graded when it is asked "
                               "first"
                         : "a sample takes " + calls +
                               " calls, if every field is found when it is asked for first");
  to.all.push_back(std::move(sizes));
}

}  // namespace

known_follow_ups find_follow_ups(const settings& config, const experiment_settings& experiment,
                                 const evaluation::plan& plan,
                                 const std::vector<std::size_t>& missing,
                                 const std::vector<storage::past_sample>& before) {
  known_follow_ups found;
  auto others = experiment;
  if (experiment.mode == "agent") {
    add_agent(found, experiment, before);
    others.mode = "direct_answer";  // its tools are not needed
  }
  if (missing.empty()) return found;
  auto conductors = app::make_conductors(config, others);
  if (!conductors) {
    for (const auto& p : conductors.error()) found.notes.push_back("left out: " + render(p));
    return found;
  }
  for (const auto& c : *conductors) add_from(c, plan, missing, found);
  return found;
}

}  // namespace assay::planning
