#include "bench/limits/actors_course.hpp"

#include <algorithm>
#include <numeric>

#include "bench/limits/hidden_transport.hpp"
#include "bench/limits/virtual_run.hpp"

namespace assay::bench {

namespace {

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
  auto tree = bare_tree(sums, seed);
  tree.providers = {make_account(s, k, began)};
  tree.spawn_transport = [=, &l](caf::local_actor& parent) {
    return parent.spawn(hidden_transport, hidden_transport_config{s, k, &l, seed, log});
  };
  tree.missing = [&l]() -> expected<work_ptr> { return make_work(l); };
  return tree;
}

}  // namespace

course play_with_actors(const scenario& s, knowledge k, const load& l, std::uint64_t seed) {
  auto sums = std::make_shared<planning::tally>();
  auto log = std::make_shared<server_log>();
  auto c =
      run_in_virtual_time([&](instant began) { return tree_of(s, k, l, seed, began, log, sums); },
                          sums, l.service.size());
  c.refused = log->refused;
  return c;
}

}  // namespace assay::bench
