#include "actors/provider.hpp"

#include <doctest/doctest.h>

#include "actors/virtual_time.hpp"
#include "tests/actors/idle_scheduler.hpp"

using namespace assay;
using namespace assay::actors;
using namespace std::chrono_literals;

namespace {

place_actor::behavior_type counting_place(place_actor::pointer, std::shared_ptr<std::size_t> sent) {
  return {[sent](const std::string&, const std::vector<assignment>& a) { *sent += a.size(); },
          [](cancel_atom, std::uint64_t) {}};
}

}  // namespace

TEST_CASE("a node can claim no more under way from before than its account has places") {
  caf::actor_system_config config;
  register_messages(config);
  configure(config, true, 1);
  caf::actor_system system{config};
  virtual_time time{system};
  auto sent = std::make_shared<std::size_t>(0);
  auto scheduler = system.spawn(tests::idle_scheduler, std::make_shared<tests::scheduler_notes>());
  auto node = system.spawn(counting_place, sent);
  provider_config account;
  auto access = std::make_shared<account_access>();
  access->settings.name = "p";
  access->settings.limits.max_parallel = 4;
  access->settings.limits.rates = {{dimension::requests, 1'000, 1'000ms, 1'000}};
  account.access = access;
  account.scheduler = scheduler;
  account.places_here = 0;
  auto p = system.spawn(provider, account);
  caf::anon_send(p, join_atom_v, node_offer{"n", 100, 1s, 1'000}, node);
  time.run();
  time.pass(1100ms);
  handed_task one;
  one.what.where.model = "m";
  caf::anon_send(p, std::vector<handed_task>{one});
  time.run();
  CHECK(*sent == 0);
  caf::anon_send(p, std::vector<ended_exchange>(4));
  time.run();
  CHECK(*sent == 1);
  caf::anon_send_exit(p, caf::exit_reason::kill);
  caf::anon_send_exit(scheduler, caf::exit_reason::kill);
  caf::anon_send_exit(node, caf::exit_reason::kill);
  time.run();
}
