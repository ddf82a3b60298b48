#include "app/plan/scene.hpp"

#include <algorithm>
#include <memory>
#include <string_view>
#include <tuple>

#include "providers/simulated/draws.hpp"

namespace assay::planning {

namespace {

/// Fewer answers than this say less than an assumption.
constexpr std::ptrdiff_t least_answers = 20;
/// More do not make a forecast better.
constexpr std::size_t most_rows = 5'000;

using pair = std::pair<std::string, std::string>;  // provider, declared model

/// What is known of one model at one provider.
struct basis {
  source from = source::assumed;
  std::vector<storage::past_exchange> rows;
  const mock_settings* mock = nullptr;
  const mock_model* simulated = nullptr;
  timeouts patience;
};

const mock_settings* mock_of(const settings& all, const provider_settings& provider) {
  constexpr std::string_view scheme = "mock:";
  if (provider.base_url.rfind(scheme, 0) != 0) return nullptr;
  return find_named(all.mocks, provider.base_url.substr(scheme.size()));
}

basis find_basis(const settings& all, const provider_settings& provider,
                 const model_settings& model, std::vector<storage::past_exchange> rows) {
  basis b;
  b.patience = provider.limits_of_time;
  auto answers = std::count_if(rows.begin(), rows.end(),
                               [](const auto& row) { return row.kind == error_class::none; });
  b.mock = mock_of(all, provider);
  const auto& wire = model.model_name.empty() ? model.name : model.model_name;
  if (b.mock) b.simulated = find_named(b.mock->models, wire);
  if (answers >= least_answers) {
    b.from = source::history;
    b.rows = std::move(rows);
  } else if (b.simulated) {
    b.from = source::mock;
  }
  return b;
}

service_model model_on(const basis& b, const assumptions& otherwise, std::uint64_t seed) {
  if (b.from == source::history) return service_model::from_history(b.rows, seed);
  if (b.from == source::mock)
    return service_model::from_mock(*b.simulated, b.mock->faults, b.patience);
  return service_model::assumed(otherwise);
}

bool same(const std::vector<rate_limit>& a, const std::vector<rate_limit>& b) {
  auto facts = [](const rate_limit& l) {
    return std::tuple(l.counts, l.amount, l.window, l.burst, l.shape);
  };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](const auto& x, const auto& y) { return facts(x) == facts(y); });
}

task_figures figures_of(const task& t) {
  task_figures f;
  f.content = simulated::hash_bytes(t.where.model, t.epoch);
  std::size_t bytes = 0;
  std::uint64_t before = 0;
  for (const auto& message : t.request.messages) {
    f.shared = before;
    f.shared_tokens = static_cast<std::uint32_t>(bytes / 4);
    f.content = simulated::hash_bytes(message.content, f.content);
    before = simulated::hash_bytes(message.content, before);
    bytes += message.content.size();
    f.last_bytes = static_cast<std::uint32_t>(message.content.size());
  }
  f.input_tokens = static_cast<std::uint32_t>(t.input_tokens);
  return f;
}

std::map<pair, std::vector<storage::past_exchange>> by_pair(
    const std::vector<storage::past_exchange>& history) {
  std::map<pair, std::vector<storage::past_exchange>> rows;
  for (const auto& row : history) {
    auto& own = rows[{row.provider, row.model}];
    if (own.size() < most_rows) own.push_back(row);
  }
  return rows;
}

/// The actors of the forecast begin with what was found out before, and so does the API.
void take_found_limits(known_scene& k, const provider_settings& provider, known_limits found) {
  for (auto& r : found.rates) r.source = knowledge::learned;
  k.what.servers.emplace(provider.name, with_found(provider.limits, found));
  k.what.found.emplace(provider.name, std::move(found));
  k.notes.push_back("provider " + provider.name +
                    ": no rate limit is configured; taken is what an earlier run found out");
}

void note_limits(known_scene& k, const provider_settings& provider, const history& before) {
  auto found = before.limits.find(provider.name);
  if (const auto* mock = mock_of(k.what.config, provider)) {
    auto told = provider.limits;
    auto kept = mock->limits;
    if (!same(told.rates, kept.rates) ||
        (kept.max_parallel > 0 && kept.max_parallel < told.max_parallel))
      k.what.servers.emplace(provider.name, kept);
  } else if (provider.limits.rates.empty() && found != before.limits.end()) {
    take_found_limits(k, provider, found->second);
  } else if (provider.limits.rates.empty()) {
    k.notes.push_back("provider " + provider.name +
                      ": no rate limit is configured, so the forecast knows of none "
                      "(`assay probe " +
                      provider.name + "` finds it)");
  }
}

}  // namespace

known_scene set_scene(const settings& config, const experiment_settings& experiment,
                      const evaluation::plan& plan, const std::vector<std::size_t>& missing,
                      const history& before, const assumptions& otherwise) {
  known_scene k{{config, experiment, plan, {}, {}, {}, {}, {}, {}}, {}, {}};
  k.what.positions.assign(missing.begin(), missing.end());
  k.what.tasks.resize(plan.size());
  for (auto i : missing) k.what.tasks[i] = figures_of(plan.make_task(i));

  auto follow_ups = find_follow_ups(config, experiment, plan, missing, before.samples);
  k.what.follow_ups = std::move(follow_ups.all);
  k.notes = std::move(follow_ups.notes);

  auto rows = by_pair(before.exchanges);
  auto known = std::make_shared<std::map<pair, basis>>();
  auto all = std::make_shared<const settings>(config);  // outlives what points into it
  for (const auto& provider : all->providers) {
    auto used = false;
    for (const auto& name : models_asked(k.what)) {
      const auto& model = *find_named(all->models, name);
      const auto& who = model.providers;
      if (std::find(who.begin(), who.end(), provider.name) == who.end()) continue;
      used = true;
      auto b = find_basis(*all, provider, model, rows[{provider.name, name}]);
      k.origins.push_back({provider.name, name, b.from, b.rows.size()});
      known->emplace(pair{provider.name, name}, std::move(b));
    }
    if (used) note_limits(k, provider, before);
  }
  k.what.service = [known, all, otherwise](const std::string& provider, const std::string& model,
                                           std::uint64_t seed) {
    return model_on(known->at({provider, model}), otherwise, seed);
  };
  return k;
}

}  // namespace assay::planning
