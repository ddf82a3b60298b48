#include "bench/limits/actors_course.hpp"

#include <algorithm>
#include <numeric>

#include "actors/supervisor.hpp"
#include "actors/virtual_time.hpp"
#include "app/plan/tally.hpp"
#include "bench/limits/hidden_transport.hpp"

namespace assay::bench {

namespace {

constexpr double give_up_s = 20'000;

task make_task(std::uint32_t position) {
  task t;
  t.key = hash_parts({"bench", std::to_string(position)});
  t.position = position;
  t.where = {"sums", "model", "plain", "", "", "direct_answer"};
  t.request.model = "model";
  t.request.messages = {{role::user, std::to_string(position)}};
  t.request.max_tokens = 3000;
  t.providers = {"p"};
  t.input_tokens = 10;
  return t;
}

work_ptr make_work(const load& l) {
  auto w = std::make_shared<work>();
  w->positions.resize(l.service.size());
  std::iota(w->positions.begin(), w->positions.end(), 0u);
  std::stable_sort(w->positions.begin(), w->positions.end(),
                   [&l](auto a, auto b) { return l.expected_s[a] > l.expected_s[b]; });
  w->classes = {{"model", {"p"}, {}, route_policy::any_room, 2.0}};
  w->class_of = [](std::uint32_t) { return 0u; };
  w->make = make_task;
  w->ceiling = [](const task&) { return usd{}; };
  return w;
}

actors::account_access_ptr make_account(const scenario& s, knowledge k, instant began) {
  auto access = std::make_shared<actors::account_access>();
  access->settings.name = "p";
  access->settings.limits = client_limits(s, k, began);
  access->settings.retry.max_rate_limit_waits = 1'000'000'000;
  access->dialect = &position_dialect();
  return access;
}

actors::supervisor_config tree_of(const scenario& s, knowledge k, const load& l, std::uint64_t seed,
                                  instant began, const std::shared_ptr<server_log>& log,
                                  const std::shared_ptr<planning::tally>& sums) {
  actors::supervisor_config tree;
  tree.providers = {make_account(s, k, began)};
  tree.spawn_transport = [=, &l](caf::local_actor& parent) {
    return parent.spawn(hidden_transport, hidden_transport_config{s, k, &l, seed, log});
  };
  tree.open_ledger = [sums]() -> expected<std::unique_ptr<storage::record_store>> {
    return planning::open_tally(sums);
  };
  tree.missing = [&l]() -> expected<work_ptr> { return make_work(l); };
  tree.seed = seed;
  tree.own_threads = false;
  tree.monitor_tick = std::chrono::seconds(60);
  tree.max_restarts = 0;
  return tree;
}

}  // namespace

course play_with_actors(const scenario& s, knowledge k, const load& l, std::uint64_t seed) {
  auto sums = std::make_shared<planning::tally>();
  auto log = std::make_shared<server_log>();
  caf::actor_system_config config;
  register_messages(config);
  configure(config, true, 1);
  caf::actor_system system{config};
  actors::virtual_time time{system};
  const auto began = time.now();
  caf::scoped_actor self{system};
  auto root = self->spawn(actors::supervisor, tree_of(s, k, l, seed, began, log, sums));
  time.run();
  while (sums->outcomes < l.service.size() && seconds(time.now() - began) < give_up_s &&
         time.next_timer())
    time.run();
  course c;
  c.finished = sums->outcomes == l.service.size() && sums->errors == 0;
  c.makespan_s = seconds(sums->last_done - began);
  c.refused = log->refused;
  self->send_exit(root, caf::exit_reason::user_shutdown);
  time.run();
  return c;
}

}  // namespace assay::bench
