#include "bench/limits/virtual_run.hpp"

#include "actors/virtual_time.hpp"

namespace assay::bench {

namespace {

constexpr double give_up_s = 20'000;

}  // namespace

actors::supervisor_config bare_tree(const std::shared_ptr<planning::tally>& sums,
                                    std::uint64_t seed) {
  actors::supervisor_config tree;
  tree.open_ledger = [sums]() -> expected<std::unique_ptr<storage::record_store>> {
    return planning::open_tally(sums);
  };
  tree.seed = seed;
  tree.own_threads = false;
  tree.monitor_tick = std::chrono::seconds(60);
  tree.max_restarts = 0;
  return tree;
}

course run_in_virtual_time(const std::function<actors::supervisor_config(instant began)>& tree,
                           const std::shared_ptr<planning::tally>& sums, std::size_t outcomes) {
  caf::actor_system_config config;
  register_messages(config);
  configure(config, true, 1);
  caf::actor_system system{config};
  actors::virtual_time time{system};
  const auto began = time.now();
  caf::scoped_actor self{system};
  auto root = self->spawn(actors::supervisor, tree(began));
  time.run();
  while (sums->outcomes < outcomes && seconds(time.now() - began) < give_up_s && time.next_timer())
    time.run();
  course c;
  c.finished = sums->outcomes == outcomes && sums->errors == 0;
  c.makespan_s = seconds(sums->last_done - began);
  self->send_exit(root, caf::exit_reason::user_shutdown);
  time.run();
  return c;
}

}  // namespace assay::bench
