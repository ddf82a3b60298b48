#include "actors/node_registry.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "actors/parcels.hpp"

namespace assay::actors {

using namespace std::chrono_literals;

namespace {

/// A node that is lost so often within `memory` is kept away, each time twice as long.
constexpr std::size_t tolerated_losses = 2;
constexpr duration memory = 10min;
constexpr duration first_quarantine = 10s;
constexpr duration longest_quarantine = 10min;

/// After the start of a run every account should have a node.
constexpr duration time_to_come = 10s;

bool has_all(const std::vector<std::string>& has, const std::vector<std::string>& wanted) {
  return std::all_of(wanted.begin(), wanted.end(), [&](const std::string& tag) {
    return std::find(has.begin(), has.end(), tag) != has.end();
  });
}

}  // namespace

std::uint32_t share_of(const node_terms& terms, const abilities& can, const std::string& account) {
  auto own = terms.max_parallel_at.find(account);
  auto share = std::max<std::uint32_t>(
      1, terms.max_parallel /
             std::max<std::uint32_t>(1, static_cast<std::uint32_t>(can.accounts.size())));
  return own == terms.max_parallel_at.end() ? share : std::min(own->second, terms.max_parallel);
}

void node_registry_state::configure(node_registry_config config) {
  rules_ = std::move(config.rules);
  if (config.returning > duration::zero()) settle(config.returning);
  self_->set_down_handler([this](const caf::down_msg& down) {
    std::erase_if(users_, [&](const user& u) { return u.who.address() == down.source; });
    std::erase_if(judges_, [&](const judge& j) { return j.handle.address() == down.source; });
    std::erase_if(runs_, [&](const auto& r) { return r.second.address() == down.source; });
  });
}

node_registry_actor::behavior_type node_registry_state::make_behavior() {
  return {[this](const node_terms& t, const desk_actor& d) { return join(t, d); },
          [this](const std::string& name, const abilities& a) { able(name, a); },
          [this](const std::string& name, const heartbeat& h) { beat(name, h); },
          [this](drain_atom, const std::string& name) { drain(name); },
          [this](leave_atom, const desk_actor& d, bool loss, std::vector<call_under_way>& calls) {
            gone(d, loss, calls);
          },
          [this](std::vector<late_result>& r) { late(r); },
          [this](const std::string& name, std::vector<call_under_way>& calls) {
            under_way(name, calls);
          },
          [this](refuse_atom, const std::string& name, std::uint64_t results) {
            if (auto n = nodes_.find(name); n != nodes_.end()) n->second.refused += results;
          },
          [this](join_atom, const std::string& account, const std::vector<std::string>& tags,
                 const place_user_actor& p) {
            join_user({account, tags, p, now()});
          },
          [this](join_atom, node_judge& of, const judge_actor& j) {
            join_judge({std::move(of), j});
          },
          [this](join_atom, std::int64_t run, const scheduler_actor& s) { join_run(run, s); },
          [this](const record_batch& batch) { durable(batch); },
          [this](stop_atom) {
            for (auto& [name, n] : nodes_)
              if (n.desk) self_->send(n.desk, stop_atom_v);
          },
          [this](status_atom) { return status(); },
          [this](internal_atom) {
            end_of_settling();
            warn_of_unserved();
          }};
}

// -- nodes ----------------------------------------------------------------------------------------

welcome node_registry_state::join(const node_terms& terms, const desk_actor& desk) {
  auto& n = nodes_[terms.name];
  if (auto left = quarantine_left(n); left > duration::zero()) {
    n.state = "quarantined";
    return {"it was lost " + std::to_string(n.losses.size()) +
            " times in ten minutes; it may come back in " + fmt::format("{:.0f} s", seconds(left))};
  }
  if (n.desk)
    return {
        "a node of this name is connected; if it is this one, its other connection will be "
        "given up soon"};
  n.came_back = n.terms.process == terms.process;
  n.terms = terms;
  n.desk = desk;
  n.can = {};
  n.able = false;
  n.last = {};
  n.draining = false;
  n.state = "up";
  return {"", rules_.heartbeat, rules_.missed_heartbeats, max_message(rules_)};
}

duration node_registry_state::quarantine_left(const node& n) const {
  auto late = std::count_if(n.losses.begin(), n.losses.end(),
                            [&](instant t) { return now() - t < memory; });
  if (late <= static_cast<std::ptrdiff_t>(tolerated_losses)) return duration::zero();
  auto doublings = std::min<std::size_t>(static_cast<std::size_t>(late) - tolerated_losses - 1, 6);
  auto wait = std::min<duration>(first_quarantine * (1 << doublings), longest_quarantine);
  return n.losses.back() + wait - now();
}

void node_registry_state::able(const std::string& name, const abilities& can) {
  auto found = nodes_.find(name);
  if (found == nodes_.end() || !found->second.desk) return;
  auto& n = found->second;
  withdraw(n);
  n.can = can;
  if (n.came_back) n.still_there.clear();
  if (!can.ready) settle(rules_.heartbeat);
  n.able = true;
  for (const auto& [account, why] : can.unable)
    spdlog::warn("node-cannot-call node={} provider={} reason=\"{}\"", name, account, why);
  for (const auto& u : users_) offer(n, u);
  for (const auto& j : judges_) offer(n, j);
}

/// Half of the shortest way there and back is how well its clock is known, and how far it is. Who
/// is farther off than its calls stay fresh is of no use, and does not make the others wait.
void node_registry_state::beat(const std::string& name, const heartbeat& h) {
  auto found = nodes_.find(name);
  if (found == nodes_.end() || !found->second.desk) return;
  auto& n = found->second;
  n.last = h;
  warn_of_bad_lag(name, n);
  auto way = std::min<duration>(h.clock_error, rules_.missed_heartbeats * rules_.heartbeat / 2);
  if (way <= farthest_) return;
  farthest_ = way;
  for (const auto& [other, any] : nodes_)
    for (const auto& u : users_) offer(any, u);
}

void node_registry_state::warn_of_bad_lag(const std::string& name, node& n) {
  auto bad = std::max<duration>(n.last.loop_lag, n.last.clock_error) > rules_.bad_lag;
  if (bad && !n.unreliable)
    spdlog::warn("node-unreliable node={} loop_lag_ms={:.0f} clock_error_ms={:.0f}", name,
                 1e3 * seconds(n.last.loop_lag), 1e3 * seconds(n.last.clock_error));
  n.unreliable = bad;
}

void node_registry_state::drain(const std::string& name) {
  auto found = nodes_.find(name);
  if (found == nodes_.end()) return;
  found->second.draining = true;
  found->second.state = "draining";
  withdraw(found->second);
}

void node_registry_state::gone(const desk_actor& desk, bool is_loss,
                               std::vector<call_under_way>& calls) {
  for (auto& [name, n] : nodes_) {
    if (n.desk != desk) continue;
    n.desk = nullptr;
    std::erase_if(n.still_there, [&](const call_under_way& c) { return c.over <= now(); });
    std::move(calls.begin(), calls.end(), std::back_inserter(n.still_there));
    n.state = is_loss ? "lost" : "left";
    if (is_loss) n.losses.push_back(now());
    std::erase_if(n.losses, [&](instant t) { return now() - t >= memory; });
    withdraw(n);
    for (const auto& [run, scheduler] : runs_) self_->send(scheduler, leave_atom_v, name);
  }
}

bool node_registry_state::serves(const node& n, const user& u) {
  const auto& accounts = n.can.accounts;
  return n.desk && !n.draining && has_all(n.terms.tags, u.tags) &&
         std::find(accounts.begin(), accounts.end(), u.account) != accounts.end();
}

void node_registry_state::offer(const node& n, const user& u) {
  if (!serves(n, u)) return;
  auto most = n.can.ready && !settling() ? share_of(n.terms, n.can, u.account) : 0;
  self_->send(n.desk, join_atom_v, u.account,
              node_offer{n.terms.name, most, farthest_, std::nullopt, n.came_back, n.can.egress},
              u.who);
}

/// The first node that comes with something of before is not alone: what the others are about to
/// tell is not to be asked again by this one.
void node_registry_state::settle(duration wait) {
  if (settled_at_) return;
  settled_at_ = now() + wait;
  self_->delayed_send(self_, wait, internal_atom_v);
}

void node_registry_state::end_of_settling() {
  if (!settled_at_ || settling() || std::exchange(has_settled_, true)) return;
  for (auto& u : users_) {
    let_begin(u);
    for (const auto& [name, n] : nodes_) offer(n, u);
  }
}

void node_registry_state::under_way(const std::string& name, std::vector<call_under_way>& calls) {
  settle(rules_.heartbeat);
  std::map<std::int64_t, std::vector<call_under_way>> by_run;
  for (auto& c : calls) by_run[c.run].push_back(std::move(c));
  for (auto& [run, of_run] : by_run)
    if (auto begun = runs_.find(run); begun != runs_.end())
      self_->send(begun->second, name, std::move(of_run));
}

void node_registry_state::withdraw(const node& n) {
  for (const auto& u : users_) self_->send(u.who, leave_atom_v, n.terms.name);
  for (const auto& j : judges_) self_->send(j.handle, leave_atom_v, n.terms.name);
}

// -- runs -----------------------------------------------------------------------------------------

void node_registry_state::join_user(user u) {
  self_->monitor(u.who);
  for (const auto& [name, n] : nodes_) tell_of_lost(name, n, u);
  if (!settling()) let_begin(u);
  for (const auto& [name, n] : nodes_) offer(n, u);
  users_.push_back(std::move(u));
  self_->delayed_send(self_, time_to_come, internal_atom_v);
}

/// A user begins nothing before it has heard which nodes are here, and each of them has come.
void node_registry_state::let_begin(user& u) {
  if (std::exchange(u.begun, true)) return;
  std::vector<std::string> here;
  for (const auto& [name, n] : nodes_)
    if (serves(n, u)) here.push_back(name);
  self_->send(u.who, join_atom_v, std::move(here));
}

/// What a lost node was doing may still hold places at the API.
void node_registry_state::tell_of_lost(const std::string& name, const node& n, const user& u) {
  auto count = std::count_if(n.still_there.begin(), n.still_there.end(), [&](const auto& c) {
    return c.provider == u.account && c.over > now();
  });
  if (count == 0) return;
  auto left = static_cast<std::uint32_t>(count);
  self_->send(u.who, join_atom_v, node_offer{name, 0, farthest_, left, false, n.can.egress},
              place_actor{});
}

void node_registry_state::join_judge(judge j) {
  self_->monitor(j.handle);
  for (const auto& [name, n] : nodes_) offer(n, j);
  judges_.push_back(std::move(j));
}

/// Its desk asks the node whether it can.
void node_registry_state::offer(const node& n, const judge& j) {
  if (n.desk && !n.draining && n.able && n.terms.programs > 0)
    self_->send(n.desk, join_atom_v, j.what, j.handle);
}

/// Says once of each account that has no node why its tasks wait.
void node_registry_state::warn_of_unserved() {
  for (auto& u : users_) {
    if (now() - u.joined < time_to_come || std::exchange(u.seen_to, true)) continue;
    auto serving = [&](const auto& n) { return serves(n.second, u); };
    if (std::any_of(nodes_.begin(), nodes_.end(), serving)) continue;
    std::string here;
    for (const auto& [name, n] : nodes_)
      if (n.desk)
        here +=
            fmt::format("{}{}({})", here.empty() ? "" : " ", name, fmt::join(n.terms.tags, ","));
    spdlog::warn(
        "no-node provider={} wanted_tags={} here=\"{}\" reason=\"{}\"", u.account,
        fmt::join(u.tags, ","), here,
        here.empty() ? "no node is connected" : "no node has these tags and a key for the account");
  }
}

void node_registry_state::join_run(std::int64_t run, const scheduler_actor& scheduler) {
  self_->monitor(scheduler);
  runs_[run] = scheduler;
  for (const auto& [name, n] : nodes_)
    if (n.desk) self_->send(n.desk, join_atom_v, run, scheduler);
  if (auto waiting = early_.take_all(run); !waiting.empty())
    self_->send(scheduler, std::move(waiting));
}

void node_registry_state::late(std::vector<late_result>& results) {
  std::map<std::int64_t, std::vector<late_result>> by_run;
  for (auto& r : results) by_run[r.run].push_back(std::move(r));
  for (auto& [run, of_run] : by_run) {
    if (auto begun = runs_.find(run); begun != runs_.end()) {
      self_->send(begun->second, std::move(of_run));
      continue;
    }
    std::size_t gone = 0;
    for (auto& r : of_run) gone += early_.put(std::move(r));
    if (gone > 0)
      spdlog::warn("late-results-dropped run={} results={} reason=\"too many wait\"", run, gone);
  }
}

void node_registry_state::durable(const record_batch& batch) {
  std::map<std::string, std::vector<task_key>> by_node;
  for (const auto& r : *batch)
    for (const auto& tried : r.got.attempts)
      if (!tried.from.node.empty()) by_node[tried.from.node].push_back(r.got.key);
  for (auto& [name, keys] : by_node)
    if (auto n = nodes_.find(name); n != nodes_.end() && n->second.desk)
      self_->send(n->second.desk, commit_atom_v, std::move(keys));
}

std::vector<node_status> node_registry_state::status() const {
  std::vector<node_status> all;
  for (const auto& [name, n] : nodes_)
    all.push_back({name, n.state, n.terms.tags, n.can.accounts, n.can.unable, n.last.under_way,
                   n.last.examinations, n.terms.programs,
                   static_cast<std::uint32_t>(n.losses.size()), n.refused, n.last.loop_lag,
                   n.last.clock_offset, n.last.clock_error});
  return all;
}

node_registry_actor::behavior_type node_registry(
    node_registry_actor::stateful_pointer<node_registry_state> self, node_registry_config config) {
  return begin_actor(self, std::move(config));
}

}  // namespace assay::actors
