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
#include "tests/simulation/stopping.hpp"

namespace assay::tests {

using namespace std::chrono_literals;

namespace {

/// Right if the answer is the sum that was asked for.
class sum_judge final : public evaluation::rule_judge {
 public:
  verdict score(const sample& s, const answer& a) const override {
    verdict v;
    v.scored = true;
    v.score = a.text.find(s.targets.front()) != std::string::npos;
    return v;
  }
};

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
        memory.sent.push_back(
            {tried.at.admitted, "model", static_cast<double>(tried.usage.input.value_or(0)),
             static_cast<double>(tried.usage.output.value_or(0)), tried.cost.value});
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

actors::supervisor_config tree_of(const scenario& s, std::shared_ptr<memory_store> store,
                                  instant began, world_end& end) {
  actors::supervisor_config tree;
  actors::simulated_transport_config wire;
  for (const auto& account : s.accounts) {
    auto access = std::make_shared<actors::account_access>();
    access->settings = account.client;
    access->settings.base_url = "http://" + account.client.name + "/v1";
    access->dialect = dialects::find(account.client.dialect);
    access->prices["model"] = s.prices;
    tree.providers.push_back(access);
    wire.services[account.client.name] =
        std::make_shared<simulated::service>(account.server, known_samples(s));
  }
  wire.lost_reports = s.lost_reports;
  if (s.slower_s)
    wire.slower = [slower = s.slower_s, began](const std::string& host, instant now, double draw) {
      return from_seconds(slower(host, seconds(now - began), draw));
    };
  wire.seed = s.seed;
  wire.log = [&end](const std::string& host, const simulated::truth& t) {
    end.arrivals[host].push_back(t);
  };
  tree.judges = {{judge_settings{.name = "sum"}, std::make_shared<sum_judge>(), {}}};
  tree.conductors =
      conductors_of(s, store, [s](std::uint32_t position) { return make_task(s, position); });
  tree.spawn_transport = [wire](caf::local_actor& parent) {
    return parent.spawn(actors::simulated_transport, wire);
  };
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
                                const actors::supervisor_config& tree) {
  if (s.nodes.empty()) return nullptr;
  auto find = [accounts = tree.providers](
                  const account_offer& offer) -> expected<actors::account_access_ptr> {
    for (const auto& access : accounts)
      if (access->settings.name == offer.provider) return access;
    return fail(offer.provider, "unknown account");
  };
  return std::make_unique<fleet>(system, s.nodes, tree.nodes, offers_of(tree), node_settings{},
                                 tree.spawn_transport, find);
}

}  // namespace

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

  caf::actor_system_config config;
  register_node_messages(config);
  configure(config, true, 1);
  caf::actor_system system{config};
  actors::virtual_time time{system};
  auto began = time.now();
  auto elapsed = [&] { return seconds(time.now() - began); };
  std::mt19937_64 random{s.seed};
  auto run_ready = [&] {  // in an order drawn from the seed
    time.run([&](std::size_t n) { return s.shuffle ? random() % n : 0; });
  };

  caf::scoped_actor self{system};
  auto tree = tree_of(s, store, began, end);
  if (!s.nodes.empty()) tree.nodes = self->spawn(actors::node_registry, node_settings{});
  auto nodes = fleet_of(s, system, tree);
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

namespace {

/// Nodes that die, freeze out of the network and come back. One stays, or the coordinator calls.
void draw_nodes(scenario& s, std::mt19937_64& random) {
  auto chance = [&](double p) { return std::uniform_real_distribution<>(0, 1)(random) < p; };
  auto between = [&](double a, double b) { return std::uniform_real_distribution<>(a, b)(random); };
  s.only_nodes = chance(0.7);
  if (s.only_nodes && chance(0.3)) s.accounts[0].client.node_tags = {"here"};
  auto count = 1 + random() % 4;
  for (std::uint64_t i = 0; i < count; ++i) {
    simulated_node n;
    n.name = "n" + std::to_string(i);
    n.max_parallel = static_cast<std::uint32_t>(between(1, 20));
    if (chance(0.5)) n.latency = from_seconds(between(0, 0.1));
    n.lame = i > 0 && chance(0.1);
    if (i == 0 || chance(0.5)) n.tags = {"here"};
    auto stays = s.only_nodes && i == 0;
    for (double t = between(0, 5); !stays && n.events.size() < 6 && chance(0.6);
         t += between(0, 9)) {
      auto crash = chance(0.5);
      n.events.push_back({t, crash ? node_event::kind::crash : node_event::kind::cut});
      t += between(0, 9);
      n.events.push_back({t, crash ? node_event::kind::start : node_event::kind::mend});
    }
    s.nodes.push_back(std::move(n));
  }
}

}  // namespace

scenario draw_scenario(std::uint64_t seed) {
  std::mt19937_64 random{seed * 0x9E3779B97F4A7C15ull + 1};
  auto chance = [&](double p) { return std::uniform_real_distribution<>(0, 1)(random) < p; };
  auto between = [&](double a, double b) { return std::uniform_real_distribution<>(a, b)(random); };
  scenario s;
  s.seed = seed;
  s.tasks = static_cast<std::uint32_t>(between(5, 60));
  auto count = 1 + random() % 3;
  for (std::uint64_t i = 0; i < count; ++i) {
    simulated_account a;
    a.client.name = "p" + std::to_string(i);
    a.client.limits.max_parallel = static_cast<int>(between(1, 12));
    a.client.limits_of_time = {5s, 5s, 5s, 30s};
    a.client.retry.initial_backoff = 500ms;
    if (chance(0.7)) {
      rate_limit limit;
      limit.amount = std::floor(between(2, 60));
      limit.window = milliseconds{chance(0.5) ? 1'000 : 10'000};
      limit.shape = static_cast<limit_shape>(random() % 3);
      limit.burst = std::max(1.0, std::floor(between(1, limit.amount)));
      limit.key = "limit";
      a.client.limits.rates.push_back(limit);
    }
    a.server.name = a.client.name;
    a.server.seed = seed;
    a.server.limits = a.client.limits;
    mock_model m;
    m.name = "model";
    m.first_token_ms = {between(5, 800), between(800, 3'000)};
    m.output_tokens = {5, 40};
    m.tokens_per_second = chance(0.5) ? between(20, 200) : 0;
    a.server.models = {m};
    if (chance(0.6)) {
      auto& f = a.server.faults;
      for (double* p : {&f.http_500, &f.http_429, &f.overloaded, &f.close, &f.hang, &f.cut,
                        &f.stall, &f.error_event, &f.no_terminator, &f.bad_json})
        *p = chance(0.3) ? between(0, 0.08) : 0;
    }
    s.accounts.push_back(std::move(a));
  }
  if (chance(0.5))
    s.providers_of = [count](std::uint32_t i) {
      return std::vector<std::string>{"p" + std::to_string(i % count)};
    };
  if (chance(0.2)) s.concurrency = static_cast<std::uint32_t>(between(1, 8));
  if (chance(0.25)) {
    s.fail_commit = static_cast<int>(between(1, 12));
    s.fail_after_write = chance(0.5);
  }
  if (chance(0.15)) s.drain_after_s = between(0.1, 5);
  if (chance(0.3)) s.hedge = 0.1;
  if (chance(0.2))
    s.batching = {static_cast<int>(between(2, 6)), static_cast<int>(between(1, 3)),
                  milliseconds{static_cast<int>(between(50, 1'000))}};
  if (chance(0.15)) s.lost_reports = between(0, 0.05);
  if (chance(0.15)) {
    s.delivery = delivery_mode::batch;
    s.batching = {};
    s.hedge = 0;
    s.concurrency.reset();
    s.give_up_after_s = 24 * 3600;
    if (chance(0.5)) s.fail_note = static_cast<int>(between(1, 15));
    for (auto& a : s.accounts) {
      a.client.dialect = chance(0.5) ? "openai" : "anthropic";
      a.client.batch.max_items = static_cast<int>(between(2, 30));
      a.client.batch.poll = 2s;
      a.client.batch.longest_poll = 10s;
      a.client.retry.max_outage = 12h;
      a.server.batch.time = milliseconds{static_cast<int>(between(0, 60'000))};
      if (chance(0.3)) a.server.batch.expired = between(0, 0.3);
    }
  } else if (chance(0.25)) {
    s.calls = static_cast<int>(between(2, 5));
  }
  if (s.delivery == delivery_mode::single && chance(0.3)) draw_nodes(s, random);
  s.asking_judge = s.delivery == delivery_mode::single && chance(0.25);
  if (s.delivery == delivery_mode::single && chance(0.15)) {
    s.stop_when = stop_rule{"sum", between(0.3, 0.5), 0.95, 1 + random() % 20};
    s.known_answers = chance(0.5);
    s.start_again = chance(0.3);
  }
  return s;
}

namespace {

/// Of batches: what a server was given to answer is what was recorded, unless a crash has lost the
/// attempts of tasks that were to be asked again.
bool paid_once(const scenario& s, const world_end& end) {
  if (s.delivery == delivery_mode::single || s.fail_commit > 0 || s.fail_note > 0) return true;
  std::size_t handed_over = 0, recorded = 0;
  for (const auto& [name, log] : end.arrivals)
    for (const auto& t : log) handed_over += t.items;
  for (const auto& [key, attempts] : end.store.attempts)
    recorded += static_cast<std::size_t>(std::count_if(
        attempts.begin(), attempts.end(), [](const auto& tried) { return tried.batched; }));
  return handed_over == recorded;
}

/// Whether a question to the judge about this task ended in error, so that there is no verdict.
bool could_not_ask(const memory_store& store, const task_key& task) {
  return std::any_of(store.steps.begin(), store.steps.end(), [&](const auto& step) {
    return store.parents.at(step.first) == task && step.second.status == outcome_status::error;
  });
}

bool placed_well(const scenario& s, const world_end& end) {
  auto has_tags = [&](const attempt& tried) {
    for (const auto& account : s.accounts)
      if (account.client.name == tried.provider)
        for (const auto& tag : account.client.node_tags) {
          auto node = std::find_if(s.nodes.begin(), s.nodes.end(),
                                   [&](const auto& n) { return n.name == tried.from.node; });
          if (node == s.nodes.end() ||
              std::find(node->tags.begin(), node->tags.end(), tag) == node->tags.end())
            return false;
        }
    return true;
  };
  return std::all_of(end.store.attempts.begin(), end.store.attempts.end(),
                     [&](const auto& of_task) {
                       return std::all_of(of_task.second.begin(), of_task.second.end(), has_tags);
                     });
}

bool any_fault(const std::vector<simulated::truth>& arrived) {
  return std::any_of(arrived.begin(), arrived.end(),
                     [](const simulated::truth& t) { return !t.fault.empty(); });
}

bool any_away(const scenario& s) {
  return std::any_of(s.nodes.begin(), s.nodes.end(),
                     [](const simulated_node& n) { return !n.events.empty(); });
}

}  // namespace

std::vector<std::string> violations(const scenario& s, const world_end& end) {
  std::vector<std::string> found;
  auto check = [&](bool holds, const std::string& text) {
    if (!holds) found.push_back(text);
  };
  auto stopped = !end.last.run.stopped_by.empty();
  check(end.finished, "progress or a reason: the run neither finished nor said why");
  check(end.last.run.lost_credits == 0, "every credit counts: the scheduler forgot some");
  check(end.store.answers_replaced == 0, "recorded exactly once: an answer was recorded twice");
  check(end.store.steps_repeated == 0, "recorded exactly once: a step was paid twice");
  check(end.store.outcomes.size() <= s.tasks, "recorded exactly once: more outcomes than tasks");
  if (!stopped) {
    check(paid_once(s, end), "paid once: batches held other requests than were recorded");
    check(end.store.outcomes.size() == s.tasks || (s.stop_when && watch_of(s, end.store).enough()),
          "recorded exactly once: an outcome is missing");
    for (const auto& [key, got] : end.store.outcomes) {
      auto judged = end.store.verdicts.count(key) > 0;
      if (s.fail_commit == 0 && s.fail_note == 0)
        check(judged == (got.status != outcome_status::error),
              "an answer has a verdict, an error has none");
      if (s.asking_judge && got.status != outcome_status::error)
        check(end.store.graded.count(key) > 0 || could_not_ask(end.store, key),
              "an answer has a verdict of the model, or a reason");
    }
  }
  check(placed_well(s, end), "placement: a node without the tags of an account called it");
  for (const auto& account : s.accounts) {
    auto arrived = end.arrivals.find(account.client.name);
    if (arrived == end.arrivals.end()) continue;
    auto parallel = account.client.limits.max_parallel;
    // What a task had sent before it waited for another try dies with the process.
    // So do the calls under way at a node that is away at that moment.
    auto forgotten =
        s.fail_commit > 0 && (s.lost_reports > 0 || any_fault(arrived->second) || any_away(s));
    for (const auto& t : arrived->second) {
      check(t.in_flight <= parallel, "never above a known limit: too many in parallel");
      check(t.status != 429 || t.fault == "http_429" || forgotten,
            "never above a known limit: the server answered 429");
    }
  }
  return found;
}

}  // namespace assay::tests
