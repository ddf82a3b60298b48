#include "actors/workshop.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <iterator>

namespace assay::actors {

using namespace std::chrono_literals;

namespace {

/// Results of earlier connections in one message.
constexpr std::size_t late_batch = 256;
constexpr auto handing_over = 30s;

exchange_result refused(const assignment& a, const std::string& why, instant now) {
  exchange_result result;
  result.tried.error = {.kind = error_class::node_lost, .message = why};
  result.tried.at.admitted = a.admitted;
  result.tried.at.done = now;
  return result;
}

}  // namespace

void workshop_state::configure(workshop_config config) {
  config_ = std::move(config);
  transport_ = config_.spawn_transport(*self_);
  self_->monitor(transport_);
  std::size_t damaged = 0;
  late_ = config_.kept.load(damaged);
  if (damaged > 0) spdlog::warn("spool-damaged bytes={} kept={}", damaged, late_.size());
  self_->set_down_handler([this](const caf::down_msg& down) {
    if (down.source == transport_.address()) return self_->quit(down.reason);
    if (desk_ && down.source == desk_.address()) disconnected();
  });
}

workshop_actor::behavior_type workshop_state::make_behavior() {
  return {[this](std::vector<node_call>& calls) { start(calls); },
          [this](cancel_atom, std::uint64_t ticket) { call_off(ticket); },
          [this](const std::vector<account_offer>& offers) { learn(offers); },
          [this](commit_atom, const std::vector<std::uint64_t>& tickets) { forget(tickets); },
          [this](const heartbeat_echo& e) { echoed(e); },
          [this](std::uint64_t permit, exchange_result& r) { report(permit, r); },
          [this](std::uint64_t permit, early_headers& h) { begun(permit, h); },
          [this](join_atom, const node_desk_actor& desk) { return connect(desk); },
          [this](drain_atom) { drain(); },
          [this](status_atom) {
            return workshop_status{connected(), draining_, calls_.size(),
                                   unconfirmed_.size() + late_.size()};
          },
          [this](internal_atom, bool is_beat) {
            if (is_beat) return beat();
            tick_pending_ = false;
            send_results();
          }};
}

// -- the connection -------------------------------------------------------------------------------

caf::result<welcome> workshop_state::connect(const node_desk_actor& desk) {
  if (desk_) disconnected();
  desk_ = desk;
  ++connection_;
  clock_ = {};
  self_->monitor(desk_);
  auto promise = self_->make_response_promise<welcome>();
  self_->request(desk_, within(10s), config_.terms)
      .then(
          [this, promise, mine = connection_](const welcome& w) mutable {
            if (mine == connection_ && desk_ && w.refused.empty()) let_in(w);
            promise.deliver(w);
          },
          [promise](caf::error& e) mutable { promise.deliver(std::move(e)); });
  return promise;
}

void workshop_state::let_in(const welcome& w) {
  admitted_ = true;
  interval_ = w.heartbeat;
  stale_ = w.missed_heartbeats * w.heartbeat;
  last_heard_ = now();
  beat_due_ = now();
  if (std::exchange(beating_, true))
    send_heartbeat();
  else
    beat();
}

/// Whatever this connection brought or was to take belongs to the next one.
void workshop_state::disconnected() {
  desk_ = nullptr;
  admitted_ = false;
  can_.reset();
  announced_ = false;
  for (auto& r : late_) r.announced = false;
  ready_.clear();
  headers_.clear();
  permits_.clear();
  for (auto& [ticket, r] : std::exchange(unconfirmed_, {}))
    if (!r.key.empty()) late_.push_back(std::move(r));
  if (auto saved = config_.kept.save(late_); !saved)
    spdlog::error("spool-failed {}", render(saved.error()));
}

/// Keys are looked for here, by this node itself.
void workshop_state::learn(const std::vector<account_offer>& offers) {
  abilities can;
  for (const auto& offer : offers) {
    auto access = config_.resolve(offer);
    if (!access) {
      can.unable[offer.provider] = render(access.error());
      continue;
    }
    can.accounts.push_back(offer.provider);
    accounts_[offer.provider] = {std::move(*access), {}};
  }
  can_ = std::move(can);
  say_what_it_can();
}

/// The accounts may arrive before the welcome. Nobody can use a node whose clock is not known.
void workshop_state::say_what_it_can() {
  if (!connected() || !can_ || !clock_.best()) return;
  send_heartbeat();
  can_->under_way.clear();
  for (const auto& [permit, c] : calls_)
    if (c.connection != connection_) ++can_->under_way[c.provider];
  announced_ = true;
  self_->send(desk_, *can_);
}

void workshop_state::beat() {
  if (!connected()) {
    beating_ = false;
    return;
  }
  if (now() - last_heard_ > stale_) {
    beating_ = false;
    return disconnected();
  }
  send_heartbeat();
  send_late();
  beat_due_ = now() + interval_;
  self_->delayed_send(self_, interval_, internal_atom_v, true);
}

void workshop_state::send_heartbeat() {
  auto t = now();
  heartbeat h{++beats_, t, static_cast<std::uint32_t>(calls_.size()), draining_,
              std::max(t - beat_due_, duration::zero())};
  if (auto best = clock_.best()) {
    h.clock_offset = best->offset;
    h.clock_error = best->error;
  }
  self_->send(desk_, h);
}

void workshop_state::echoed(const heartbeat_echo& e) {
  last_heard_ = now();
  auto first = !clock_.best();
  clock_.add(e.sent, e.seen, now());
  if (!first) return;
  say_what_it_can();
  send_late();
}

void workshop_state::drain() {
  draining_ = true;
  if (connected()) send_heartbeat();
}

// -- calls ----------------------------------------------------------------------------------------

void workshop_state::start(std::vector<node_call>& batch) {
  for (auto& c : batch) {
    auto permit = next_permit_++;
    auto found = accounts_.find(c.provider);
    call begun{connection_, c.ticket, c.provider, c.what.run, c.what.key, {}};
    auto wait = c.what.admitted - now();  // by the coordinator's clock
    if (auto clock = clock_.best()) wait += clock->offset;
    // a process that was frozen finds calls that were given to others meanwhile
    auto too_late = wait < -stale_;
    if (too_late || found == accounts_.end()) {
      calls_.emplace(permit, std::move(begun));
      auto result = refused(
          c.what,
          too_late ? "the call reached the node too late" : "the node does not know this account",
          now());
      report(permit, result);
      continue;
    }
    auto& of = found->second;
    if (of.idle.empty()) {
      begun.by = self_->spawn(worker, worker_config{of.access, transport_, self_});
    } else {
      begun.by = std::move(of.idle.back());
      of.idle.pop_back();
    }
    c.what.permit = permit;
    if (c.what.may_be_called_off) permits_[c.ticket] = permit;
    if (wait > duration::zero())
      self_->delayed_send(begun.by, wait, std::move(c.what));
    else
      self_->send(begun.by, std::move(c.what));
    calls_.emplace(permit, std::move(begun));
  }
}

void workshop_state::call_off(std::uint64_t ticket) {
  auto found = permits_.find(ticket);
  if (found != permits_.end()) self_->send(transport_, cancel_atom_v, found->second);
}

void workshop_state::begun(std::uint64_t permit, early_headers& early) {
  auto found = calls_.find(permit);
  if (found == calls_.end() || found->second.connection != connection_ || !connected()) return;
  headers_.push_back({found->second.ticket, std::move(early)});
  send_soon();
}

void workshop_state::report(std::uint64_t permit, exchange_result& result) {
  auto found = calls_.extract(permit);
  if (!found) return;
  auto& ended = found.mapped();
  if (ended.by) accounts_[ended.provider].idle.push_back(std::move(ended.by));
  late_result kept{ended.run, ended.key, ended.ticket, std::move(ended.provider), result};
  if (!connected() || ended.connection != connection_) return keep_late(std::move(kept));
  permits_.erase(ended.ticket);
  unconfirmed_.emplace(ended.ticket, std::move(kept));
  ready_.push_back({ended.ticket, std::move(result)});
  send_soon();
}

void workshop_state::forget(const std::vector<std::uint64_t>& tickets) {
  for (auto ticket : tickets) unconfirmed_.erase(ticket);
}

/// At once if nothing was sent for a while, else all that comes within a tick together.
void workshop_state::send_soon() {
  if (tick_pending_) return;
  tick_pending_ = true;
  self_->delayed_send(self_, config_.tick, internal_atom_v, false);
}

void workshop_state::send_results() {
  if (!connected()) return;
  if (!headers_.empty()) self_->send(desk_, std::exchange(headers_, {}));
  if (!ready_.empty()) self_->send(desk_, std::exchange(ready_, {}));
}

// -- what outlives a connection -------------------------------------------------------------------

/// One that several tasks share serves none of them, but its end frees a place.
void workshop_state::keep_late(late_result r) {
  r.announced = announced_;
  if (auto kept = config_.kept.append(r); !kept)
    spdlog::error("spool-failed {}", render(kept.error()));
  late_.push_back(std::move(r));
  send_late();
}

void workshop_state::send_late() {
  if (handing_over_ || late_.empty() || !connected() || !clock_.best()) return;
  auto end = late_.begin() + static_cast<std::ptrdiff_t>(std::min(late_.size(), late_batch));
  std::vector<late_result> batch(late_.begin(), end);
  handing_over_ = true;
  self_->request(desk_, within(handing_over), batch)
      .then(
          [this, taken = batch.size()] {
            handing_over_ = false;
            late_.erase(late_.begin(), late_.begin() + static_cast<std::ptrdiff_t>(taken));
            if (auto saved = config_.kept.save(late_); !saved)
              spdlog::error("spool-failed {}", render(saved.error()));
            send_late();
          },
          [this](const caf::error&) { handing_over_ = false; });
}

workshop_actor::behavior_type workshop(workshop_actor::stateful_pointer<workshop_state> self,
                                       workshop_config config) {
  return begin_actor(self, std::move(config));
}

}  // namespace assay::actors
