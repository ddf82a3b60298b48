#include "app/plan/simulate.hpp"

#include <algorithm>
#include <set>

#include "actors/supervisor.hpp"
#include "actors/virtual_time.hpp"
#include "messages/protocols.hpp"

namespace assay::planning {

namespace {

using namespace std::chrono_literals;

/// Of virtual time; how often the tree is asked whether it has stopped for good.
constexpr auto look_interval = 60s;
constexpr auto give_up_after = std::chrono::hours{24 * 365};

/// Only where calls are combined does the length of a text matter.
std::size_t lean_bytes(const scene& s, const task_figures& figures) {
  return s.experiment.batching.max_items > 1 ? figures.last_bytes : 0;
}

/// A task as large as the real one, without its texts.
task lean_task(const scene& s, std::uint32_t position, const model_settings& model) {
  const auto& figures = s.tasks[position];
  task t;
  t.key = s.plan.key(position);
  t.where = s.plan.cell_of(position);
  t.request.model = model.name;
  if (figures.shared_tokens > 0)
    t.request.messages.push_back(
        {role::system, actors::modelled_text(figures.shared_tokens, figures.shared)});
  t.request.messages.push_back(
      {role::user, actors::modelled_text(figures.input_tokens - figures.shared_tokens,
                                         figures.content, lean_bytes(s, figures))});
  t.request.max_tokens = model.max_tokens;
  t.request.stop = model.stop;
  t.request.extra_json = model.extra_json;
  t.request.stream = model.stream;
  t.providers = model.providers;
  t.input_tokens = figures.input_tokens;
  t.position = position;
  return t;
}

/// The conductors of the run; their procedures know sizes only, as do the models by their own
/// names.
std::vector<actors::conductor_config> lean_conductors(const scene& s, std::uint64_t seed) {
  std::vector<actors::conductor_config> all;
  for (const auto& sizes : s.follow_ups) {
    auto& made = all.emplace_back();
    made.maker = make_sized(sizes, seed);
    made.purpose = sizes.purpose;
    if (sizes.judges) made.judge_version = [](const sample&) { return std::string(); };
    for (auto model : s.config.models) {
      model.model_name.clear();
      made.models.emplace(model.name, std::move(model));
    }
  }
  return all;
}

work_ptr make_lean_work(const scene& s, const std::vector<std::uint32_t>& positions) {
  app::prepared_run run{.config = s.config, .experiment = s.experiment, .plan = s.plan};
  run.conductors = lean_conductors(s, 0);
  auto todo = std::make_shared<work>(*app::make_work(run, positions, {}));
  todo->make = [&s](std::uint32_t position) {
    return lean_task(s, position, *find_named(s.config.models, s.plan.cell_of(position).model));
  };
  return todo;
}

std::vector<actors::account_access_ptr> lean_accounts(const scene& s) {
  std::set<std::string> used;
  std::map<std::string, price_table> prices;
  for (const auto& name : models_asked(s)) {
    const auto& model = *find_named(s.config.models, name);
    used.insert(model.providers.begin(), model.providers.end());
    prices[name] = model.prices;
  }
  std::vector<actors::account_access_ptr> accounts;
  for (const auto& name : used) {
    actors::account_access access{
        *find_named(s.config.providers, name), &actors::modelled_dialect(), {}, prices};
    accounts.push_back(std::make_shared<const actors::account_access>(std::move(access)));
  }
  return accounts;
}

actors::modelled_transport_config make_wire(const scene& s, std::uint64_t seed) {
  std::map<std::string, std::map<std::string, service_model, std::less<>>, std::less<>> services;
  for (const auto& name : models_asked(s))
    for (const auto& provider : find_named(s.config.models, name)->providers)
      services[provider].emplace(name, s.service(provider, name, seed));
  actors::modelled_transport_config wire;
  wire.servers = s.servers;
  wire.draw = [services = std::move(services), seed](const actors::modelled_call& call,
                                                     std::uint64_t n) {
    return services.find(call.provider)->second.find(call.model)->second.draw(call, seed, n);
  };
  return wire;
}

actors::supervisor_config tree_of(const scene& s, const std::vector<std::uint32_t>& positions,
                                  std::uint64_t seed, const std::shared_ptr<tally>& sums) {
  actors::supervisor_config tree;
  tree.providers = lean_accounts(s);
  tree.spawn_transport = [wire = make_wire(s, seed)](caf::local_actor& parent) {
    return parent.spawn(actors::modelled_transport, wire);
  };
  tree.open_ledger = [sums]() -> expected<std::unique_ptr<storage::record_store>> {
    return open_tally(sums);
  };
  tree.missing = [&s, &positions]() -> expected<work_ptr> { return make_lean_work(s, positions); };
  tree.recall = [&s]() -> expected<std::vector<actors::account_memory>> {
    std::vector<actors::account_memory> all;
    for (const auto& [provider, limits] : s.found)
      all.push_back({.provider = provider, .sent = {}, .limits = limits});
    return all;
  };
  tree.conductors = lean_conductors(s, seed);
  tree.hedge = s.experiment.hedge;
  tree.batching = s.experiment.batching;
  tree.seed = seed;
  tree.monitor_tick = std::chrono::duration_cast<milliseconds>(look_interval);
  tree.own_threads = false;
  tree.max_restarts = 0;
  return tree;
}

}  // namespace

std::vector<std::string> models_asked(const scene& s) {
  std::set<std::string> all(s.experiment.models.begin(), s.experiment.models.end());
  for (const auto& sizes : s.follow_ups)
    for (const auto& shape : sizes.shapes)
      for (const auto& round : shape)
        for (const auto& call : round)
          if (!call.model.empty()) all.insert(call.model);
  return {all.begin(), all.end()};
}

bool takes_procedures(const scene& s) {
  return std::any_of(s.follow_ups.begin(), s.follow_ups.end(),
                     [](const auto& sizes) { return !sizes.judges; });
}

simulated_run simulate(const scene& s, const std::vector<std::uint32_t>& positions,
                       std::uint64_t seed) {
  auto sums = std::make_shared<tally>();
  sums->served.reserve(positions.size());
  caf::actor_system_config config;
  register_messages(config);
  configure(config, true, 1);
  caf::actor_system system{config};
  actors::virtual_time time{system};
  simulated_run run;
  const auto began = run.began = time.now();

  caf::scoped_actor self{system};
  auto root = self->spawn(actors::supervisor, tree_of(s, positions, seed, sums));
  auto look_at = began + 2 * look_interval;
  time.run();
  auto judges = s.follow_ups.size() - (takes_procedures(s) ? 1 : 0);
  auto all_done = [&] {
    return sums->outcomes >= positions.size() &&
           sums->verdicts >= judges * (sums->outcomes - sums->errors);
  };
  while (!all_done() && time.now() - began < give_up_after) {
    if (!time.next_timer()) break;
    time.run();
    if (time.now() < look_at) continue;
    look_at = time.now() + look_interval;
    auto asked = self->request(root, caf::infinite, status_atom_v);  // it always answers at once
    time.run();
    progress_snapshot p;
    asked.receive([&](progress_snapshot& now) { p = std::move(now); }, [](const caf::error&) {});
    run.stopped_by = p.run.stopped_by;
    if (p.run.finished) break;
  }
  run.finished = sums->outcomes >= positions.size() || !run.stopped_by.empty();
  run.makespan_s = std::max(0.0, seconds(sums->last_done - began));
  self->send_exit(root, caf::exit_reason::user_shutdown);
  time.run();
  run.sums = std::move(*sums);
  return run;
}

}  // namespace assay::planning
