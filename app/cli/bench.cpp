#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>

#include "app/bench/findings.hpp"
#include "app/bench/rounds.hpp"
#include "app/bench/subject.hpp"
#include "app/cli/input.hpp"
#include "app/cli/run.hpp"
#include "app/cli/serving.hpp"
#include "app/report/figures.hpp"
#include "app/report/text.hpp"
#include "app/run/accounts.hpp"
#include "app/run/embedded_mocks.hpp"
#include "config/load.hpp"

namespace assay::cli {

namespace {

struct bench_options {
  std::string file;
  bench::subject_wishes subject;
  double interval_s = 1;
  std::vector<std::string> from_nodes;  ///< `all`, or names
  serving_options door;
  std::size_t wait_for = 1;
  double wait_s = 60;
  bool new_connections = false;
  std::optional<double> max_usd;
  std::string output;

  bool serves() const { return !from_nodes.empty(); }
  bool asks_all() const { return from_nodes == std::vector<std::string>{"all"}; }
  bool asks_here() const {
    return !serves() ||
           std::find(from_nodes.begin(), from_nodes.end(), place_here) != from_nodes.end();
  }
};

/// Where the rounds are made from: this process, and nodes if any are wanted.
struct setting_up {
  std::unique_ptr<app::serving_stage> serving;
  app::embedded_mocks mocks;  ///< without nodes
  caf::actor_system_config config;
  std::unique_ptr<caf::actor_system> own;  ///< without nodes

  const settings& all() const { return serving ? serving->config() : mocks.config; }
  caf::actor_system& system() { return serving ? serving->here().home().system : *own; }
  node_registry_actor nodes() {
    return serving ? serving->here().home().nodes : node_registry_actor{};
  }
  std::vector<node_status> node_states() const {
    return serving ? serving->here().nodes() : std::vector<node_status>{};
  }
};

tl::expected<void, exit_code> open(setting_up& stage, settings all, const bench_options& wanted,
                                   const globals& options) {
  if (wanted.serves()) {
    auto door = wanted.door;
    door.calls_here = wanted.asks_here() ? 1 : 0;
    auto opened = open_serving(std::move(all), door, options);
    if (!opened) return tl::make_unexpected(opened.error());
    stage.serving = std::move(*opened);
    return {};
  }
  auto mocks = app::start_embedded_mocks(std::move(all));
  if (!mocks) return refuse(mocks.error());
  stage.mocks = std::move(*mocks);
  register_node_messages(stage.config);
  configure(stage.config, false, 2);
  stage.own = std::make_unique<caf::actor_system>(stage.config);
  return {};
}

/// The account, ours alone, with what the ledger knows of it.
struct owned_account {
  std::unique_ptr<storage::ledger> ledger;
  std::vector<std::unique_ptr<storage::account_lock>> locks;
  actors::round_caller_config caller;
};

checked<owned_account> own_account(const settings& all, const bench_options& wanted,
                                   const std::string& ledger_path, const time_anchor& anchor) {
  auto keys = wanted.asks_here() ? app::key_holder::this_process : app::key_holder::nodes;
  auto accounts = app::open_accounts(all, all.experiments.front().models, keys);
  if (!accounts) return tl::make_unexpected(accounts.error());
  owned_account own;
  auto take = [&]() -> expected<void> {
    auto ledger = storage::open_ledger(ledger_path);
    if (!ledger) return tl::make_unexpected(ledger.error());
    own.ledger = std::move(*ledger);
    auto locks = app::lock_accounts(*own.ledger, *accounts);
    if (!locks) return tl::make_unexpected(locks.error());
    own.locks = std::move(*locks);
    auto crashed = app::ended_without_a_word(*own.ledger);
    if (!crashed) return tl::make_unexpected(crashed.error());
    auto memory = app::recall(*own.ledger, *accounts, anchor, *crashed);
    if (!memory) return tl::make_unexpected(memory.error());
    own.caller.memory = std::move(memory->front());
    return {};
  };
  if (auto taken = take(); !taken) return tl::make_unexpected(std::vector{taken.error()});
  own.caller.access = accounts->front();
  own.caller.anchor = anchor;
  own.caller.seed = static_cast<std::uint64_t>(anchor.unix_ns(anchor.steady));
  return own;
}

/// A line that is written over on a terminal; elsewhere one line every ten seconds.
class progress_line {
 public:
  progress_line(std::uint32_t rounds, bool quiet)
      : rounds_(rounds), quiet_(quiet), terminal_(isatty(STDERR_FILENO) == 1) {}

  void clear() {
    if (std::exchange(shown_, false)) std::fprintf(stderr, "\r\033[K");
  }

  void show(const rounds_status& s) {
    auto now = std::chrono::steady_clock::now();
    if (quiet_ || (!terminal_ && now < next_)) return;
    if (!terminal_) next_ = now + std::chrono::seconds(10);
    std::fprintf(
        stderr, "%sround %u of %u, %llu requests, %llu failed, %s%s%s%s",
        terminal_ ? "\r\033[K" : "", s.begun, rounds_, static_cast<unsigned long long>(s.ended),
        static_cast<unsigned long long>(s.failed), report::show_usd(s.cost).c_str(),
        s.waiting_on.empty() ? "" : "; waits for ", s.waiting_on.c_str(), terminal_ ? "" : "\n");
    shown_ = terminal_;
  }

 private:
  std::uint32_t rounds_;
  bool quiet_, terminal_, shown_ = false;
  instant next_{};
};

expected<void> write_to(const std::string& path, const std::string& text) {
  std::ofstream out(path, std::ios::binary);
  out << text << "\n";
  out.close();
  if (!out) return fail(path, "cannot be written", "is the folder there, and writable?");
  return {};
}

/// Prints what was found; its exit code.
int hand_over(const bench::record& r, bool was_interrupted, const bench_options& wanted,
              const globals& options) {
  auto found = bench::find_out(r);
  auto json =
      bench::to_json(r, found).dump(2, ' ', false, nlohmann::json::error_handler_t::replace);
  if (options.json)
    std::printf("%s\n", json.c_str());
  else
    std::printf("%s", report::to_text(bench::describe(r, found)).c_str());
  if (!wanted.output.empty())
    if (auto written = write_to(wanted.output, json); !written) {
      print_problems({written.error()});
      return usage_error;
    }
  if (was_interrupted) return interrupted;
  auto whole = r.end.stopped_by.empty() || r.end.stopped_by.starts_with("budget reached");
  return r.end.failed == 0 && r.end.ended > 0 && whole ? success : some_errors;
}

round_plan plan_of(const bench_options& wanted, const settings& all,
                   std::vector<chat_request> prompts) {
  round_plan plan;
  plan.model = all.models.front().name;
  plan.prompts = std::move(prompts);
  if (!wanted.serves())
    plan.places = {place_here};
  else if (!wanted.asks_all())
    plan.places = wanted.from_nodes;
  plan.rounds = wanted.subject.rounds;
  plan.interval = from_seconds(wanted.interval_s);
  plan.new_connections = wanted.new_connections;
  if (wanted.max_usd) plan.most_cost = usd{*wanted.max_usd};
  plan.patience = from_seconds(wanted.wait_s);
  return plan;
}

/// From the places that come to what was found out.
int measure(setting_up& stage, actors::round_caller_config config, round_plan plan,
            const bench_options& wanted, const globals& options) {
  bench::record r{.provider = config.access->settings.name,
                  .anchor = config.anchor,
                  .bad_lag = stage.all().nodes.bad_lag};
  config.nodes = stage.nodes();
  bench::caller calls(stage.system(), std::move(config), wanted.asks_here());
  progress_line line(plan.rounds, options.quiet);
  bench::surroundings world{app::wait_for_stop_signal,
                            [&](const rounds_status& s) { line.show(s); }};
  bench::gathering_wishes who{plan.places, wanted.wait_for, from_seconds(wanted.wait_s)};
  auto ready = bench::gather(calls, who, world);
  r.absent = bench::absent(who, ready, stage.node_states(), r.provider);
  for (const auto& why : r.absent) std::fprintf(stderr, "not taking part: %s\n", why.c_str());
  if (ready.empty()) {
    std::fprintf(stderr, "no place to ask from\n");
    return some_errors;
  }
  r.plan = plan;
  auto made = bench::make_rounds(calls, std::move(plan), world);
  line.clear();
  r.requests = std::move(made.requests);
  r.end = std::move(made.end);
  return hand_over(r, made.interrupted, wanted, options);
}

int run_bench(const bench_options& wanted, const globals& options) {
  auto all = config::load(wanted.file);
  if (!all) return refuse(all.error()).value();
  auto narrowed = bench::narrow(std::move(*all), wanted.subject);
  if (!narrowed) return refuse({narrowed.error()}).value();
  auto prompts = bench::prompts_of(*narrowed, wanted.subject);
  if (!prompts) return refuse(prompts.error()).value();
  const auto& prices = narrowed->models.front().prices;
  if (wanted.max_usd && !prices.input && !prices.output)
    return refuse({{"--max-usd", "the prices of " + wanted.subject.model + " are not known",
                    "set prices in [models." + wanted.subject.model + "]"}})
        .value();
  app::block_stop_signals();
  setting_up stage;
  if (auto opened = open(stage, std::move(*narrowed), wanted, options); !opened)
    return opened.error();
  auto own = own_account(stage.all(), wanted, ledger_of(options, stage.all()), app::anchor_now());
  if (!own) return refuse(own.error()).value();
  return measure(stage, std::move(own->caller), plan_of(wanted, stage.all(), std::move(*prompts)),
                 wanted, options);
}

void add_options(CLI::App& command, bench_options& wanted) {
  command.add_option("FILE", wanted.file, "An experiment file that declares model and provider")
      ->required();
  command.add_option("--model", wanted.subject.model, "Ask this model")->required();
  command.add_option("--provider", wanted.subject.provider,
                     "At this provider (default: the first that serves it)");
  auto* prompt =
      command.add_option("--prompt", wanted.subject.prompt, "What is asked")->capture_default_str();
  command
      .add_option("--dataset", wanted.subject.dataset,
                  "Ask the first samples of this dataset in turn, instead of a prompt")
      ->excludes(prompt);
  command.add_option("--rounds", wanted.subject.rounds, "How often to ask")
      ->check(CLI::Range(1u, 1'000'000u))
      ->default_val(30);
  command
      .add_option("--interval", wanted.interval_s, "Seconds from one round to the next, or more")
      ->check(CLI::Range(0.0, 86'400.0))
      ->capture_default_str();
  command
      .add_option("--from-nodes", wanted.from_nodes,
                  "Ask from these nodes (`assay node`) at the same moment: all, or NAME,NAME; "
                  "`local` is this process")
      ->delimiter(',');
  add_serving_options(command, wanted.door);
  command.add_option("--wait-for", wanted.wait_for, "With all: begin when so many nodes are here")
      ->check(CLI::Range(1u, 100'000u))
      ->capture_default_str();
  command.add_option("--wait-seconds", wanted.wait_s, "Wait no longer than this for nodes")
      ->check(CLI::Range(0.0, 86'400.0))
      ->capture_default_str();
  command.add_flag("--new-connections", wanted.new_connections,
                   "Make a new connection for each request");
  command.add_option("--max-usd", wanted.max_usd, "Never spend more than this (USD)")
      ->check(CLI::PositiveNumber);
  command.add_option("--output,-o", wanted.output, "Write everything to this file as JSON, too");
}

}  // namespace

void add_bench(CLI::App& app, globals& options, action& chosen) {
  auto wanted = std::make_shared<bench_options>();
  auto* command = app.add_subcommand(
      "bench",
      "Ask the same at the same moment from several places, round after round, and tell apart what "
      "is the provider's, the network's and the client's");
  add_options(*command, *wanted);
  command->callback([&options, &chosen, wanted] {
    chosen = [&options, wanted] { return run_bench(*wanted, options); };
  });
}

}  // namespace assay::cli
