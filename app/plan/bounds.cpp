#include "app/plan/bounds.hpp"

#include <limits>

namespace assay::planning {

namespace {

/// One model with everything that drawing its answers needs.
struct drawn_model {
  const model_settings* declared = nullptr;
  std::vector<service_model> services;  ///< one for each of its providers
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

void draw(drawn_model& m, const limit_settings& limits, const task_figures& figures,
          std::uint64_t seed) {
  actors::modelled_call call{.model = m.declared->name,
                             .input_tokens = figures.input_tokens,
                             .max_tokens = m.declared->max_tokens,
                             .content = figures.content};
  actors::modelled_answer fastest;
  fastest.total = duration::max();
  for (const auto& service : m.services)
    if (auto answer = service.answer(call, seed); answer.total < fastest.total) fastest = answer;
  m.answers.tasks.push_back(charged(limits, *m.declared, seconds(fastest.total),
                                    static_cast<double>(fastest.input_tokens),
                                    static_cast<double>(fastest.output_tokens)));
}

}  // namespace

analysis::served_task charged(const limit_settings& limits, const model_settings& model,
                              double service_s, double input_tokens, double output_tokens) {
  if (limits.reserve == reserve_policy::max_tokens && model.max_tokens)
    output_tokens = *model.max_tokens;
  return {service_s, input_tokens + output_tokens, input_tokens, output_tokens};
}

analysis::bound bound_of(const scene& s, const std::vector<std::uint32_t>& positions,
                         std::uint64_t seed) {
  std::map<std::string, drawn_model> models;
  std::map<std::string, limit_settings> limits;
  for (const auto& name : s.experiment.models) {
    auto& m = models.emplace(name, prepare(s, name, seed)).first->second;
    for (const auto& provider : m.declared->providers)
      limits.emplace(provider, s.limits_of(provider));
  }
  for (auto position : positions) {
    auto& m = models.at(s.plan.cell_of(position).model);
    draw(m, limits.at(m.declared->providers.front()), s.tasks[position], seed);
  }
  std::vector<analysis::task_group> groups;
  for (auto& [name, m] : models) groups.push_back(std::move(m.answers));
  return analysis::shared_bound(limits, groups, s.experiment.concurrency);
}

}  // namespace assay::planning
