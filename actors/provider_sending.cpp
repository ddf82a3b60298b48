#include <algorithm>
#include <cmath>
#include <iterator>

#include "actors/provider.hpp"
#include "providers/catalog/cost.hpp"

namespace assay::actors {

using namespace std::chrono_literals;

namespace {

/// Where nothing may be sent at the moment, nobody tells when that changes.
constexpr auto ask_again_after = 100ms;

/// Tokens of an answer before any is known, for `reserve = "expected"`.
constexpr double usual_output = 256;

}  // namespace

void provider_state::pump() {
  auto t = now();
  take_due_retries(t);
  lost_->look(t);
  open_and_close(t);
  while (auto* l = next_lane(t))
    if (!start_from(*l, t)) break;
  hedge_stragglers(t);
  send_batches();
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

int provider_state::free_slots() const {
  if (!may_send()) return 0;
  std::uint64_t by_address = 0;
  for (const auto& [address, free] : places_.free()) {
    auto slots = static_cast<std::uint64_t>(std::max(0, account_->free_slots_at(address)));
    by_address += std::min(free, slots);
  }
  auto own = account_->free_slots() - uncommitted_;
  return own < 0 ? own : static_cast<int>(std::min<std::uint64_t>(own, by_address));
}

int provider_state::room(instant t) const {
  std::uint64_t by_address = 0;
  for (const auto& [address, free] : places_.free()) {
    auto room = static_cast<std::uint64_t>(account_->room_at(address, t));
    by_address += std::min(free, room);
  }
  auto own = static_cast<std::uint64_t>(account_->room(t));
  return static_cast<int>(std::min(own, by_address));
}

limits::charge provider_state::by_best_address(limits::charge c, instant t) const {
  const auto& free = places_.free();
  if (!free.empty()) c.address = free.begin()->first;
  if (free.size() < 2) return c;
  auto best = c;
  auto soonest = instant::max();
  for (const auto& [address, places] : free) {
    c.address = address;
    auto when = account_->places_left(c, t) > 0 ? account_->earliest(c, t) : instant::max();
    auto less = account_->in_flight_at(address) < account_->in_flight_at(best.address);
    if (when > soonest || (when == soonest && !less)) continue;
    soonest = when;
    best = c;
  }
  return best;
}

bool provider_state::may_start(const limits::charge& c, instant t) const {
  return free_slots() > 0 && account_->fits(by_best_address(c, t), t);
}

limits::charge provider_state::charge_of(const job& work, const lane& l) const {
  auto expected = l.answers.mean_output().value_or(usual_output);
  auto c = limits::charge_for(config_.access->settings.limits.reserve, work.what.input_tokens,
                              work.what.request.max_tokens, expected);
  c.model = l.index;
  if (l.prices) {
    auto most = work.what.request.max_tokens.value_or(std::llround(expected));
    c.cost_usd =
        (catalog::cost_ceiling(work.what.input_tokens, most, *l.prices) * price_factor()).value;
  }
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
    if (items_of_next_call(l) > 1 && !may_combine(t)) continue;
    auto charge = charge_of_next(l, items_of_next_call(l));
    if (earliest(charge, t) == instant::max() || may_start(charge, t)) best = &l;
  }
  return best;
}

/// How many of the lane's first tasks share the next call.
std::size_t provider_state::items_of_next_call(const lane& l) const {
  const auto& head = *l.ready.front();
  if (!combines(head)) return 1;
  std::vector<std::size_t> lengths;
  for (const auto& work : l.ready) {
    auto full = lengths.size() >= static_cast<std::size_t>(config_.batching.max_items);
    if (full || !combines(*work) || work->group != head.group) break;
    lengths.push_back(work->what.request.messages.back().content.size());
  }
  return l.sizer->take(lengths, head.what.request.max_tokens);
}

limits::charge provider_state::charge_of_next(const lane& l, std::size_t count) const {
  auto sum = charge_of(*l.ready.front(), l);
  for (std::size_t i = 1; i < count; ++i) {
    auto c = charge_of(*l.ready[i], l);
    sum.input_tokens += c.input_tokens;
    sum.output_tokens += c.output_tokens;
    sum.cost_usd += c.cost_usd;
  }
  return sum;
}

/// Sends the head of the lane, which may go now, and what shares its call; or ends it if no limit
/// will ever let it pass.
bool provider_state::start_from(lane& l, instant t) {
  auto count = items_of_next_call(l);
  if (earliest(charge_of_next(l, count), t) == instant::max()) count = 1;
  auto charge = charge_of_next(l, count);
  if (earliest(charge, t) == instant::max()) {
    auto work = pick(l, 1).front();
    attempt unsent{.provider = own_name()};
    unsent.error = {.kind = error_class::bad_request,
                    .message = "the request is larger than the limit " +
                               account_->held_back_by(charge, t) + " ever allows"};
    work->attempts.push_back(std::move(unsent));
    finish(work, outcome_status::error, {});
    return true;
  }
  if (!may_start(charge, t)) return false;
  start(pick(l, count), l, charge, t);
  return true;
}

std::vector<job_ptr> provider_state::pick(lane& l, std::size_t count) {
  auto end = l.ready.begin() + static_cast<std::ptrdiff_t>(count);
  std::vector<job_ptr> picked(std::make_move_iterator(l.ready.begin()),
                              std::make_move_iterator(end));
  l.ready.erase(l.ready.begin(), end);
  ready_ -= static_cast<std::uint32_t>(count);
  return picked;
}

void provider_state::start(std::vector<job_ptr> jobs, lane& l, const limits::charge& wanted,
                           instant t, bool hedge) {
  auto charge = by_best_address(wanted, t);
  account_->admit(charge, t);
  l.breaker.started(t);
  for (auto& work : jobs) ++work->copies;
  const auto& first = *jobs.front();
  auto request = first.what.request;
  if (jobs.size() > 1) {
    std::vector<chat_request> items;
    items.reserve(jobs.size());
    for (const auto& work : jobs) items.push_back(work->what.request);
    request = evaluation::combine(items);
    ++combined_in_flight_;
    next_combined_ = t + config_.batching.spacing;
  }
  auto permit = next_permit_++;
  assignment what{permit, std::move(request), first.intended, t + head_start()};
  what.wants_headers = account_->wants_headers();
  what.may_be_called_off = config_.hedge > 0;
  what.run = first.what.run;
  if (jobs.size() == 1) what.key = first.what.key;
  const auto& node = places_.take(charge.address);
  worker_actor by;
  if (node.empty())
    self_->delayed_send(by = idle_worker(), head_start(), std::move(what));
  else
    outgoing_[node].push_back(std::move(what));
  in_flight_.emplace(permit,
                     call{std::move(jobs), &l, charge, t, std::move(by), node, hedge, false});
}

/// Where a limit counts requests, those of near nodes wait for those of far ones, or they would
/// reach the API closer together than they were admitted.
duration provider_state::head_start() const {
  const auto& limits = config_.access->settings.limits;
  return limits.rates.empty() && limits.models.empty() ? duration::zero() : places_.farthest();
}

/// One message per node and pump, however many exchanges start.
void provider_state::send_batches() {
  for (auto& [node, batch] : std::exchange(outgoing_, {}))
    self_->send(places_.at(node).handle, own_name(), std::move(batch));
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
    auto patience = c.of->answers.straggles_after();
    if (patience && c.jobs.size() == 1 && !c.jobs.front()->hedged && t - c.admitted >= *patience)
      late.push_back(permit);
  }
  for (auto permit : late) {
    auto& c = in_flight_.at(permit);
    auto budget = config_.hedge * static_cast<double>(tasks_);
    auto may = may_start(c.reserved, t) && c.of->breaker.allows(t);
    if (static_cast<double>(hedges_ + 1) > budget || !may) return;
    ++hedges_;
    c.jobs.front()->hedged = true;
    start({c.jobs.front()}, *c.of, c.reserved, t, true);
  }
}

void provider_state::ask_for_work(instant t) {
  if (closing() || free_slots() <= 0) return;
  auto scout = account_->wants_headers() && next_permit_ == config_.first_permit;
  auto most = scout ? 1 : std::clamp(room(t + lookahead), 1, free_slots());
  if (config_.batching.max_items > 1)
    most = std::min(most, config_.batching.max_calls) * config_.batching.max_items;
  auto in_hand = static_cast<int>(asked_ + ready_);
  for (const auto& [model, l] : lanes_)
    if (l.held_until != instant{}) in_hand -= static_cast<int>(l.ready.size());
  if (most <= in_hand) return;
  auto wanted = static_cast<std::uint32_t>(most - in_hand);
  asked_ += wanted;
  self_->send(config_.scheduler, credit{own_name(), wanted, tasks_ + asked_, scout, health_});
}

instant provider_state::next_event(instant t) const {
  auto due = next_look_;
  auto at = [&](instant when) { due = std::min(due, std::max(when, t)); };
  if (!waiting_.empty()) at(waiting_.front().due);
  if (!may_send()) at(t + ask_again_after);
  if (!suspended_.empty()) at(suspended_until_);
  at(lost_->next());
  if (config_.hedge > 0 && ready_ == 0 && asked_ > 0)
    for (const auto& [permit, c] : in_flight_)
      if (auto patience = c.of->answers.straggles_after(); patience && !c.jobs.front()->hedged)
        at(std::max(c.admitted + *patience, t + 10ms));
  for (const auto& [model, l] : lanes_) {
    if (l.given_up) continue;
    if (l.closed) at(l.breaker.earliest(t));
    if (l.held_until != instant{}) at(l.held_until - lookahead);
    if (l.ready.empty() || free_slots() <= 0) continue;
    auto items = items_of_next_call(l);
    auto charge = by_best_address(charge_of_next(l, items), t);
    if (account_->places_left(charge, t) <= 0) continue;  // an end of an exchange makes room
    auto open = std::max(account_->earliest(charge, t), l.breaker.earliest(t));
    if (items > 1 && combined_in_flight_ >= config_.batching.max_calls) continue;
    if (items > 1) open = std::max(open, next_combined_);
    if (open != instant::max()) at(open);
  }
  if (ready_ == 0 && free_slots() > 0 && !closing()) {
    auto ask = earliest({}, t) - lookahead;
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
