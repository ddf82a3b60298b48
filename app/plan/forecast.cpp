#include "app/plan/forecast.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numeric>

#include "app/plan/bounds.hpp"
#include "app/plan/knobs.hpp"
#include "app/plan/parallel.hpp"

namespace assay::planning {

namespace {

constexpr int seeds = 5;
/// Student's t, two-sided 95 %, for `seeds` - 1 degrees of freedom.
constexpr double t95 = 2.776;
/// What the model leaves out: the machine, connections being set up, a service that changes.
constexpr double model_error = 0.01;
constexpr double start_up_s = 0.1;
/// Changes that bring less are not worth a line, and so many lines are enough.
constexpr double least_saving = 0.01;
constexpr std::size_t most_knobs = 5;
/// Of a call, as the sum of its tasks' parts.
constexpr double whole = 1 - 1e-6;

/// Every k-th position, so that the part is mixed as the whole is.
std::vector<std::uint32_t> spread(const std::vector<std::uint32_t>& all, std::size_t most) {
  if (all.size() <= most) return all;
  std::vector<std::uint32_t> part(most);
  for (std::size_t i = 0; i < most; ++i) part[i] = all[i * all.size() / most];
  return part;
}

/// A simulated run of the part, and what it says about the whole.
struct rehearsal {
  simulated_run run;
  analysis::bound least;  ///< of the whole
  double low_s = 0;       ///< of the whole, if its overhead does not grow
  double high_s = 0;      ///< of the whole, if its overhead grows in proportion
};

class rehearsals {
 public:
  rehearsals(const scene& whole, std::size_t most)
      : positions_(whole.positions), part_(spread(whole.positions, most)) {}

  bool partial() const { return part_.size() < positions_.size(); }
  std::size_t simulated() const { return part_.size(); }
  double scale() const {
    return part_.empty()
               ? 1
               : static_cast<double>(positions_.size()) / static_cast<double>(part_.size());
  }

  rehearsal rehearse(scene s, std::uint64_t seed) const {
    s.experiment.spending.deadline.reset();  // looked at afterwards
    if (auto& most = s.experiment.spending.max_cost_usd) *most /= scale();
    if (auto& most = s.experiment.spending.max_tokens_total)
      *most = std::llround(static_cast<double>(*most) / scale());
    rehearsal r;
    r.run = simulate(s, part_, seed);
    auto of_part = bound_of(s, part_, seed);
    r.least = partial() ? bound_of(s, positions_, seed) : of_part;
    auto overhead = r.run.makespan_s - of_part.seconds;
    auto ratio = of_part.seconds > 0 ? r.run.makespan_s / of_part.seconds : 1;
    r.low_s = r.least.seconds + overhead;
    r.high_s = r.least.seconds * ratio;
    if (r.low_s > r.high_s) std::swap(r.low_s, r.high_s);
    return r;
  }

  analysis::bound least(const scene& s) const { return bound_of(s, positions_, 1); }

 private:
  const std::vector<std::uint32_t>& positions_;
  std::vector<std::uint32_t> part_;
};

/// Where the next run of the same kind lies with 95 %, from a few.
range predicted(const std::vector<double>& values) {
  auto n = static_cast<double>(values.size());
  auto mean = std::accumulate(values.begin(), values.end(), 0.0) / n;
  double squares = 0;
  for (auto v : values) squares += (v - mean) * (v - mean);
  auto half = t95 * std::sqrt(squares / (n - 1) * (1 + 1 / n));
  return {mean, std::max(0.0, mean - half), mean + half};
}

template <class Get>
range predicted(const std::vector<rehearsal>& all, const Get& get) {
  std::vector<double> values;
  values.reserve(all.size());
  for (const auto& r : all) values.push_back(get(r));
  return predicted(values);
}

range predicted_makespan(const std::vector<rehearsal>& all) {
  auto low = predicted(all, [](const rehearsal& r) { return r.low_s; });
  auto high = predicted(all, [](const rehearsal& r) { return r.high_s; });
  return {(low.expected + high.expected) / 2, low.low * (1 - model_error),
          high.high * (1 + model_error) + start_up_s};
}

/// The bound of one provider on the tasks that it served in the simulated run, which stand for
/// `scale` times as many.
analysis::bound bound_of_provider(const scene& s, const tally& sums, std::uint16_t provider,
                                  double scale) {
  const auto limits = limits_in_force(s, sums.provider_names[provider]);
  std::vector<analysis::served_task> tasks;
  double due = 0;
  for (const auto& answer : sums.served) {
    if (answer.provider != provider) continue;
    const auto& model = *find_named(s.config.models, sums.models[answer.model]);
    auto items = static_cast<double>(answer.items);
    auto call = charged(limits, model, answer.service_s, items * answer.input_tokens,
                        items * answer.output_tokens, answer.items);
    for (due += scale / items; due >= whole; --due) tasks.push_back(call);
  }
  return analysis::lower_bound(limits, std::move(tasks));
}

std::vector<provider_forecast> by_provider(const scene& s, const rehearsal& r, double scale) {
  const auto& sums = r.run.sums;
  auto stretch = r.run.makespan_s > 0 ? (r.low_s + r.high_s) / 2 / r.run.makespan_s : 1;
  std::vector<provider_forecast> all;
  for (std::size_t i = 0; i < sums.providers.size(); ++i) {
    const auto& seen = sums.providers[i];
    provider_forecast p;
    p.name = sums.provider_names[i];
    p.tasks = static_cast<double>(seen.tasks) * scale;
    p.requests = seen.exchanges * scale;
    p.rate_limited = seen.rate_limited * scale;
    p.ends_s = seconds(seen.last_done - r.run.began) * stretch;
    p.least = bound_of_provider(s, sums, static_cast<std::uint16_t>(i), scale);
    all.push_back(std::move(p));
  }
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return all;
}

/// What changing each setting brings by the bound; the best of them simulated with the same draws.
std::vector<knob> turn_knobs(const scene& s, const rehearsals& of, const rehearsal& base) {
  auto all = candidates(s, base.run.sums);
  auto changed = [&](const candidate& c) {
    auto other = s;
    c.apply(other);
    return other;
  };
  in_parallel(all.size(), [&](std::size_t i) {
    all[i].named.bound_saves_s = base.least.seconds - of.least(changed(all[i])).seconds;
  });
  std::erase_if(all, [&](const candidate& c) {
    return c.named.bound_saves_s < least_saving * base.least.seconds;
  });
  std::stable_sort(all.begin(), all.end(), [](const candidate& a, const candidate& b) {
    return a.named.bound_saves_s > b.named.bound_saves_s;
  });
  if (all.size() > most_knobs) all.resize(most_knobs);
  in_parallel(all.size(), [&](std::size_t i) {
    auto then = of.rehearse(changed(all[i]), 1);
    all[i].named.simulated_saves_s = (base.low_s + base.high_s - then.low_s - then.high_s) / 2;
  });
  std::vector<knob> knobs;
  knobs.reserve(all.size());
  for (auto& c : all) knobs.push_back(std::move(c.named));
  return knobs;
}

void add_notes(run_forecast& f, const known_scene& known, const std::vector<rehearsal>& all) {
  f.notes = known.notes;
  for (const auto& o : f.origins)
    if (o.from == source::assumed)
      f.notes.push_back("model " + o.model + " at " + o.provider +
                        ": nobody has measured it yet, its latency and answer length are assumed");
  for (const auto& r : all) {
    if (r.run.stopped_by.empty()) continue;
    f.notes.push_back("the run would stop early: " + r.run.stopped_by);
    break;
  }
  auto deadline = known.what.experiment.spending.deadline;
  if (deadline && f.makespan_s.high > seconds(*deadline)) {
    char text[96];
    std::snprintf(text, sizeof text, "the deadline of %.0f s may stop the run before it is done",
                  seconds(*deadline));
    f.notes.push_back(text);
  }
}

}  // namespace

run_forecast make_forecast(const known_scene& known, std::size_t most_simulated) {
  const auto& s = known.what;
  run_forecast f;
  f.tasks = s.positions.size();
  f.origins = known.origins;
  if (s.positions.empty()) return f;
  rehearsals of{s, most_simulated};
  f.simulated = of.simulated();
  f.runs = seeds;
  std::vector<rehearsal> all(seeds);
  in_parallel(all.size(), [&](std::size_t i) { all[i] = of.rehearse(s, i + 1); });

  auto scale = of.scale();
  f.makespan_s = predicted_makespan(all);
  f.cost_usd = predicted(all, [&](const rehearsal& r) { return r.run.sums.cost.value * scale; });
  auto mean = [&](auto get) { return predicted(all, get).expected * scale; };
  f.input_tokens =
      mean([](const rehearsal& r) { return static_cast<double>(r.run.sums.input_tokens); });
  f.output_tokens =
      mean([](const rehearsal& r) { return static_cast<double>(r.run.sums.output_tokens); });
  f.follow_ups =
      mean([](const rehearsal& r) { return static_cast<double>(r.run.sums.follow_ups); });
  f.errors = mean([](const rehearsal& r) { return static_cast<double>(r.run.sums.errors); });
  for (const auto& name : models_asked(s)) {
    const auto& prices = find_named(s.config.models, name)->prices;
    f.priced = f.priced && (prices.input || prices.output);
  }
  f.least = all.front().least;
  f.providers = by_provider(s, all.front(), scale);
  f.knobs = turn_knobs(s, of, all.front());
  add_notes(f, known, all);
  return f;
}

}  // namespace assay::planning
