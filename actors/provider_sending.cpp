#include <algorithm>

#include "actors/provider.hpp"

namespace assay::actors {

using namespace std::chrono_literals;

namespace {

/// Work is asked for this long before a permit is due, so that it is at hand when it is.
constexpr auto lookahead = 20ms;
/// Tokens of an answer before any is known, for `reserve = "expected"`.
constexpr double usual_output = 256;

}  // namespace

void provider_state::pump() {
  auto t = now();
  take_due_retries(t);
  open_and_close(t);
  while (auto* l = next_lane(t))
    if (!start_from(*l, t)) break;
  hedge_stragglers(t);
  look_after(t);
  ask_for_work(t);
  arm_timer(t);
}

void provider_state::take_due_retries(instant t) {
  while (!waiting_.empty() && waiting_.front().due <= t) {
    std::pop_heap(waiting_.begin(), waiting_.end());
    auto work = std::move(waiting_.back().work);
    waiting_.pop_back();
    ++ready_;
    auto& l = lane_of(work->what);
    l.ready.push_front(std::move(work));
  }
}

limits::charge provider_state::charge_of(const job& work, const lane& l) const {
  auto expected = l.mean_output > 0 ? l.mean_output : usual_output;
  auto c = limits::charge_for(config_.access->settings.limits.reserve, work.what.input_tokens,
                              work.what.request.max_tokens, expected);
  c.model = l.index;
  return c;
}

/// The lane whose first task came first and may go now: a retry goes before what has not been sent
/// yet. Null if nothing may.
lane* provider_state::next_lane(instant t) {
  lane* best = nullptr;
  if (ready_ == 0) return best;
  for (auto& [model, l] : lanes_) {
    if (l.ready.empty() || !l.breaker.allows(t)) continue;
    const auto& head = *l.ready.front();
    if (best && best->ready.front()->arrival < head.arrival) continue;
    auto open = account_->earliest(charge_of(head, l), t);
    auto never = open == instant::max();
    if (never || (open <= t && free_slots() > 0)) best = &l;
  }
  return best;
}

/// Sends the head of the lane, which may go now; or ends it if no limit will ever let it pass.
bool provider_state::start_from(lane& l, instant t) {
  auto charge = charge_of(*l.ready.front(), l);
  if (account_->earliest(charge, t) == instant::max()) {
    auto work = pick(l).front();
    attempt unsent{.provider = own_name()};
    unsent.error = {.kind = error_class::bad_request,
                    .message = "the request is larger than the limit " +
                               account_->held_back_by(charge, t) + " ever allows"};
    work->attempts.push_back(std::move(unsent));
    finish(work, outcome_status::error, {});
    return true;
  }
  if (!account_->fits(charge, t)) return false;
  start(pick(l), l, t);
  return true;
}

/// Takes the head of the lane, and what can go with it in a combined call.
std::vector<job_ptr> provider_state::pick(lane& l) {
  std::vector<job_ptr> picked{std::move(l.ready.front())};
  l.ready.pop_front();
  --ready_;
  return picked;
}

void provider_state::start(std::vector<job_ptr> jobs, lane& l, instant t, bool hedge) {
  call c{std::move(jobs), &l, {}, t, idle_worker(), hedge, false};
  c.reserved = charge_of(*c.jobs.front(), l);
  account_->admit(c.reserved, t);
  l.breaker.started(t);
  for (auto& work : c.jobs) ++work->copies;
  auto permit = next_permit_++;
  const auto& first = *c.jobs.front();
  self_->send(c.by, assignment{permit, first.what.request, first.intended, t,
                               account_->wants_headers(), config_.hedge > 0});
  in_flight_.emplace(permit, std::move(c));
}

worker_actor provider_state::idle_worker() {
  if (idle_.empty())
    return self_->spawn(worker, worker_config{config_.access, config_.transport, self_});
  auto free = std::move(idle_.back());
  idle_.pop_back();
  return free;
}

/// In the drain phase (nothing left to send, limits idle) stragglers get a second copy: the first
/// whole answer counts.
void provider_state::hedge_stragglers(instant t) {
  if (config_.hedge <= 0 || ready_ > 0 || !waiting_.empty() || asked_ == 0 || closing()) return;
  std::vector<std::uint64_t> late;
  for (const auto& [permit, c] : in_flight_) {
    auto patience = c.of->straggles_after();
    if (patience && c.jobs.size() == 1 && !c.jobs.front()->hedged && t - c.admitted >= *patience)
      late.push_back(permit);
  }
  for (auto permit : late) {
    auto& c = in_flight_.at(permit);
    auto budget = config_.hedge * static_cast<double>(tasks_);
    auto fits = account_->fits(c.reserved, t) && free_slots() > 0 && c.of->breaker.allows(t);
    if (static_cast<double>(hedges_ + 1) > budget || !fits) return;
    ++hedges_;
    c.jobs.front()->hedged = true;
    start({c.jobs.front()}, *c.of, t, true);
  }
}

void provider_state::ask_for_work(instant t) {
  if (closing() || free_slots() <= 0) return;
  auto scout = account_->wants_headers() && next_permit_ == config_.first_permit;
  auto room = scout ? 1 : std::clamp(account_->room(t + lookahead), 1, free_slots());
  auto in_hand = static_cast<int>(asked_ + ready_);
  if (room <= in_hand) return;
  auto wanted = static_cast<std::uint32_t>(room - in_hand);
  self_->send(config_.scheduler, credit{own_name(), wanted, scout, false});
  asked_ += wanted;
}

instant provider_state::next_event(instant t) const {
  auto due = next_look_;
  auto at = [&](instant when) { due = std::min(due, std::max(when, t)); };
  if (!waiting_.empty()) at(waiting_.front().due);
  if (!suspended_.empty()) at(suspended_until_);
  if (config_.hedge > 0 && ready_ == 0 && asked_ > 0)
    for (const auto& [permit, c] : in_flight_)
      if (auto patience = c.of->straggles_after(); patience && !c.jobs.front()->hedged)
        at(std::max(c.admitted + *patience, t + 10ms));
  for (const auto& [model, l] : lanes_) {
    if (l.given_up) continue;
    if (l.closed) at(l.breaker.earliest(t));
    if (l.ready.empty() || free_slots() <= 0) continue;
    auto open =
        std::max(account_->earliest(charge_of(*l.ready.front(), l), t), l.breaker.earliest(t));
    if (open != instant::max()) at(open);
  }
  if (ready_ == 0 && free_slots() > 0 && !closing()) {
    auto ask = account_->earliest({}, t) - lookahead;
    if (ask > t) at(ask);
  }
  return due;
}

void provider_state::arm_timer(instant t) {
  auto due = next_event(t);
  if (due == timer_due_ || due == instant::max()) return;
  timer_due_ = due;
  self_->delayed_send(self_, due - t, internal_atom_v, ++timer_);
}

}  // namespace assay::actors
