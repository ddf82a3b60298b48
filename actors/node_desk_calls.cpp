#include <spdlog/spdlog.h>

#include <algorithm>
#include <map>

#include "actors/clock_comparison.hpp"
#include "actors/node_desk.hpp"
#include "actors/parcels.hpp"
#include "actors/sound_result.hpp"

namespace assay::actors {

namespace {

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
  result.tried.from = {node_name_, {}, {}, clock_.egress};
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
  heard();
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
  heard();
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
  heard();
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
  heard();
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
    result.tried.from = {node_name_, {}, {}, clock_.egress};
    by_provider[c.by].push_back({c.permit, std::move(result)});
  }
  for (auto& [by, ended] : by_provider) self_->send(by, std::move(ended));
}

}  // namespace assay::actors
