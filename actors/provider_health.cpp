#include <spdlog/spdlog.h>

#include <algorithm>

#include "actors/provider.hpp"

namespace assay::actors {

using namespace std::chrono_literals;

namespace {

constexpr auto look_interval = 30s;
/// An exchange that has not ended so long after its last time-out never will.
constexpr auto lost_after = 30s;
constexpr auto warn_after = 60s;
/// Shorter holds of one model are not worth a message.
constexpr auto worth_telling = 500ms;

}  // namespace

/// Tells the scheduler when the breaker of a model has opened (its tasks go back, others may take
/// them) and when it lets a probe through: the next task is the probe.
void provider_state::open_and_close(instant t) {
  for (auto& [model, l] : lanes_) {
    if (l.given_up) continue;
    auto state = l.breaker.at(t);
    if (state == limits::breaker::state::closed) l.failing_since = {};
    auto open = state == limits::breaker::state::open;
    if (open == l.closed) {
      if (!open) hold_back(l, t);
      continue;
    }
    if (!open) {
      tell(l, intake::open, "");
      continue;
    }
    if (l.failing_since == instant{}) l.failing_since = t;
    auto for_good = l.given_up = t - l.failing_since >= policy().max_outage;
    if (for_good)
      tell(l, intake::for_good, "its exchanges still fail after max_outage");
    else
      tell(l, intake::failing, "too many of its exchanges fail");
    give_back(&l);
  }
}

void provider_state::tell(lane& l, intake state, const std::string& reason) {
  l.closed = state != intake::open;
  l.held_until = {};
  if (l.closed)
    spdlog::warn("breaker-open provider={} model={} next_probe_s={:.0f} reason=\"{}\"", own_name(),
                 l.model, seconds(l.breaker.earliest(now()) - now()), reason);
  else
    spdlog::info("breaker-half-open provider={} model={}", own_name(), l.model);
  self_->send(config_.scheduler, closure{own_name(), l.model, state, reason});
}

/// A model that a limit of its own holds back is not to keep the account from the work of others:
/// nothing more of it is taken until shortly before it may go on, and what was not tried goes back.
void provider_state::hold_back(lane& l, instant t) {
  if (l.held_until != instant{}) {
    if (t + lookahead < l.held_until) return;
    l.held_until = {};
    self_->send(config_.scheduler, closure{own_name(), l.model, intake::open, ""});
    return;
  }
  if (l.ready.empty() || closing()) return;
  auto charge = by_best_address(charge_of_next(l, items_of_next_call(l)), t);
  auto open = account_->earliest(charge, t);
  auto reason = account_->held_back_by(charge, t);
  charge.model = 0;
  auto open_to_others = std::max(t, earliest(charge, t));
  if (open == instant::max() || open < open_to_others + worth_telling) return;
  l.held_until = open;
  self_->send(config_.scheduler, closure{own_name(), l.model, intake::held, reason});
  return_fresh(l);
}

/// Hands back what was never sent; retries stay.
void provider_state::return_fresh(lane& l) {
  std::vector<returned_task> back;
  std::erase_if(l.ready, [&](const job_ptr& work) {
    if (!work->attempts.empty()) return false;
    back.push_back({work->what.run, work->what.position, {}});
    return true;
  });
  ready_ -= static_cast<std::uint32_t>(back.size());
  if (!back.empty()) self_->send(config_.scheduler, return_atom_v, own_name(), std::move(back));
}

/// Quota, money or credentials: nothing is sent until it ends, where the API says when.
void provider_state::suspend(const api_error& why) {
  if (!suspended_.empty()) return;
  suspended_ = std::string{to_string(why.kind)} + ": " + why.message;
  auto ends = why.kind == error_class::quota_exhausted && why.retry_after;
  suspended_until_ = ends ? now() + *why.retry_after : instant::max();
  spdlog::error("provider-suspended provider={} for_s={} reason=\"{}\"", own_name(),
                ends ? std::to_string(why.retry_after->count() / 1000) : "ever", suspended_);
  self_->send(config_.scheduler,
              closure{own_name(), "", ends ? intake::failing : intake::for_good, suspended_});
  give_back();
}

void provider_state::resume() {
  spdlog::info("provider-resumed provider={} after=\"{}\"", own_name(), suspended_);
  suspended_.clear();
  suspended_until_ = instant::max();
  self_->send(config_.scheduler, closure{own_name(), "", intake::open, ""});
}

/// Hands unsent tasks back, of one lane or of all, with the attempts that were made. At the end of
/// a run those with attempts end in error, so that no attempt is lost; the next run asks them
/// again.
void provider_state::give_back(lane* only) {
  std::vector<returned_task> back;
  auto leave = [&](const job_ptr& work) {
    auto stays = only || work->attempts.empty() || (!draining_ && work->elsewhere) ||
                 (!draining_ && suspended_until_ != instant::max());
    if (stays)
      back.push_back({work->what.run, work->what.position, std::move(work->attempts)});
    else
      finish(work, outcome_status::error, {});
  };
  for (auto& [model, l] : lanes_) {
    if (only && only != &l) continue;
    ready_ -= static_cast<std::uint32_t>(l.ready.size());
    for (auto& work : std::exchange(l.ready, {})) leave(work);
  }
  auto ours = [&](const retry& r) { return !only || r.work->what.where.model == only->model; };
  auto kept = std::partition(waiting_.begin(), waiting_.end(), [&](auto& r) { return !ours(r); });
  std::for_each(kept, waiting_.end(), [&](retry& r) { leave(r.work); });
  waiting_.erase(kept, waiting_.end());
  std::make_heap(waiting_.begin(), waiting_.end());
  if (!back.empty()) self_->send(config_.scheduler, return_atom_v, own_name(), std::move(back));
}

// -- the watchdog ---------------------------------------------------------------------------------

/// Every half minute: ends exchanges whose report was lost, repeats a request for work that nobody
/// answered, and says why nothing succeeds.
void provider_state::look_after(instant t) {
  if (t < next_look_) return;
  next_look_ = t + look_interval;
  end_lost_exchanges(t);
  auto idle = in_flight_.empty() && ready_ == 0 && waiting_.empty();
  if (idle && asked_ > 0 && t - last_news_ >= look_interval)
    self_->send(config_.scheduler, credit{own_name(), 0, tasks_ + asked_, false, health_});
  auto since = std::max(last_success_, last_warning_);
  if (since == instant{}) last_warning_ = t;
  if (idle || since == instant{} || t - since < warn_after) return;
  last_warning_ = t;
  auto s = status();
  spdlog::warn("no-success provider={} for_s={:.0f} in_flight={} ready={} retrying={} cause=\"{}\"",
               own_name(), last_success_ == instant{} ? -1.0 : seconds(t - last_success_),
               s.in_flight, s.ready, s.retrying,
               !s.suspended.empty()   ? s.suspended
               : s.waiting_on.empty() ? "the API does not answer"
                                      : "waiting on " + s.waiting_on);
}

void provider_state::end_lost_exchanges(instant t) {
  const auto& total = config_.access->settings.limits_of_time.total;
  if (total.count() <= 0) return;
  std::vector<std::uint64_t> lost;
  for (const auto& [permit, c] : in_flight_)
    if (t - c.admitted > total + lost_after) lost.push_back(permit);
  for (auto permit : lost) {
    exchange_result result;
    result.tried.error = {.kind = error_class::timeout,
                          .message = "the exchange was lost: nothing was heard of its end"};
    const auto& c = in_flight_.at(permit);
    result.tried.at.intended = c.jobs.front()->intended;
    result.tried.at.admitted = result.tried.at.sent = c.admitted;
    result.tried.at.done = t;
    if (!c.node.empty()) result.tried.from = {c.node, {}, {}, places_.at(c.node).egress};
    spdlog::warn("exchange-lost provider={} permit={}", own_name(), permit);
    self_->send(self_, permit, std::move(result));
  }
}

}  // namespace assay::actors
