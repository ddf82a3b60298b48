#include "app/demo/node_stage.hpp"

#include <algorithm>
#include <fstream>

namespace assay::demo {

using namespace std::chrono_literals;

namespace {

constexpr auto look_interval = 50ms;
constexpr auto patience = 20s;
constexpr auto grace = 5s;

/// What a process said last.
std::string last_line(const std::filesystem::path& log) {
  std::ifstream in(log);
  std::string last;
  for (std::string line; std::getline(in, line);)
    if (!line.empty()) last = line;
  return last;
}

}  // namespace

checked<std::unique_ptr<app::stage>> node_stage::open(settings config,
                                                      std::unique_ptr<app::leadership> leads,
                                                      const node_options& options) {
  auto one = [](problem p) { return tl::make_unexpected(std::vector<problem>{std::move(p)}); };
  std::unique_ptr<node_stage> made(new node_stage);
  std::string address = "127.0.0.1";
  if (options.own_hosts) {
    auto own = hosts::make(options.names.size(), options.where.of_mode() / "hosts.log");
    if (!own) return one(own.error());
    made->hosts_ = std::move(*own);
    address = hosts::our_address();
  }
  if (auto ready = make_certificates(options.where, options.names); !ready)
    return one(ready.error());
  config.nodes.listen = address + ":0";
  auto serving = app::serving_stage::open(std::move(config), options.where.ledger(),
                                          std::move(leads), 0, address);
  if (!serving) return tl::make_unexpected(serving.error());
  made->serving_ = std::move(*serving);
  if (auto started = made->start(options, address); !started) return one(started.error());
  if (auto all = made->wait_for_all(); !all) return one(all.error());
  return std::unique_ptr<app::stage>(std::move(made));
}

node_stage::~node_stage() {
  for (auto& n : nodes_) n.running.terminate();
  const auto until = std::chrono::steady_clock::now() + grace;
  for (auto& n : nodes_) {
    const auto left = std::chrono::ceil<milliseconds>(until - std::chrono::steady_clock::now());
    n.running.wait(std::max(left, 0ms));
  }
}

expected<void> node_stage::start(const node_options& options, const std::string& address) {
  const auto program = std::filesystem::read_symlink("/proc/self/exe");
  const auto coordinator = address + ":" + std::to_string(serving_->here().port());
  for (std::size_t i = 0; i < options.names.size(); ++i) {
    const auto& name = options.names[i];
    const auto log = options.where.of_mode() / (name + ".log");
    auto running = process::start({program, "node", "--coordinator", coordinator, "--certificates",
                                   options.where.certificates(), "--worker-id", name,
                                   "--results-dir", options.where.of_mode() / "spool"},
                                  log, hosts_ ? hosts_->network(i) : -1);
    if (!running) return tl::make_unexpected(running.error());
    nodes_.push_back({name, log, std::move(*running)});
  }
  return {};
}

expected<void> node_stage::wait_for_all() {
  const auto until = std::chrono::steady_clock::now() + patience;
  while (joined() < nodes_.size()) {
    for (auto& n : nodes_)
      if (n.running.wait(look_interval / nodes_.size()))
        return fail(n.log, n.name + " has ended: " + last_line(n.log));
    if (std::chrono::steady_clock::now() > until)
      return fail(nodes_.front().log.parent_path(),
                  "not all nodes have joined within " + std::to_string(patience.count()) + " s",
                  "their logs say why");
  }
  return {};
}

/// Those that can be handed calls.
std::size_t node_stage::joined() const {
  const auto all = serving_->here().nodes();
  return static_cast<std::size_t>(
      std::count_if(all.begin(), all.end(), [](const node_status& n) { return n.state == "up"; }));
}

}  // namespace assay::demo
