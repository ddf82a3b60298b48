#include "app/plan/bounds.hpp"

#include <algorithm>

#include "evaluation/batching.hpp"

namespace assay::planning {

namespace {

/// The tasks of one model whose calls may be shared, waiting for their call to be full.
struct open_call {
  std::vector<std::size_t> lengths;
  actors::modelled_call asked;
};

/// One model with everything that drawing its answers needs.
struct drawn_model {
  const model_settings* declared = nullptr;
  std::vector<service_model> services;           ///< one for each of its providers
  std::optional<evaluation::batch_sizer> sizer;  ///< if its calls are combined
  std::map<std::uint64_t, open_call> open;       ///< by the hash of what its tasks share
  analysis::task_group answers;
};

drawn_model prepare(const scene& s, const std::string& name, std::uint64_t seed) {
  drawn_model m;
  m.declared = find_named(s.config.models, name);
  for (const auto& provider : m.declared->providers) {
    m.services.push_back(s.service(provider, name, seed));
    m.answers.accounts.insert(provider);
  }
  return m;
}

void close(drawn_model& m, const limit_settings& limits, open_call& c, std::uint64_t seed) {
  if (c.lengths.empty()) return;
  auto items = c.asked.items.size();
  if (items == 1) c.asked.items.clear();
  actors::modelled_answer fastest;
  fastest.total = duration::max();
  for (const auto& service : m.services)
    if (auto answer = service.answer(c.asked, seed); answer.total < fastest.total) fastest = answer;
  m.answers.tasks.push_back(charged(limits, *m.declared, seconds(fastest.total),
                                    static_cast<double>(fastest.input_tokens),
                                    static_cast<double>(fastest.output_tokens), items));
  c = {};
}

/// Puts the task into the open call, which is closed before if it is full.
void draw(drawn_model& m, const limit_settings& limits, const task_figures& figures, open_call& c,
          std::uint64_t seed) {
  c.lengths.push_back(figures.last_bytes);
  auto fits = !c.asked.items.empty() && m.sizer &&
              m.sizer->take(c.lengths, m.declared->max_tokens) == c.lengths.size();
  c.lengths.pop_back();
  if (!fits) close(m, limits, c, seed);
  c.lengths.push_back(figures.last_bytes);
  c.asked.model = m.declared->name;
  c.asked.input_tokens += figures.input_tokens - (fits ? figures.shared_tokens : 0);
  c.asked.content = figures.content;
  c.asked.items.push_back(figures.content);
  if (!fits)
    c.asked.max_tokens = m.declared->max_tokens;
  else if (c.asked.max_tokens)
    c.asked.max_tokens =
        std::min(*c.asked.max_tokens + *m.declared->max_tokens, evaluation::most_combined_tokens);
}

/// What follows from a sample, its answers' lengths left out: those only make it longer.
void draw_follow_ups(const scene& s, std::uint32_t position,
                     std::map<std::string, drawn_model>& models,
                     const std::map<std::string, limit_settings>& limits, std::uint64_t seed) {
  const auto key = s.plan.key(position);
  for (const auto& sizes : s.follow_ups) {
    const auto& shape = shape_of(sizes, key, seed);
    for (std::size_t round = 0; round < shape.size(); ++round)
      for (std::size_t i = 0; i < shape[round].size(); ++i) {
        const auto& size = shape[round][i];
        auto& m = models.at(size.model.empty() ? s.plan.cell_of(position).model : size.model);
        open_call alone;
        alone.lengths = {0};
        alone.asked.model = m.declared->name;
        alone.asked.input_tokens =
            size.input_tokens + (size.with_sample ? s.tasks[position].input_tokens : 0);
        alone.asked.content = content_of(key, sizes.purpose, label_of(round, i));
        alone.asked.items = {alone.asked.content};
        alone.asked.max_tokens = size.max_tokens ? size.max_tokens : m.declared->max_tokens;
        close(m, limits.at(m.declared->providers.front()), alone, seed);
      }
  }
}

/// Whether tasks of the model may share calls.
bool combines(const scene& s, const model_settings& model) {
  if (s.experiment.batching.max_items <= 1) return false;
  chat_request asked;
  asked.messages = {{role::user, ""}};
  asked.stop = model.stop;
  asked.extra_json = model.extra_json;
  return evaluation::batch_key(asked).has_value();
}

}  // namespace

analysis::served_task charged(const limit_settings& limits, const model_settings& model,
                              double service_s, double input_tokens, double output_tokens,
                              std::size_t items) {
  if (limits.reserve == reserve_policy::max_tokens && model.max_tokens)
    output_tokens = static_cast<double>(items) * *model.max_tokens;
  return {service_s, input_tokens + output_tokens, input_tokens, output_tokens};
}

limit_settings limits_in_force(const scene& s, const std::string& provider) {
  auto limits = s.limits_of(provider);
  for (const auto& name : models_asked(s)) {
    const auto& model = *find_named(s.config.models, name);
    const auto& who = model.providers;
    if (std::find(who.begin(), who.end(), provider) == who.end()) continue;
    if (!combines(s, model) || !s.follow_ups.empty()) return limits;
  }
  const auto& batching = s.experiment.batching;
  if (limits.max_parallel <= 0 || limits.max_parallel > batching.max_calls)
    limits.max_parallel = batching.max_calls;
  if (batching.spacing.count() > 0)
    limits.rates.push_back({.counts = dimension::requests,
                            .amount = 1,
                            .window = batching.spacing,
                            .burst = 1,
                            .key = "batching.spacing"});
  return limits;
}

analysis::bound bound_of(const scene& s, const std::vector<std::uint32_t>& positions,
                         std::uint64_t seed) {
  std::map<std::string, drawn_model> models;
  std::map<std::string, limit_settings> limits;
  for (const auto& name : models_asked(s)) {
    auto& m = models.emplace(name, prepare(s, name, seed)).first->second;
    if (combines(s, *m.declared)) m.sizer.emplace(s.experiment.batching);
    for (const auto& provider : m.declared->providers)
      limits.emplace(provider, limits_in_force(s, provider));
  }
  for (auto position : positions) {
    draw_follow_ups(s, position, models, limits, seed);
    if (takes_procedures(s)) continue;
    auto& m = models.at(s.plan.cell_of(position).model);
    const auto& figures = s.tasks[position];
    draw(m, limits.at(m.declared->providers.front()), figures, m.open[figures.shared], seed);
  }
  std::vector<analysis::task_group> groups;
  for (auto& [name, m] : models) {
    for (auto& [shared, call] : m.open)
      close(m, limits.at(m.declared->providers.front()), call, seed);
    groups.push_back(std::move(m.answers));
  }
  return analysis::shared_bound(limits, groups, s.experiment.concurrency);
}

}  // namespace assay::planning
