#include "actors/provider.hpp"

#include <doctest/doctest.h>

#include "tests/actors/idle_scheduler.hpp"
#include "tests/actors/node_fakes.hpp"
#include "tests/actors/virtual_system.hpp"

using namespace assay;
using namespace assay::actors;
using namespace std::chrono_literals;

namespace {

/// A provider with four places at the API, and the node "n".
struct account_at_a_node : tests::virtual_system {
  tests::permits sent = std::make_shared<std::vector<std::uint64_t>>();
  scheduler_actor scheduler =
      system.spawn(tests::idle_scheduler, std::make_shared<tests::scheduler_notes>());
  place_actor node = system.spawn(tests::noting_place, sent);
  provider_actor account;
  bool may_send = true;

  account_at_a_node() {
    provider_config config;
    auto access = std::make_shared<account_access>();
    access->settings.name = "p";
    access->settings.limits.max_parallel = 4;
    access->settings.limits.rates = {{dimension::requests, 1'000, 1'000ms, 1'000}};
    access->settings.limits_of_time.total = 60s;
    config.access = access;
    config.scheduler = scheduler;
    config.places_here = 0;
    config.may_send = [this] { return may_send; };
    account = system.spawn(provider, config);
  }
  ~account_at_a_node() {
    caf::anon_send_exit(account, caf::exit_reason::kill);
    caf::anon_send_exit(scheduler, caf::exit_reason::kill);
    caf::anon_send_exit(node, caf::exit_reason::kill);
    time.run();
  }

  void offer(const node_offer& o) {
    caf::anon_send(account, join_atom_v, o, node);
    time.run();
    time.pass(1100ms);
    time.run();
  }
  void hand(std::size_t tasks) {
    handed_task one;
    one.what.where.model = "m";
    caf::anon_send(account, std::vector<handed_task>(tasks, one));
    time.run();
  }
  /// What it was told last is lost with the node.
  void lose(std::size_t calls) {
    std::vector<ended_exchange> ended;
    for (std::size_t i = 0; i < calls; ++i) {
      ended.push_back({(*sent)[sent->size() - calls + i], {}});
      ended.back().result.tried.error.kind = error_class::node_lost;
    }
    caf::anon_send(account, std::move(ended));
    caf::anon_send(account, leave_atom_v, std::string{"n"});
    time.run();
  }
};

}  // namespace

TEST_CASE_FIXTURE(account_at_a_node,
                  "a node can claim no more under way from before than its account has places") {
  offer({"n", 100, 1s, 1'000});
  hand(1);
  CHECK(sent->empty());
  std::vector<ended_exchange> of_other(4);
  caf::anon_send(account, of_other);
  time.run();
  CHECK(sent->empty());
  for (auto& e : of_other) e.result.tried.from.node = "n";
  caf::anon_send(account, of_other);
  time.run();
  CHECK(sent->size() == 1);
}

TEST_CASE_FIXTURE(account_at_a_node,
                  "places of calls that were lost stay taken until they have met their time-out") {
  offer({"n", 100});
  hand(4);
  CHECK(sent->size() == 4);
  lose(3);
  offer({"n", 100, {}, 0});  // a process that was started again does not know of them
  hand(4);
  CHECK(sent->size() == 4);
  time.pass(60s);
  time.run();
  CHECK(sent->size() == 7);
}

TEST_CASE_FIXTURE(account_at_a_node,
                  "a node that comes back says which of its calls still hold places") {
  offer({"n", 100});
  hand(4);
  lose(3);
  offer({"n", 100, {}, 1, true});
  hand(4);
  CHECK(sent->size() == 6);
}

TEST_CASE_FIXTURE(account_at_a_node,
                  "a coordinator that does not know whether it leads sends nothing until it does") {
  offer({"n", 100});
  may_send = false;
  hand(2);
  CHECK(sent->empty());
  time.pass(5s);
  time.run();
  CHECK(sent->empty());
  may_send = true;
  time.pass(100ms);
  time.run();
  CHECK(sent->size() == 2);
}
