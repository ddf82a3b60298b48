#include "bench/dispatch/wide_run.hpp"

#include <cmath>
#include <ctime>

#include "actors/node_registry.hpp"
#include "actors/virtual_time.hpp"
#include "app/nodes/coordinator.hpp"
#include "tests/simulation/fleet.hpp"

namespace assay::bench {

namespace {

double cpu_s() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

std::vector<tests::simulated_node> alike(int nodes, std::uint32_t at_each) {
  std::vector<tests::simulated_node> all;
  all.reserve(static_cast<std::size_t>(nodes));
  for (int i = 0; i < nodes; ++i)
    all.push_back({.name = "n" + std::to_string(i), .max_parallel = at_each});
  return all;
}

}  // namespace

virtual_course run_wide(load l, int nodes, std::uint32_t at_each) {
  l.in_flight = static_cast<std::uint32_t>(nodes) * at_each;
  auto sums = std::make_shared<outcomes>();
  caf::actor_system_config config;
  register_node_messages(config);
  configure(config, true, 1);
  caf::actor_system system{config};
  actors::virtual_time time{system};
  caf::scoped_actor self{system};
  node_settings rules;
  auto registry = self->spawn(actors::node_registry, rules);
  auto access = account_of(l);
  auto fleet = std::make_unique<tests::fleet>(
      system, alike(nodes, at_each), registry,
      std::vector{app::offer_of(*access, node_credentials::own)}, rules,
      [answer_s = l.answer_s](caf::local_actor& parent, const std::string&) {
        return spawn_api(parent, answer_s);
      },
      [access](const account_offer&) -> expected<actors::account_access_ptr> { return access; },
      [](const tests::simulated_node&) { return actors::examinations_config{}; });
  fleet->look(time.now());
  time.run();
  for (auto until = time.now() + std::chrono::seconds(2); time.now() < until && time.next_timer();)
    time.run();

  auto tree = tree_of(l, sums);
  tree.nodes = registry;
  tree.places_here = 0;
  tree.own_threads = false;
  tree.monitor_tick = std::chrono::seconds(60);
  virtual_course c;
  auto wall = std::chrono::steady_clock::now();
  auto cpu = cpu_s();
  auto began = time.now();
  auto root = self->spawn(actors::supervisor, std::move(tree));
  time.run();
  while (sums->answered + sums->others < l.tasks && time.next_timer()) time.run();
  c.cpu_us_per_task = 1e6 * (cpu_s() - cpu) / static_cast<double>(l.tasks);
  c.wall_s = seconds(std::chrono::steady_clock::now() - wall);
  c.makespan_s = seconds(sums->last_done - began);
  c.least_s = std::ceil(static_cast<double>(l.tasks) / l.in_flight) * l.answer_s;
  c.answered = sums->answered;
  self->send_exit(root, caf::exit_reason::user_shutdown);
  time.run();
  fleet.reset();
  self->send_exit(registry, caf::exit_reason::user_shutdown);
  time.run();
  return c;
}

}  // namespace assay::bench
