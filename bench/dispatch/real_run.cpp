#include "bench/dispatch/real_run.hpp"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include "actors/modelled_transport.hpp"
#include "actors/workshop.hpp"
#include "app/nodes/coordinator.hpp"
#include "app/nodes/networking.hpp"
#include "app/run/prepare.hpp"
#include "bench/must.hpp"
#include "remoting/certificates.hpp"

namespace assay::bench {

using namespace std::chrono_literals;

namespace {

double cpu_of(int who) {
  rusage use;
  ::getrusage(who, &use);
  auto s = [](timeval t) { return static_cast<double>(t.tv_sec) + 1e-6 * t.tv_usec; };
  return s(use.ru_utime) + s(use.ru_stime);
}

double peak_mb() {
  rusage use;
  ::getrusage(RUSAGE_SELF, &use);
  return use.ru_maxrss / 1024.0;
}

std::string name_of(int node) { return "n" + std::to_string(node); }

/// Processes that end with this.
class node_processes {
 public:
  node_processes(const std::string& program, std::uint16_t port, const std::string& certificates,
                 int count, double answer_s) {
    for (int i = 0; i < count; ++i) {
      auto child = ::fork();
      if (child == 0)
        ::execl(program.c_str(), program.c_str(), "--as-node", name_of(i).c_str(), "--port",
                std::to_string(port).c_str(), "--certificates", certificates.c_str(), "--answer",
                std::to_string(answer_s).c_str(), nullptr);
      children_.push_back(child);
    }
  }
  ~node_processes() {
    for (auto child : children_) ::kill(child, SIGKILL);
    for (auto child : children_) ::waitpid(child, nullptr, 0);
  }

 private:
  std::vector<pid_t> children_;
};

class certificate_folder {
 public:
  explicit certificate_folder(int nodes) {
    std::string name = (std::filesystem::temp_directory_path() / "assay-dispatch-XXXXXX").string();
    path = ::mkdtemp(name.data());
    auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    must(remoting::init_authority(path, std::chrono::days(2), now));
    must(remoting::issue_certificate(path, app::coordinator_name, std::chrono::days(1), now));
    for (int i = 0; i < nodes; ++i)
      must(remoting::issue_certificate(path, name_of(i), std::chrono::days(1), now));
  }
  ~certificate_folder() { std::filesystem::remove_all(path); }
  std::string path;
};

double quantile(const std::vector<float>& sorted, double q) {
  return sorted.empty() ? 0 : sorted[static_cast<std::size_t>(q * (sorted.size() - 1))];
}

/// Runs the tree until all tasks have come to an outcome.
measured_run drive(caf::actor_system& system, actors::supervisor_config tree, const load& l,
                   const std::shared_ptr<outcomes>& sums) {
  caf::scoped_actor self{system};
  measured_run m;
  auto cpu = cpu_of(RUSAGE_SELF);
  auto began = std::chrono::steady_clock::now();
  auto root = self->spawn<caf::detached>(actors::supervisor, std::move(tree));
  for (bool done = false; !done; std::this_thread::sleep_for(5ms)) {
    std::lock_guard hold(sums->lock);
    done = sums->answered + sums->others >= l.tasks;
  }
  m.wall_s = seconds(std::chrono::steady_clock::now() - began);
  m.cpu_s = cpu_of(RUSAGE_SELF) - cpu;
  self->monitor(root);
  self->send_exit(root, caf::exit_reason::user_shutdown);
  self->receive([](const caf::down_msg&) {});
  return m;
}

measured_run run_with_nodes(const load& l, const std::string& program, int nodes,
                            const std::shared_ptr<outcomes>& sums) {
  certificate_folder certificates(nodes);
  node_settings rules;
  rules.listen = "127.0.0.1:0";
  rules.certificates = certificates.path;
  rules.credentials = node_credentials::coordinator;
  auto here = must(app::coordinator::open(rules, {account_of(l)}, {.secret = "of no ledger"}));
  node_processes children(program, here->port(), certificates.path, nodes, l.answer_s);
  auto up = [](const node_status& n) { return n.state == "up" && !n.accounts.empty(); };
  for (std::ptrdiff_t joined = 0; joined < nodes; std::this_thread::sleep_for(20ms)) {
    auto all = here->nodes();
    joined = std::count_if(all.begin(), all.end(), up);
  }
  auto tree = tree_of(l, sums);
  auto home = here->home();
  tree.nodes = home.nodes;
  tree.places_here = home.places_here;
  tree.anchor = app::anchor_now();
  return drive(home.system, std::move(tree), l, sums);
}

measured_run run_alone(const load& l, const std::shared_ptr<outcomes>& sums) {
  caf::actor_system_config config;
  register_messages(config);
  configure(config, false, std::max(2u, std::thread::hardware_concurrency()));
  caf::actor_system system{config};
  auto tree = tree_of(l, sums);
  tree.anchor = app::anchor_now();
  return drive(system, std::move(tree), l, sums);
}

}  // namespace

measured_run run_in_real_time(const load& l, const std::string& program, int nodes) {
  auto sums = std::make_shared<outcomes>();
  auto before = cpu_of(RUSAGE_CHILDREN);
  auto m = nodes > 0 ? run_with_nodes(l, program, nodes, sums) : run_alone(l, sums);
  m.node_cpu_s = cpu_of(RUSAGE_CHILDREN) - before;
  m.answered = sums->answered;
  m.others = sums->others;
  std::sort(sums->send_lag_ms.begin(), sums->send_lag_ms.end());
  m.lag_p50_ms = quantile(sums->send_lag_ms, 0.5);
  m.lag_p99_ms = quantile(sums->send_lag_ms, 0.99);
  m.peak_mb = peak_mb();
  return m;
}

int work_as_node(const std::string& port, const std::string& certificates, const std::string& name,
                 double answer_s) {
  app::networked_config config;
  caf::actor_system system{config};
  actors::workshop_config wanted;
  wanted.terms.name = name;
  wanted.terms.cores = 1;
  wanted.terms.max_parallel = 100'000;
  wanted.spawn_transport = [answer_s](caf::local_actor& parent) {
    return spawn_api(parent, answer_s);
  };
  wanted.resolve = [](const account_offer&) -> expected<actors::account_access_ptr> {
    return account_of({});
  };
  auto workshop = system.spawn(actors::workshop, std::move(wanted));
  remoting::link_options options;
  options.files = remoting::credentials_in(certificates, name);
  auto link = must(remoting::coordinator_link::make(system, std::move(options)));
  auto where = must(remoting::parse_address("127.0.0.1:" + port));
  auto desk = must(link->connect<node_desk_actor, node_actor>(where, 10s));
  caf::scoped_actor self{system};
  self->request(workshop, within(10s), join_atom_v, desk)
      .receive([](const welcome&) {}, [](const caf::error&) { std::exit(1); });
  ::pause();
  return 0;
}

}  // namespace assay::bench
