#include "actors/workshop.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <iterator>

#include "actors/parcels.hpp"
#include "actors/spooler.hpp"

namespace assay::actors {

using namespace std::chrono_literals;

namespace {

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
  config_.examinations.programs = config_.terms.programs;
  examinations_.emplace(self_, config_.examinations);
  auto kept = std::exchange(config_.kept, {});
  late_.assign(std::make_move_iterator(kept.begin()), std::make_move_iterator(kept.end()));
  if (config_.into)
    spooler_ = config_.own_threads
                   ? self_->spawn<caf::linked + caf::detached>(spooler, config_.into)
                   : self_->spawn<caf::linked>(spooler, config_.into);
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
          [this](return_atom, const std::vector<std::uint64_t>& tickets) { repeat(tickets); },
          [this](const heartbeat_echo& e) { echoed(e); },
          [this](const node_judge& j) {
            if (from_desk()) self_->send(desk_, examinations_->learn(j));
          },
          [this](leave_atom, std::uint64_t judge) {
            examinations_->forget(judge);
            send_soon();
          },
          [this](std::vector<examination>& some) {
            if (!from_desk()) return;
            examinations_->take(some);
            send_soon();
          },
          [this](cancel_atom, const std::vector<std::uint64_t>& tickets, bool even_if_begun) {
            examinations_->call_off(tickets, even_if_begun);
            send_soon();
          },
          [this](std::uint64_t number, verdict& v) {
            examinations_->examined(number, v);
            send_soon();
          },
          [this](std::uint64_t permit, exchange_result& r) { report(permit, r); },
          [this](std::uint64_t permit, early_headers& h) { begun(permit, h); },
          [this](join_atom, const node_desk_actor& desk) { return connect(desk); },
          [this](drain_atom) { drain(); },
          [this](status_atom) {
            return workshop_status{connected(), draining_, calls_.size(), examinations_->count(),
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
  max_message_ = w.max_message;
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
  handing_over_ = false;
  told_ready_.reset();
  ready_.clear();
  headers_.clear();
  permits_.clear();
  examinations_->forget_all();
  std::vector<late_result> unheard;
  for (auto& [ticket, r] : std::exchange(unconfirmed_, {}))
    if (!r.key.empty()) unheard.push_back(std::move(r));
  keep_late(std::move(unheard));
}

/// Keys are looked for here, by this node itself.
void workshop_state::learn(const std::vector<account_offer>& offers) {
  abilities can;
  can.egress = config_.egress;
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
  told_ready_.reset();
  proceed();
}

/// The accounts may arrive before the welcome. Nobody can use a node whose clock is not known.
void workshop_state::proceed() {
  if (!connected() || !clock_.best()) return;
  auto ready = late_.empty();
  if (can_ && told_ready_ != ready && told_ready_ != true) say_what_it_can(ready);
  send_late();
}

void workshop_state::say_what_it_can(bool ready) {
  send_heartbeat();
  can_->ready = ready;
  can_->under_way.clear();
  for (const auto& [permit, c] : calls_)
    if (c.connection != connection_) can_->under_way.push_back({c.run, c.key, c.provider, c.seal});
  told_ready_ = ready;
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
  proceed();
  beat_due_ = now() + interval_;
  self_->delayed_send(self_, interval_, internal_atom_v, true);
}

void workshop_state::send_heartbeat() {
  auto t = now();
  heartbeat h{++beats_, t, static_cast<std::uint32_t>(calls_.size()), draining_,
              std::max(t - beat_due_, duration::zero())};
  h.examinations = examinations_->count();
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
  if (first) proceed();
}

void workshop_state::drain() {
  draining_ = true;
  if (connected()) send_heartbeat();
}

// -- calls ----------------------------------------------------------------------------------------

void workshop_state::start(std::vector<node_call>& batch) {
  last_heard_ = now();
  for (auto& c : batch) {
    auto permit = next_permit_++;
    auto found = accounts_.find(c.provider);
    call begun{connection_, c.ticket, c.provider, c.what.run, c.what.key, c.seal, {}};
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
  late_result kept{ended.run, ended.key, ended.ticket, std::move(ended.provider),
                   result,    ended.seal};
  if (!connected() || ended.connection != connection_) {
    keep_late({std::move(kept)});
    return proceed();
  }
  permits_.erase(ended.ticket);
  unconfirmed_.emplace(ended.ticket, std::move(kept));
  ready_.push_back({ended.ticket, std::move(result)});
  send_soon();
}

void workshop_state::forget(const std::vector<std::uint64_t>& tickets) {
  for (auto ticket : tickets) unconfirmed_.erase(ticket);
}

void workshop_state::repeat(const std::vector<std::uint64_t>& tickets) {
  std::vector<late_result> unheard;
  for (auto ticket : tickets)
    if (auto found = unconfirmed_.extract(ticket)) unheard.push_back(std::move(found.mapped()));
  keep_late(std::move(unheard));
  told_ready_.reset();
  proceed();
}

/// At once if nothing was sent for a while, else all that comes within a tick together.
void workshop_state::send_soon() {
  if (tick_pending_) return;
  tick_pending_ = true;
  self_->delayed_send(self_, config_.tick, internal_atom_v, false);
}

void workshop_state::send_results() {
  if (!connected()) return;
  auto to_desk = [this](auto some) { self_->send(desk_, std::move(some)); };
  send_in_parcels(std::exchange(headers_, {}), max_message_, to_desk);
  for (auto& r : ready_) fit(r.result);
  send_in_parcels(std::exchange(ready_, {}), max_message_, to_desk);
  send_verdicts();
}

/// What no message can hold the coordinator finds out by itself.
void workshop_state::send_verdicts() {
  auto ended = examinations_->take_ended();
  for (auto& e : ended)
    if (wire_size(e) + frame_bytes > max_message_) e = {e.ticket, examination_end::too_large, {}};
  send_in_parcels(std::move(ended), max_message_,
                  [this](auto some) { self_->send(desk_, std::move(some)); });
}

/// What no message can hold ends as an error that asking again will not mend.
void workshop_state::fit(exchange_result& result) const {
  auto size = wire_size(result) + frame_bytes;
  if (size <= max_message_) return;
  result.reply = {};
  result.tried.error = {.kind = error_class::bad_request,
                        .message = too_large("answer", size, max_message_)};
}

// -- what outlives a connection -------------------------------------------------------------------

/// One that several tasks share serves none of them, but its end frees a place.
void workshop_state::keep_late(std::vector<late_result> results) {
  if (results.empty()) return;
  std::copy(results.begin(), results.end(), std::back_inserter(late_));
  if (spooler_) self_->send(spooler_, std::move(results));
}

std::vector<late_result> workshop_state::next_late() const {
  std::vector<late_result> next;
  std::size_t bytes = 0;
  for (const auto& r : late_) {
    bytes += wire_size(r);
    if (!next.empty() && bytes > parcel_bytes(max_message_)) break;
    next.push_back(r);
    fit(next.back().result);
  }
  return next;
}

void workshop_state::send_late() {
  if (handing_over_ || late_.empty()) return;
  auto batch = next_late();
  handing_over_ = true;
  self_->request(desk_, within(handing_over), batch)
      .then(
          [this, mine = connection_, count = batch.size()] {
            if (mine == connection_ && handing_over_) taken(count);
          },
          [this, mine = connection_](const caf::error&) {
            if (mine == connection_) handing_over_ = false;
          });
}

void workshop_state::taken(std::size_t count) {
  handing_over_ = false;
  late_.erase(late_.begin(), late_.begin() + static_cast<std::ptrdiff_t>(count));
  if (spooler_) self_->send(spooler_, commit_atom_v, static_cast<std::uint64_t>(count));
  proceed();
}

workshop_actor::behavior_type workshop(workshop_actor::stateful_pointer<workshop_state> self,
                                       workshop_config config) {
  return begin_actor(self, std::move(config));
}

}  // namespace assay::actors
