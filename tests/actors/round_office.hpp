#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "actors/round_caller.hpp"
#include "tests/actors/virtual_system.hpp"

namespace assay::tests {

using namespace std::chrono_literals;

using calls = std::shared_ptr<std::vector<assignment>>;

inline place_actor::behavior_type keeping_place(place_actor::pointer, calls into) {
  return {[into](const std::string&, const std::vector<assignment>& batch) {
            into->insert(into->end(), batch.begin(), batch.end());
          },
          [](cancel_atom, std::uint64_t) {}};
}

/// A round caller with nodes that do what they are told to, when they are told to.
struct round_office : virtual_system {
  std::shared_ptr<actors::account_access> access = std::make_shared<actors::account_access>();
  actors::account_memory memory;
  round_plan plan;
  round_caller_actor caller;
  std::map<std::string, std::pair<place_actor, calls>> places;

  round_office() {
    access->settings.name = "api";
    access->settings.limits.max_parallel = 8;
    access->settings.limits_of_time = {5s, 5s, 5s, 10s};
    access->dialect = dialects::find("openai");
    access->prices["m"] = price_table{.input = 1'000'000, .output = 1'000'000};  // one token, 1 USD
    plan.model = "m";
    plan.prompts.resize(1);
    plan.prompts[0].model = "m";
    plan.prompts[0].max_tokens = 10;
    plan.rounds = 5;
    plan.interval = 10s;
    plan.patience = 30s;
  }
  ~round_office() {
    caf::anon_send_exit(caller, caf::exit_reason::kill);
    for (auto& [name, p] : places) caf::anon_send_exit(p.first, caf::exit_reason::kill);
    time.run();
  }
  limit_settings& limits() { return access->settings.limits; }

  void open() {
    actors::round_caller_config config;
    config.access = access;
    config.memory = memory;
    caller = system.spawn(actors::round_caller, std::move(config));
  }
  void offer(node_offer what) {
    if (!caller) open();
    auto [found, is_new] = places.try_emplace(what.node);
    auto& [handle, asked] = found->second;
    if (is_new) asked = std::make_shared<std::vector<assignment>>();
    if (is_new) handle = system.spawn(keeping_place, asked);
    caf::anon_send(caller, join_atom_v, std::move(what), handle);
    time.run();
  }
  void leave(const std::string& node) {
    caf::anon_send(caller, leave_atom_v, node);
    time.run();
  }
  void begin() {
    if (!caller) open();
    caf::anon_send(caller, std::make_shared<const round_plan>(plan));
    time.run();
  }
  std::vector<assignment>& asked(const std::string& node) { return *places.at(node).second; }
  std::size_t count(const std::string& node) { return asked(node).size(); }
  void report(std::uint64_t permit, attempt tried) {
    caf::anon_send(caller, std::vector<ended_exchange>{{permit, {std::move(tried), {}}}});
    time.run();
  }
  /// The last request of the node ends like this.
  void end(const std::string& node, attempt tried = {}) {
    tried.from.node = node;
    tried.at.sent = asked(node).back().admitted;
    report(asked(node).back().permit, std::move(tried));
  }
  void fail(const std::string& node, error_class kind) {
    end(node, {.error = {.kind = kind, .message = "no"}});
  }
  void pass(duration d) {
    for (auto until = time.now() + d; time.now() < until; time.run()) time.pass(10ms);
  }
  rounds_status look() {
    rounds_status s;
    auto answer = self->request(caller, caf::infinite, status_atom_v);
    time.run();
    answer.receive([&](const rounds_status_ptr& now) { s = *now; }, [](const caf::error&) {});
    return s;
  }
};

inline rate_limit round_limit(double amount, milliseconds window, double burst, std::string key) {
  return {dimension::requests, amount, window, burst, limit_shape::bucket, std::move(key)};
}

}  // namespace assay::tests
