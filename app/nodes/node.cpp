#include "app/nodes/node.hpp"

#include <spdlog/spdlog.h>

#include <random>
#include <thread>
#include <utility>

#include "actors/transport.hpp"
#include "app/nodes/networking.hpp"
#include "evaluation/sandbox/sandbox.hpp"
#include "providers/catalog/credentials.hpp"
#include "remoting/caf_link.hpp"

namespace assay::app {

using namespace std::chrono_literals;

namespace {

constexpr auto look_every = 100ms;
constexpr auto patience = 3s;
/// The coordinator says how large a message may be (`welcome`); no setting of it allows more.
constexpr std::uint32_t largest_message = 1'024u << 20;
constexpr milliseconds first_wait{500};

/// Waits between attempts to connect: each up to twice the one before, drawn at random so that
/// nodes that were lost together do not come back together.
class growing_wait {
 public:
  milliseconds next() {
    auto now = wait_;
    wait_ = std::min(2 * wait_, longest_wait);
    return milliseconds(std::uniform_int_distribution<long>(now.count() / 2, now.count())(random_));
  }
  void reset() { wait_ = first_wait; }

 private:
  milliseconds wait_ = first_wait;
  std::mt19937 random_{std::random_device{}()};
};

}  // namespace

expected<actors::account_access_ptr> resolve(const account_offer& offer) {
  auto access = std::make_shared<actors::account_access>();
  auto& s = access->settings;
  s.name = offer.provider;
  s.dialect = offer.dialect;
  s.base_url = offer.base_url;
  s.api_version = offer.api_version;
  s.credential = offer.credential;
  s.headers = offer.headers;
  s.limits_of_time = offer.limits_of_time;
  s.proxy = offer.proxy;
  s.ca_file = offer.ca_file;
  access->dialect = dialects::find(offer.dialect);
  if (!access->dialect) return fail(offer.provider, "unknown dialect " + offer.dialect);
  if (!offer.key.empty()) {
    access->key = catalog::secret(offer.key);
    return access;
  }
  auto key = catalog::resolve(offer.credential, offer.provider);
  if (!key) return tl::make_unexpected(key.error());
  access->key = *key;
  return access;
}

expected<std::uint32_t> programs_of(const node_options& options) {
  if (options.programs == 0u) return 0u;
  auto box = sandbox::box::open({});
  if (box) return options.programs.value_or(options.terms.cores);
  if (options.programs) return fail("--programs", box.error().what, "apt-get install bubblewrap");
  spdlog::info("no-programs reason=\"{}\"", box.error().what);
  return 0u;
}

struct node::parts {
  networked_config config;
  caf::actor_system system{config};
  std::vector<remoting::address> coordinators;
  std::size_t current = 0;  ///< of them: connected, or tried next
  bool joined_before = false;
  workshop_actor workshop;
  std::unique_ptr<remoting::coordinator_link> link;
  growing_wait wait;
  std::chrono::steady_clock::time_point next_try{};

  ~parts() {
    link.reset();
    caf::anon_send_exit(workshop, caf::exit_reason::user_shutdown);
    workshop = nullptr;
  }

  workshop_status status() {
    workshop_status s;
    caf::scoped_actor self{system};
    self->request(workshop, within(5s), status_atom_v)
        .receive([&](const workshop_status& now) { s = now; }, [](const caf::error&) {});
    return s;
  }

  /// Says why not, or joins.
  expected<void> connect(const remoting::address& where) {
    auto desk = link->connect<node_desk_actor, node_actor>(where, patience);
    if (!desk) return tl::make_unexpected(desk.error());
    expected<void> joined = fail(render(where), "the coordinator did not answer");
    caf::scoped_actor self{system};
    self->request(workshop, within(patience), join_atom_v, *desk)
        .receive(
            [&](const welcome& w) {
              if (w.refused.empty())
                joined = {};
              else
                joined = fail(render(where), "refused: " + w.refused);
            },
            [](const caf::error&) {});
    if (!joined) link->end(joined.error());
    return joined;
  }

  /// Tries one after the other, the one that was lost at last; then waits.
  void stay_connected(const workshop_status& now) {
    if (now.connected || std::chrono::steady_clock::now() < next_try) return;
    if (std::exchange(joined_before, false)) current = (current + 1) % coordinators.size();
    const auto& where = coordinators[current];
    link->end({render(where), "nothing is heard of the coordinator"});
    if (auto joined = connect(where); joined) {
      spdlog::info("joined coordinator={}", render(where));
      wait.reset();
      joined_before = true;
    } else {
      current = (current + 1) % coordinators.size();
      auto pause = current == 0 ? wait.next() : milliseconds(0);
      spdlog::warn("not-connected coordinator={} next_try_s={:.1f} reason=\"{}\"", render(where),
                   seconds(pause), render(joined.error()));
      next_try = std::chrono::steady_clock::now() + pause;
    }
  }
};

node::node(std::unique_ptr<parts> p) : parts_(std::move(p)) {}
node::~node() = default;

expected<std::unique_ptr<node>> node::make(const node_options& options) {
  auto p = std::make_unique<parts>();
  for (const auto& one : options.coordinators) {
    auto where = remoting::parse_address(one);
    if (!where) return tl::make_unexpected(where.error());
    p->coordinators.push_back(*where);
  }
  remoting::link_options link;
  link.files = remoting::credentials_in(options.certificates, options.terms.name);
  link.coordinator = coordinator_name;
  link.max_payload = largest_message;
  auto made = remoting::coordinator_link::make(p->system, std::move(link));
  if (!made) return tl::make_unexpected(made.error());
  p->link = std::move(*made);
  actors::workshop_config config;
  config.terms = options.terms;
  config.egress = options.egress;
  auto programs = programs_of(options);
  if (!programs) return tl::make_unexpected(programs.error());
  config.terms.programs = *programs;
  for (auto name : dialects::names()) config.terms.dialects.emplace_back(name);
  config.spawn_transport = [](caf::local_actor& parent) {
    return parent.spawn(actors::http_transport, transport::engine_options{});
  };
  config.resolve = resolve;
  if (!options.results_dir.empty()) {
    auto opened = actors::spool::open(options.results_dir, options.terms.name);
    if (!opened) return tl::make_unexpected(opened.error());
    config.into = std::make_shared<actors::spool>(std::move(*opened));
    auto held = config.into->load();
    if (held.damaged > 0)
      spdlog::warn("spool-damaged bytes={} kept={}", held.damaged, held.results.size());
    config.kept = std::move(held.results);
  }
  p->workshop = p->system.spawn(actors::workshop, std::move(config));
  return std::unique_ptr<node>(new node(std::move(p)));
}

bool node::work(const std::function<bool(milliseconds)>& wait) {
  int signals = 0;
  while (true) {
    auto now = parts_->status();
    auto nothing_left = now.under_way == 0 && now.examinations == 0 && now.unconfirmed == 0;
    if (signals > 0 && nothing_left) return true;
    if (signals > 1) {
      spdlog::warn("stop: calls={} programs={} results_not_handed_over={}", now.under_way,
                   now.examinations, now.unconfirmed);
      return false;
    }
    parts_->stay_connected(now);
    if (!wait(look_every)) continue;
    if (++signals == 1) {
      spdlog::warn("stopping: finishing {} calls and {} programs; a second signal stops at once",
                   now.under_way, now.examinations);
      caf::anon_send(parts_->workshop, drain_atom_v);
    }
  }
}

}  // namespace assay::app
