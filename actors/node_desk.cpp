#include "actors/node_desk.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "actors/parcels.hpp"
#include "actors/sound_result.hpp"
#include "messages/known_limits.hpp"

namespace assay::actors {

using namespace std::chrono_literals;

namespace {

/// A desk that is closed still answers what was sent to it before its senders knew; not for longer
/// than there is a registry.
constexpr auto linger = 60s;

}  // namespace

void node_desk_state::configure(node_desk_config config) {
  config_ = std::move(config);
  sealer_.emplace(config_.secret);
  last_heard_ = now();
  self_->monitor(config_.registry);
  self_->set_down_handler([this](const caf::down_msg& down) {
    if (down.source == config_.registry->address()) return self_->quit();
    if (node_ && down.source != node_->address()) return examinations_.leave(down.source);
    leave("the connection is gone", true);
  });
  look_in(patience_left());
}

desk_actor::behavior_type node_desk_state::make_behavior() {
  return {[this](const node_terms& t) { return join(t); },
          [this](abilities& a) { learn(a); },
          [this](const heartbeat& h) { beat(h); },
          [this](const std::vector<node_headers>& h) { headers(h); },
          [this](std::vector<node_result>& r) { results(r); },
          [this](std::vector<late_result>& r) { return late(r); },
          [this](const judge_ability& can) { examinations_.able(can, way()); },
          [this](std::vector<ended_examination>& e) { examined(e); },
          [this](const std::string& provider, std::vector<assignment>& a) { take(provider, a); },
          [this](cancel_atom, std::uint64_t permit) { call_off(permit); },
          [this](join_atom, const std::string& account, const node_offer& o,
                 const place_user_actor& p) { serve(account, o, p); },
          [this](join_atom, std::int64_t run, const scheduler_actor& s) { tell_under_way(run, s); },
          [this](std::vector<examination>& some) { examinations_.take(some); },
          [this](cancel_atom, const std::vector<std::uint64_t>& numbers, bool even_if_begun) {
            examinations_.call_off(numbers, even_if_begun);
          },
          [this](join_atom, node_judge& of, const judge_actor& judge) {
            examinations_.introduce(std::move(of), judge, way());
          },
          [this](commit_atom, const std::vector<task_key>& keys) { durable(keys); },
          [this](leave_atom, const std::string& why) { leave(why, false); },
          [this](stop_atom) { stop(); },
          [this](internal_atom) { look(); }};
}

/// Who it is, its certificate has told; what it says of itself must agree with that.
caf::result<welcome> node_desk_state::join(const node_terms& terms) {
  auto node = caf::actor_cast<node_actor>(self_->current_sender());
  auto refuse = [&](const std::string& why) {
    spdlog::warn("node-refused peer={} name={} reason=\"{}\"", config_.peer, terms.name, why);
    refused_ = !node_;
    return welcome{why};
  };
  if (node_ || closed_) return refuse("this connection has been used");
  if (terms.protocol != node_protocol)
    return refuse("it speaks protocol " + std::to_string(terms.protocol) + " (assay " +
                  terms.version + "), the coordinator " + std::to_string(node_protocol) +
                  ": install the same assay on both");
  if (terms.name != config_.peer)
    return refuse("it calls itself " + terms.name + ", its certificate is of " + config_.peer +
                  ": leave --worker-id out, or issue a certificate of that name");
  if (config_.leads && !config_.leads())
    return refuse("this coordinator does not know whether it still leads");
  if (!node) return refuse("it gave no handle to answer to");
  auto promise = self_->make_response_promise<welcome>();
  self_->request(config_.registry, within(5s), terms, desk_actor{self_})
      .then(
          [this, promise, terms, node](const welcome& w) mutable {
            let_in(w, terms, node);
            promise.deliver(w);
          },
          [promise](caf::error& e) mutable { promise.deliver(std::move(e)); });
  return promise;
}

void node_desk_state::let_in(const welcome& w, const node_terms& terms, const node_actor& node) {
  if (!w.refused.empty()) {
    spdlog::warn("node-refused peer={} reason=\"{}\"", config_.peer, w.refused);
    refused_ = true;
    return;
  }
  node_name_ = terms.name;
  clock_.node = terms.name;
  most_ = terms.max_parallel;
  node_ = node;
  heard();
  examinations_.open(terms, node, max_message(config_.rules));
  look_in(patience_left());
  self_->monitor(node_);
  spdlog::info("node-joined node={} version={} cores={} max_parallel={} tags={}", node_name_,
               terms.version, terms.cores, terms.max_parallel, fmt::join(terms.tags, ","));
  self_->send(node_, config_.accounts);
}

void node_desk_state::beat(const heartbeat& h) {
  heard();
  if (closed_ || !node_) return;
  if (auto wrong = unsound(h); !wrong.empty()) return leave("it reported " + wrong, true);
  clock_.clock_offset = h.clock_offset;
  clock_.clock_error = std::max<std::chrono::nanoseconds>(h.clock_error, h.loop_lag);
  if (h.draining && !std::exchange(draining_, true))
    self_->send(config_.registry, drain_atom_v, node_name_);
  self_->send(node_, heartbeat_echo{h.number, h.sent, now()});
  self_->send(config_.registry, node_name_, h);
}

/// Whoever hears of the node's calls hears of them before it gives the node any.
void node_desk_state::learn(abilities& can) {
  if (closed_ || !node_) return;
  if (auto wrong = bad_egress(can.egress); !wrong.empty())
    return leave("its egress address " + wrong, true);
  note_egress(can.egress);
  note_earlier(std::exchange(can.under_way, {}));
  if (can.ready) awaits_late_ = false;
  if (!earlier_.empty()) self_->send(config_.registry, node_name_, earlier_.all());
  self_->send(config_.registry, node_name_, std::move(can));
}

/// By which address APIs see it; in what is passed on, none is ours.
void node_desk_state::note_egress(std::string& said) {
  if (said.empty()) said = config_.address;
  if (said == address_here) said.clear();
  if (std::exchange(clock_.egress, said) != said)
    spdlog::info("node-egress node={} address={}", node_name_, said);
}

void node_desk_state::note_earlier(std::vector<call_under_way> calls) {
  auto said = calls.size();
  std::erase_if(calls, [this](const call_under_way& c) {
    return !c.key.empty() && !sealer_->is_right(c.seal, {c.run, c.key, c.provider, node_name_});
  });
  calls.resize(std::min<std::size_t>(calls.size(), most_));
  if (said > calls.size())
    note_refused(said - calls.size(), "this node was never given these calls");
  for (auto& c : calls) c.over = now() + longest(c.provider);
  earlier_ = earlier_calls{std::move(calls)};
}

/// Until an exchange of the account has met its time-out.
duration node_desk_state::longest(const std::string& account) const {
  auto found = std::find_if(config_.accounts.begin(), config_.accounts.end(),
                            [&](const account_offer& a) { return a.provider == account; });
  return found == config_.accounts.end() ? duration::zero() : found->limits_of_time.total;
}

std::vector<call_under_way> node_desk_state::all_under_way() const {
  auto calls = earlier_.all();
  for (const auto& [ticket, c] : calls_)
    calls.push_back({c.run, c.key, c.account, {}, c.admitted + longest(c.account)});
  return calls;
}

/// All that is at the node now is of a time before this scheduler, and so is what was told and is
/// not recorded.
void node_desk_state::tell_under_way(std::int64_t run, const scheduler_actor& scheduler) {
  if (closed_) return;
  auto calls = all_under_way();
  for (const auto& [key, told] : unconfirmed_)
    calls.push_back({told.run, key, told.account, {}, now() + longest(told.account)});
  std::erase_if(calls, [&](const call_under_way& c) { return c.run != run || c.key.empty(); });
  if (!calls.empty()) self_->send(scheduler, node_name_, std::move(calls));
}

void node_desk_state::look_in(duration wait) {
  next_look_ = now() + wait;
  self_->delayed_send(self_, wait, internal_atom_v);
}

void node_desk_state::look() {
  if (now() < next_look_) return;  // a later look has been agreed on
  if (closed_) {
    self_->demonitor(config_.registry.address());  // which outlives thousands of us
    return self_->quit();
  }
  auto patience = patience_left();
  if (patience > duration::zero()) return look_in(patience);
  auto silent = fmt::format("{:.1f} s", seconds(now() - last_heard_));
  leave(node_ ? "nothing was heard of it for " + silent : "it did not join", bool(node_));
}

/// Until who is at the other end should have been heard of.
duration node_desk_state::patience_left() const {
  const auto& rules = config_.rules;
  duration patience = rules.handshake;
  if (node_) patience = rules.missed_heartbeats * rules.heartbeat;
  return last_heard_ + patience - now();
}

void node_desk_state::leave(const std::string& why, bool is_loss) {
  if (closed_) return;
  closed_ = true;
  tell_end(why, is_loss);
  report_all(error_class::node_lost, "node " + node_name_ + " was lost: " + why);
  examinations_.close();
  node_ = nullptr;
  unconfirmed_.clear();
  if (config_.disconnect) config_.disconnect();
  look_in(linger);
}

void node_desk_state::tell_end(const std::string& why, bool is_loss) {
  if (refused_) return;
  if (!node_) return spdlog::warn("node-refused peer={} reason=\"{}\"", config_.peer, why);
  auto farewell = calls_.empty() && examinations_.empty() && (draining_ || !is_loss);
  spdlog::log(farewell ? spdlog::level::info : spdlog::level::warn,
              "node-{} node={} calls={} reason=\"{}\"", farewell ? "left" : "lost", node_name_,
              calls_.size(), why);
  self_->send(config_.registry, leave_atom_v, desk_actor{self_}, !farewell, all_under_way());
}

desk_actor::behavior_type node_desk(desk_actor::stateful_pointer<node_desk_state> self,
                                    node_desk_config config) {
  return begin_actor(self, std::move(config));
}

}  // namespace assay::actors
