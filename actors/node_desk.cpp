#include "actors/node_desk.hpp"

#include <spdlog/spdlog.h>

#include <map>

#include "actors/clock_comparison.hpp"
#include "actors/parcels.hpp"
#include "actors/sound_result.hpp"

namespace assay::actors {

using namespace std::chrono_literals;

namespace {

/// A desk that is closed still answers what was sent to it before its senders knew; not for longer
/// than there is a registry.
constexpr auto linger = 60s;

exchange_result ended(error_class kind, const std::string& why, instant intended, instant admitted,
                      instant now) {
  exchange_result result;
  result.tried.error = {.kind = kind, .message = why};
  result.tried.at.intended = intended;
  result.tried.at.admitted = admitted;
  result.tried.at.done = now;
  return result;
}

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

// -- the connection -------------------------------------------------------------------------------

/// Who it is, its certificate has told; what it says of itself must agree with that.
caf::result<welcome> node_desk_state::join(const node_terms& terms) {
  last_heard_ = now();
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
  most_ = terms.max_parallel;
  node_ = node;
  examinations_.open(terms, node, max_message(config_.rules));
  look_in(patience_left());
  self_->monitor(node_);
  spdlog::info("node-joined node={} version={} cores={} max_parallel={} tags={}", node_name_,
               terms.version, terms.cores, terms.max_parallel, fmt::join(terms.tags, ","));
  self_->send(node_, config_.accounts);
}

void node_desk_state::beat(const heartbeat& h) {
  last_heard_ = now();
  if (closed_ || !node_) return;
  if (auto wrong = unsound(h); !wrong.empty()) return leave("it reported " + wrong, true);
  clock_ = {node_name_, h.clock_offset,
            std::max<std::chrono::nanoseconds>(h.clock_error, h.loop_lag)};
  if (h.draining && !std::exchange(draining_, true))
    self_->send(config_.registry, drain_atom_v, node_name_);
  self_->send(node_, heartbeat_echo{h.number, h.sent, now()});
  self_->send(config_.registry, node_name_, h);
}

/// Whoever hears of the node's calls hears of them before it gives the node any.
void node_desk_state::learn(abilities& can) {
  if (closed_ || !node_) return;
  note_earlier(std::exchange(can.under_way, {}));
  if (can.ready) awaits_late_ = false;
  if (!earlier_.empty()) self_->send(config_.registry, node_name_, earlier_.all());
  self_->send(config_.registry, node_name_, std::move(can));
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
  if (closed_) return self_->quit();
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

// -- calls ----------------------------------------------------------------------------------------

/// A provider that is new here must know what its account has under way at the node already: calls
/// of a provider that is no more, and of a coordinator that is no more.
void node_desk_state::serve(const std::string& account, node_offer offer,
                            const place_user_actor& provider) {
  if (closed_) return;
  auto& user = users_[account];
  if (user != provider) {
    user = provider;
    auto here = std::count_if(calls_.begin(), calls_.end(),
                              [&](const auto& c) { return c.second.account == account; });
    offer.of_before = earlier_.at(account) + static_cast<std::uint32_t>(here);
    ask_again(account);
  }
  if (awaits_late_) offer.most = 0;
  self_->send(provider, join_atom_v, offer, caf::actor_cast<place_actor>(desk_actor{self_}));
}

/// For what the provider before was told and nobody has recorded. The node tells it once more, and
/// is offered again after that.
void node_desk_state::ask_again(const std::string& account) {
  std::vector<std::uint64_t> again;
  for (auto u = unconfirmed_.begin(); u != unconfirmed_.end();) {
    const auto& [run, of, tickets] = u->second;
    if (of == account) again.insert(again.end(), tickets.begin(), tickets.end());
    u = of == account ? unconfirmed_.erase(u) : std::next(u);
  }
  if (again.empty()) return;
  awaits_late_ = true;
  self_->send(node_, return_atom_v, std::move(again));
}

void node_desk_state::ended_of_before(const std::string& account) {
  ended_exchange one;
  one.result.tried.from.node = node_name_;
  if (auto user = users_.find(account); user != users_.end())
    self_->send(user->second, std::vector<ended_exchange>{std::move(one)});
}

void node_desk_state::take(const std::string& provider, std::vector<assignment>& batch) {
  auto by = caf::actor_cast<place_user_actor>(self_->current_sender());
  std::vector<node_call> out;
  out.reserve(batch.size());
  for (auto& a : batch) {
    auto ticket = next_ticket_++;
    calls_.emplace(ticket, call{by, a.permit, a.intended, a.admitted, a.key, a.run, provider});
    auto seal = sealer_->seal({a.run, a.key, provider, node_name_});
    out.push_back({ticket, provider, std::move(a), seal});
  }
  if (closed_) return report_all(error_class::node_lost, "node " + node_name_ + " is gone");
  std::erase_if(out, [this](const node_call& c) { return is_too_large(c); });
  send_in_parcels(std::move(out), max_message(config_.rules),
                  [this](std::vector<node_call> some) { self_->send(node_, std::move(some)); });
}

/// A message that its filters do not let through would cost the whole connection.
bool node_desk_state::is_too_large(const node_call& c) {
  auto most = max_message(config_.rules);
  auto size = wire_size(c) + frame_bytes;
  if (size <= most) return false;
  auto refused = calls_.extract(c.ticket).mapped();
  auto result = ended(error_class::bad_request, too_large("request", size, most), refused.intended,
                      refused.admitted, now());
  result.tried.from.node = node_name_;
  self_->send(refused.by, std::vector<ended_exchange>{{refused.permit, std::move(result)}});
  return true;
}

void node_desk_state::call_off(std::uint64_t permit) {
  if (closed_) return;
  auto by = caf::actor_cast<place_user_actor>(self_->current_sender());
  for (const auto& [ticket, c] : calls_)
    if (c.by == by && c.permit == permit) self_->send(node_, cancel_atom_v, ticket);
}

void node_desk_state::headers(const std::vector<node_headers>& batch) {
  last_heard_ = now();
  for (const auto& h : batch) {
    auto found = calls_.find(h.ticket);
    if (found == calls_.end() || !unsound(h.early).empty()) continue;
    auto early = h.early;
    early.sent -= clock_.clock_offset;
    self_->send(found->second.by, found->second.permit, std::move(early));
  }
}

/// The moments by our clock; those that we know better are ours.
exchange_result node_desk_state::told_by_us(exchange_result result, const call& c) {
  auto& tried = result.tried;
  auto wrong = unsound(result);
  tried.at = moved_back(tried.at, clock_.clock_offset);
  auto unknown = c.admitted == instant{};  // to this process; it was before the request went
  tried.at.intended = unknown ? tried.at.sent : c.intended;
  tried.at.admitted = unknown ? tried.at.sent : c.admitted;
  tried.from = clock_;
  tried.from.node = node_name_;
  if (wrong.empty()) return result;
  note_refused(1, "it reported " + wrong);
  auto refused = ended(error_class::server_error, "node " + node_name_ + " reported " + wrong,
                       c.intended, c.admitted, now());
  refused.tried.from = tried.from;
  return refused;
}

void node_desk_state::note_refused(std::uint64_t results, const std::string& why) {
  spdlog::warn("node-result-refused node={} results={} reason=\"{}\"", node_name_, results, why);
  self_->send(config_.registry, refuse_atom_v, node_name_, results);
}

void node_desk_state::results(std::vector<node_result>& batch) {
  last_heard_ = now();
  if (closed_) return;
  std::map<place_user_actor, std::vector<ended_exchange>> by_provider;
  std::vector<late_result> orphaned;  ///< of providers that are no more
  std::vector<std::uint64_t> forgettable;
  for (auto& r : batch) {
    auto found = calls_.extract(r.ticket);
    if (!found || found.mapped().key.empty()) forgettable.push_back(r.ticket);
    if (!found) continue;
    const auto& c = found.mapped();
    if (!c.key.empty()) {
      auto& known = unconfirmed_[c.key];
      known.run = c.run;
      known.account = c.account;
      known.tickets.push_back(r.ticket);
    }
    auto result = told_by_us(std::move(r.result), c);
    if (users_[c.account] == c.by) {
      by_provider[c.by].push_back({c.permit, std::move(result)});
      continue;
    }
    ended_of_before(c.account);
    if (c.key.empty()) continue;
    orphaned.push_back({c.run, c.key, r.ticket, c.account, std::move(result), {}});
  }
  for (auto& [by, ended] : by_provider) self_->send(by, std::move(ended));
  if (!orphaned.empty()) self_->send(config_.registry, std::move(orphaned));
  if (!forgettable.empty()) self_->send(node_, commit_atom_v, std::move(forgettable));
}

void node_desk_state::examined(std::vector<ended_examination>& batch) {
  last_heard_ = now();
  examinations_.ended(batch, [this](std::uint64_t verdicts, const std::string& why) {
    note_refused(verdicts, why);
  });
}

/// Half of the shortest way there and back, but nothing that would make one wait for long.
duration node_desk_state::way() const {
  return std::clamp<duration>(clock_.clock_error, duration::zero(),
                              config_.rules.missed_heartbeats * config_.rules.heartbeat / 2);
}

/// Only what was passed on counts as taken over.
caf::result<void> node_desk_state::late(std::vector<late_result>& batch) {
  last_heard_ = now();
  if (closed_ || !node_) return caf::make_error(caf::sec::request_receiver_down);
  refuse_forged(batch);
  for (auto& r : batch) {
    r.result = told_by_us(std::move(r.result), {});
    if (earlier_.take(r.run, r.key, r.provider)) ended_of_before(r.provider);
  }
  std::erase_if(batch, [](const late_result& r) { return r.key.empty(); });
  if (!batch.empty()) {
    spdlog::log(std::exchange(brought_late_, true) ? spdlog::level::debug : spdlog::level::info,
                "late-results node={} results={}", node_name_, batch.size());
    self_->send(config_.registry, std::move(batch));
  }
  return caf::unit;
}

/// Those of calls that no coordinator of this ledger has ever given to this node.
void node_desk_state::refuse_forged(std::vector<late_result>& batch) {
  auto forged = std::erase_if(batch, [this](const late_result& r) {
    return !r.key.empty() && !sealer_->is_right(r.seal, {r.run, r.key, r.provider, node_name_});
  });
  if (forged > 0) note_refused(forged, "this node was never given these calls");
}

void node_desk_state::durable(const std::vector<task_key>& keys) {
  std::vector<std::uint64_t> tickets;
  for (const auto& key : keys)
    if (auto found = unconfirmed_.extract(key))
      tickets.insert(tickets.end(), found.mapped().tickets.begin(), found.mapped().tickets.end());
  if (!closed_ && !tickets.empty()) self_->send(node_, commit_atom_v, std::move(tickets));
}

void node_desk_state::stop() {
  if (closed_) return;
  for (const auto& [ticket, c] : calls_) self_->send(node_, cancel_atom_v, ticket);
  report_all(error_class::cancelled, "the run was stopped");
}

void node_desk_state::report_all(error_class kind, const std::string& why) {
  std::map<place_user_actor, std::vector<ended_exchange>> by_provider;
  for (const auto& [ticket, c] : std::exchange(calls_, {})) {
    auto result = ended(kind, why, c.intended, c.admitted, now());
    result.tried.from.node = node_name_;
    by_provider[c.by].push_back({c.permit, std::move(result)});
  }
  for (auto& [by, ended] : by_provider) self_->send(by, std::move(ended));
}

desk_actor::behavior_type node_desk(desk_actor::stateful_pointer<node_desk_state> self,
                                    node_desk_config config) {
  return begin_actor(self, std::move(config));
}

}  // namespace assay::actors
