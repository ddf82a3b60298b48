#include "app/stage/virtual_stage.hpp"

#include <spdlog/spdlog.h>

#include "actors/node_desk.hpp"
#include "actors/node_registry.hpp"
#include "actors/simulated_transport.hpp"
#include "actors/virtual_time.hpp"
#include "actors/workshop.hpp"
#include "app/log.hpp"
#include "app/nodes/coordinator.hpp"
#include "app/nodes/node.hpp"
#include "app/run/accounts.hpp"
#include "app/run/embedded_mocks.hpp"
#include "app/run/tree.hpp"
#include "app/version.hpp"

namespace assay::app {

using namespace std::chrono_literals;

namespace {

/// Of virtual time; how often the tree is asked how it is.
constexpr auto look_interval = 1s;
constexpr auto give_up_after = std::chrono::hours{24 * 30};

class virtual_world final : public stage {
 public:
  explicit virtual_world(const virtual_options& options) : options_(options), began_(time_.now()) {}

  /// Brings the simulated providers and the nodes to life. REQUIRES: called once, first.
  checked<void> begin(settings config) {
    auto start = [&](const mock_settings& mock,
                     std::vector<sample> samples) -> expected<std::string> {
      services_[mock.name] = std::make_shared<simulated::service>(mock, std::move(samples), now());
      return "http://" + mock.name;
    };
    auto addressed = with_mocks(std::move(config), start);
    if (!addressed) return tl::make_unexpected(addressed.error());
    config_ = std::move(*addressed);
    if (options_.nodes == 0) return {};
    registry_ = self_->spawn(actors::node_registry, config_.nodes);
    for (const auto& access : accounts_of(config_))
      offers_.push_back(offer_of(*access, node_credentials::own));
    for (std::uint32_t i = 1; i <= options_.nodes; ++i) add_node("node-" + std::to_string(i));
    time_.run();
    return {};
  }

  ~virtual_world() override {
    for (const auto& desk : desks_)
      self_->send(desk, leave_atom_v, std::string{"the coordinator stops"});
    for (const auto& node : nodes_) self_->send_exit(node, caf::exit_reason::user_shutdown);
    if (registry_) self_->send_exit(registry_, caf::exit_reason::user_shutdown);
    time_.run();
    while (system_.registry().running() > 1 && time_.next_timer()) time_.run();  // we are the one
  }

  const settings& config() const override { return config_; }

  time_anchor now() const override {
    auto at = time_.now();
    return {at, options_.begins +
                    std::chrono::duration_cast<std::chrono::system_clock::duration>(at - began_)};
  }

  session_end run(const prepared_run& run, const session_options& options,
                  const time_anchor& anchor) override {
    progress_display display{frame_of(run), options.terminal, options.quiet, anchor.steady};
    redirect_log([&](const std::string& line) { display.print_above(line); });
    auto root = self_->spawn(actors::supervisor, virtual_tree(run, anchor));
    auto end = wait(root, run, anchor, display);
    self_->send_exit(root, caf::exit_reason::user_shutdown);
    time_.run();
    redirect_log({});
    return end;
  }

 private:
  transport_actor spawn_transport(caf::local_actor& parent) const {
    actors::simulated_transport_config wire;
    wire.services = services_;
    return parent.spawn(actors::simulated_transport, std::move(wire));
  }

  /// A process of its own elsewhere, here the two actors at the ends of its connection.
  void add_node(const std::string& name) {
    actors::workshop_config config;
    config.terms.name = name;
    config.terms.version = version;
    config.spawn_transport = [this](caf::local_actor& parent) { return spawn_transport(parent); };
    config.resolve = resolve;
    config.own_threads = false;
    nodes_.push_back(self_->spawn(actors::workshop, std::move(config)));
    desks_.push_back(self_->spawn(
        actors::node_desk,
        actors::node_desk_config{name, registry_, offers_, config_.nodes, "virtual", {}}));
    self_->send(nodes_.back(), join_atom_v, node_desk_actor{desks_.back()});
  }

  actors::supervisor_config virtual_tree(const prepared_run& run, const time_anchor& anchor) const {
    auto tree = tree_of(run, anchor);
    tree.spawn_transport = [this](caf::local_actor& parent) { return spawn_transport(parent); };
    tree.nodes = registry_;
    tree.places_here = registry_ ? 0 : actors::places::unlimited;
    tree.own_threads = false;
    tree.monitor_tick = look_interval;
    tree.seed = options_.seed;
    return tree;
  }

  /// Lets time pass until the run has ended, and passes signals on to it.
  session_end wait(const supervisor_actor& root, const prepared_run& run, const time_anchor& anchor,
                   progress_display& display) {
    int signals = 0;
    auto look_at = time_.now();
    for (time_.run(); time_.next_timer(); time_.run()) {
      if (time_.now() < look_at) continue;
      look_at = time_.now() + look_interval;
      auto s = look(root);
      display.show(s, time_.now());
      if (s.run.finished) {
        note(run, s, anchor);
        return {signals > 0, s.run.stopped_by};
      }
      if (time_.now() - anchor.steady > give_up_after)
        return {false, "nothing comes to an end in 30 days of virtual time"};
      if (wait_for_stop_signal(0ms)) on_signal(++signals, root);
    }
    return {signals > 0, "nothing more happens"};
  }

  progress_snapshot look(const supervisor_actor& root) {
    progress_snapshot s;
    auto asked = self_->request(root, caf::infinite, status_atom_v);  // it always answers at once
    time_.run();
    asked.receive([&](progress_snapshot& p) { s = std::move(p); }, [](const caf::error&) {});
    return s;
  }

  void note(const prepared_run& run, const progress_snapshot& s, const time_anchor& anchor) const {
    auto noted =
        note_limits(*run.ledger, run.info.id, run.providers, s.providers, anchor, time_.now());
    if (!noted) spdlog::warn("limits-not-kept {}", render(noted.error()));
  }

  void on_signal(int count, const supervisor_actor& root) {
    if (count == 1)
      self_->send(root, drain_atom_v, std::string{"interrupted"});
    else
      self_->send(root, stop_atom_v);
  }

  virtual_options options_;
  settings config_;
  std::map<std::string, std::shared_ptr<simulated::service>> services_;  ///< by host
  actors::virtual_config system_config_;
  caf::actor_system system_{system_config_};
  actors::virtual_time time_{system_};
  instant began_;
  caf::scoped_actor self_{system_};
  node_registry_actor registry_;
  std::vector<account_offer> offers_;
  std::vector<workshop_actor> nodes_;
  std::vector<desk_actor> desks_;
};

}  // namespace

checked<std::unique_ptr<stage>> virtual_stage(settings config, const virtual_options& options) {
  auto world = std::make_unique<virtual_world>(options);
  if (auto begun = world->begin(std::move(config)); !begun)
    return tl::make_unexpected(begun.error());
  return std::unique_ptr<stage>(std::move(world));
}

}  // namespace assay::app
