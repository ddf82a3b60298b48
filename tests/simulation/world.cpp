#include "tests/simulation/world.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <random>

#include "actors/node_registry.hpp"
#include "actors/simulated_transport.hpp"
#include "actors/supervisor.hpp"
#include "actors/virtual_time.hpp"
#include "messages/protocols.hpp"
#include "providers/catalog/cost.hpp"
#include "tests/simulation/procedures.hpp"
#include "tests/simulation/simulated_examiner.hpp"
#include "tests/simulation/stopping.hpp"

namespace assay::tests {

using namespace std::chrono_literals;

namespace {

/// Right if the answer is the sum that was asked for.
class sum_judge final : public evaluation::rule_judge {
 public:
  explicit sum_judge(bool blocks) : blocks_(blocks) {}
  unsigned blocks() const override { return blocks_ ? 2 : 0; }
  verdict score(const sample& s, const answer& a) const override {
    verdict v;
    v.scored = true;
    v.score = a.text.find(s.targets.front()) != std::string::npos;
    return v;
  }

 private:
  bool blocks_;
};

/// Most programs are short, one in twenty runs ten times as long.
program_time time_of_programs(double mean_s) {
  return [mean_s](const sample& item) {
    auto n = std::stoul(item.id);
    return from_seconds(mean_s * (n % 20 == 7 ? 10 : 0.5 + 0.1 * static_cast<double>(n % 5)));
  };
}

std::shared_ptr<const evaluation::rule_judge> rule_of(const scenario& s) {
  return std::make_shared<sum_judge>(s.program_s > 0);
}

actors::examinations_config examinations_of(const scenario& s, const simulated_node& n) {
  return {n.programs, spawn_simulated_examiner(time_of_programs(s.program_s * n.slowness)),
          [rule = rule_of(s)](const judge_settings&, const evaluation::judge_files&)
              -> expected<std::shared_ptr<const evaluation::rule_judge>> { return rule; }};
}

task make_task(const scenario& s, std::uint32_t i) {
  task t;
  t.key = hash_parts({"simulated", std::to_string(i)});
  t.position = i;
  t.where = {"sums", "model", "plain", "", "", "direct_answer"};
  t.item.id = std::to_string(i);
  t.item.input = "What is " + std::to_string(i) + " + 7?";
  t.item.targets = {std::to_string(i + 7)};
  t.request.model = "model";
  t.request.messages = {{role::user, t.item.input}};
  t.request.max_tokens = 50;
  t.input_tokens = 10;
  if (s.providers_of) {
    t.providers = s.providers_of(i);
  } else {
    for (const auto& a : s.accounts) t.providers.push_back(a.client.name);
  }
  return t;
}

work_ptr make_work(const scenario& s, const memory_store& store) {
  auto w = std::make_shared<work>();
  w->positions = missing_in(store);
  auto tasks = std::make_shared<std::map<std::uint32_t, task>>();
  for (auto i : w->positions) tasks->emplace(i, make_task(s, i));
  for (const auto& [batch, missing] : open_batches(store))  // nobody else may be asked
    for (const auto& key : missing) tasks->at(store.position.at(key)).providers = {batch.provider};
  w->make = [tasks](std::uint32_t i) { return tasks->at(i); };
  std::map<std::vector<std::string>, std::uint32_t> classes;
  auto class_of = std::make_shared<std::map<std::uint32_t, std::uint32_t>>();
  for (const auto& [i, t] : *tasks) {
    auto [found, is_new] = classes.try_emplace(t.providers, w->classes.size());
    auto held = t.providers.size() < make_task(s, i).providers.size();
    if (is_new)
      w->classes.push_back(
          {"model", t.providers, held ? std::vector<std::string>{} : s.fallback, s.route, 1});
    class_of->emplace(i, found->second);
  }
  w->class_of = [class_of](std::uint32_t i) { return class_of->at(i); };
  if (s.calls > 1) {
    w->classes = {{s.stop_when ? "model" : "", {chained}, {}, route_policy::any_room, 0}};
    w->class_of = [](std::uint32_t) { return 0u; };
  }
  if (s.stop_when) choose_by_rule(s, store, *w);
  w->ceiling = [prices = s.prices](const task& t) {
    return catalog::cost_ceiling(t.input_tokens, *t.request.max_tokens, prices);
  };
  w->spending.max_cost_usd = s.max_cost_usd;
  w->concurrency = s.concurrency;
  w->judges = s.asking_judge ? 2 : 1;
  w->reserve = s.asking_judge ? 0.2 : 0;
  return w;
}

/// What the ledger knows of an account's requests, and after a crash what it may not know.
actors::account_memory recall(const memory_store& store, const provider_settings& account,
                              bool after_a_crash) {
  actors::account_memory memory;
  memory.provider = account.name;
  if (after_a_crash) memory.perhaps_in_flight = account.limits.max_parallel;
  for (const auto& [key, attempts] : store.attempts)
    for (const auto& tried : attempts)
      if (tried.provider == account.name)
        memory.sent.push_back({tried.at.admitted, "model",
                               static_cast<double>(tried.usage.input.value_or(0)),
                               static_cast<double>(tried.usage.output.value_or(0)),
                               tried.cost.value, tried.from.egress});
  std::sort(memory.sent.begin(), memory.sent.end(),
            [](const auto& a, const auto& b) { return a.at < b.at; });
  return memory;
}

std::vector<sample> known_samples(const scenario& s) {
  std::vector<sample> known;
  for (std::uint32_t i = 0; s.known_answers && i < s.tasks; ++i)
    known.push_back(make_task(s, i).item);
  return known;
}

/// The services, and what reaches them from an address.
fleet::make_transport wires_of(const scenario& s, instant began, world_end& end) {
  actors::simulated_transport_config wire;
  for (const auto& account : s.accounts)
    wire.services[account.client.name] =
        std::make_shared<simulated::service>(account.server, known_samples(s));
  wire.lost_reports = s.lost_reports;
  if (s.slower_s)
    wire.slower = [slower = s.slower_s, began](const std::string& host, instant now, double draw) {
      return from_seconds(slower(host, seconds(now - began), draw));
    };
  wire.seed = s.seed;
  wire.log = [&end](const std::string& host, const simulated::truth& t) {
    end.arrivals[host].push_back(t);
  };
  return [wire](caf::local_actor& parent, const std::string& address) {
    auto own = wire;
    own.address = address;
    return parent.spawn(actors::simulated_transport, std::move(own));
  };
}

actors::supervisor_config tree_of(const scenario& s, std::shared_ptr<memory_store> store,
                                  const fleet::make_transport& wires) {
  actors::supervisor_config tree;
  for (const auto& account : s.accounts) {
    auto access = std::make_shared<actors::account_access>();
    access->settings = account.client;
    access->settings.base_url = "http://" + account.client.name + "/v1";
    access->dialect = dialects::find(account.client.dialect);
    access->prices["model"] = s.prices;
    tree.providers.push_back(access);
  }
  tree.judges = {{.settings = {.name = "sum"},
                  .rule = rule_of(s),
                  .examiners = spawn_simulated_examiner(time_of_programs(s.program_s))}};
  tree.programs_here = s.programs_here;
  tree.conductors =
      conductors_of(s, store, [s](std::uint32_t position) { return make_task(s, position); });
  tree.spawn_transport = [wires](caf::local_actor& parent) { return wires(parent, ""); };
  if (s.only_nodes) tree.places_here = 0;
  tree.open_ledger = [store]() -> expected<std::unique_ptr<storage::record_store>> {
    return open_memory(store);
  };
  tree.missing = [s, store]() -> expected<work_ptr> { return make_work(s, *store); };
  tree.stopping = [s, store]() -> expected<std::optional<actors::stopper_config>> {
    return stopper_of(s, *store);
  };
  tree.delivery = s.delivery;
  tree.open_batches = [store]() -> expected<std::vector<actors::held_batch>> {
    std::vector<actors::held_batch> held;
    for (auto& [row, missing] : open_batches(*store)) held.push_back({row, missing});
    return held;
  };
  tree.recall = [s, store,
                 crashed = false]() mutable -> expected<std::vector<actors::account_memory>> {
    std::vector<actors::account_memory> all;
    for (const auto& account : s.accounts) all.push_back(recall(*store, account.client, crashed));
    crashed = true;
    return all;
  };
  tree.hedge = s.hedge;
  tree.batching = s.batching;
  tree.seed = s.seed;
  tree.own_threads = false;
  tree.monitor_tick = s.look_every;
  return tree;
}

std::vector<account_offer> offers_of(const actors::supervisor_config& tree) {
  std::vector<account_offer> offers;
  for (const auto& access : tree.providers) offers.push_back({.provider = access->settings.name});
  return offers;
}

/// The nodes of the scenario; they find the accounts as the coordinator has them.
std::unique_ptr<fleet> fleet_of(const scenario& s, caf::actor_system& system,
                                const actors::supervisor_config& tree,
                                const fleet::make_transport& wires) {
  if (s.nodes.empty()) return nullptr;
  auto find = [accounts = tree.providers](
                  const account_offer& offer) -> expected<actors::account_access_ptr> {
    for (const auto& access : accounts)
      if (access->settings.name == offer.provider) return access;
    return fail(offer.provider, "unknown account");
  };
  return std::make_unique<fleet>(system, s.nodes, tree.nodes, offers_of(tree), node_settings{},
                                 wires, find,
                                 [s](const simulated_node& n) { return examinations_of(s, n); });
}

}  // namespace

simulated_account plain_account(const std::string& name, int places, double first_token_ms) {
  simulated_account a;
  a.client.name = a.server.name = name;
  a.client.limits.max_parallel = a.server.limits.max_parallel = places;
  a.server.models = {
      mock_model{.name = "model", .first_token_ms = {first_token_ms, first_token_ms}}};
  return a;
}

world_end run_world(const scenario& s) {
  spdlog::set_level(std::getenv("WORLD_LOG")
                        ? spdlog::level::debug
                        : spdlog::level::off);  // thousands of worlds fail on purpose
  world_end end;
  auto store = std::make_shared<memory_store>();
  store->fail_commit = s.fail_commit;
  store->fail_note = s.fail_note;
  store->fail_after_write = s.fail_after_write;
  for (std::uint32_t i = 0; i < s.tasks; ++i) store->position[make_task(s, i).key] = i;

  actors::virtual_config config;
  caf::actor_system system{config};
  actors::virtual_time time{system};
  auto began = time.now();
  auto elapsed = [&] { return seconds(time.now() - began); };
  std::mt19937_64 random{s.seed};
  auto run_ready = [&] {  // in an order drawn from the seed
    time.run([&](std::size_t n) { return s.shuffle ? random() % n : 0; });
  };

  caf::scoped_actor self{system};
  auto wires = wires_of(s, began, end);
  auto tree = tree_of(s, store, wires);
  if (!s.nodes.empty()) tree.nodes = self->spawn(actors::node_registry, node_settings{});
  auto nodes = fleet_of(s, system, tree, wires);
  auto root = self->spawn(actors::supervisor, tree);
  auto next_look = time.now();
  auto look = [&] {
    auto asked = self->request(root, caf::infinite, status_atom_v);  // it always answers at once
    run_ready();
    asked.receive([&](progress_snapshot& p) { end.last = std::move(p); }, [](const caf::error&) {});
    end.finished = end.last.run.finished;
    next_look = time.now() + s.look_every;
  };
  auto drained = s.drain_after_s == 0;
  auto again = s.start_again;
  while (elapsed() < s.give_up_after_s) {
    if (nodes) nodes->look(time.now());
    run_ready();
    if (!drained && elapsed() >= s.drain_after_s) {
      self->send(root, drain_atom_v, std::string{"interrupted"});
      drained = true;
      continue;
    }
    if (time.now() >= next_look) look();
    if (end.finished && drained && again) {
      again = false;
      self->send_exit(root, caf::exit_reason::user_shutdown);
      run_ready();
      root = self->spawn(actors::supervisor, tree);
      end.finished = false;
      continue;
    }
    if (end.finished || !time.next_timer()) break;
  }
  if (!end.finished) look();
  end.finished_s = elapsed();
  for (const auto& [key, attempts] : store->attempts)
    for (const auto& tried : attempts)
      end.makespan_s = std::max(end.makespan_s, seconds(tried.at.done - began));
  if (tree.nodes) {
    auto asked = self->request(tree.nodes, caf::infinite, status_atom_v);
    run_ready();
    asked.receive([&](std::vector<node_status>& n) { end.nodes = std::move(n); },
                  [](const caf::error&) {});
  }
  self->send_exit(root, caf::exit_reason::user_shutdown);
  nodes.reset();
  if (tree.nodes) self->send_exit(tree.nodes, caf::exit_reason::user_shutdown);
  run_ready();
  while (!s.nodes.empty() && system.registry().running() > 1 && time.next_timer()) run_ready();
  end.store = *store;
  return end;
}

}  // namespace assay::tests
