#include "actors/provider.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "providers/catalog/cost.hpp"
#include "providers/limits/backoff.hpp"

namespace assay::actors {

using namespace std::chrono_literals;

namespace {

/// Work is asked for this long before a permit is due, so that it is at hand when it is.
constexpr auto lookahead = 20ms;
/// A hung connection is worth one more try (facts: error classes).
constexpr int timeout_retries = 1;

}  // namespace

void provider_state::configure(provider_config config) {
  config_ = std::move(config);
  account_.emplace(config_.access->settings.limits, now());
  random_.seed(config_.seed);
}

provider_actor::behavior_type provider_state::make_behavior() {
  self_->send(self_, internal_atom_v, timer_);
  return {[this](std::vector<task>& tasks) { take(tasks); },
          [this](std::uint64_t permit, exchange_result& result) { report(permit, result); },
          [this](commit_atom, std::uint32_t records) { committed(records); },
          [this](drain_atom) { drain(); },
          [this](status_atom) { return status(); },
          [this](internal_atom, std::uint64_t generation) { tick(generation); }};
}

void provider_state::take(std::vector<task>& tasks) {
  asked_ -= std::min<std::uint32_t>(asked_, tasks.size());
  auto arrived = now();
  for (auto& t : tasks)
    ready_.push_back(std::make_unique<job>(job{std::move(t), {}, arrived, 0, 0}));
  if (closing()) give_back();
  pump();
}

void provider_state::tick(std::uint64_t generation) {
  if (generation != timer_) return;
  timer_due_ = {};
  pump();
}

provider_status provider_state::status() const {
  provider_status s;
  s.name = config_.access->settings.name;
  s.in_flight = in_flight_.size();
  s.ready = ready_.size();
  s.retrying = waiting_.size();
  s.suspended = suspended_;
  auto next = ready_.empty() ? limits::charge{} : charge_of(*ready_.front());
  s.waiting_on = account_->held_back_by(next, now());
  return s;
}

// -- sending
// ----------------------------------------------------------------------------------------

void provider_state::pump() {
  auto t = now();
  take_due_retries(t);
  while (!ready_.empty()) {
    auto charge = charge_of(*ready_.front());
    auto never = account_->earliest(charge, t) == instant::max();
    if (!never && (free_slots() <= 0 || !account_->fits(charge, t))) break;
    auto work = std::move(ready_.front());
    ready_.pop_front();
    if (!never) {
      start(std::move(work), charge, t);
      continue;
    }
    attempt unsent{.provider = config_.access->settings.name};
    unsent.error = {.kind = error_class::bad_request,
                    .message = "the request is larger than the limit " +
                               account_->held_back_by(charge, t) + " ever allows"};
    work->attempts.push_back(std::move(unsent));
    finish(std::move(work), outcome_status::error, {});
  }
  ask_for_work(t);
  arm_timer(t);
}

void provider_state::take_due_retries(instant t) {
  while (!waiting_.empty() && waiting_.front().due <= t) {
    std::pop_heap(waiting_.begin(), waiting_.end());
    ready_.push_front(std::move(waiting_.back().work));
    waiting_.pop_back();
  }
}

limits::charge provider_state::charge_of(const job& work) const {
  return limits::charge_for(config_.access->settings.limits.reserve, work.what.input_tokens,
                            work.what.request.max_tokens, mean_output_);
}

void provider_state::start(job_ptr work, const limits::charge& charge, instant t) {
  account_->admit(charge, t);
  auto permit = next_permit_++;
  auto by = idle_worker();
  self_->send(by, assignment{permit, work->what.request, work->intended, t});
  in_flight_.emplace(permit, exchange_in_flight{std::move(work), charge, t, std::move(by)});
}

worker_actor provider_state::idle_worker() {
  if (idle_.empty())
    return self_->spawn(worker, worker_config{config_.access, config_.transport, self_});
  auto free = std::move(idle_.back());
  idle_.pop_back();
  return free;
}

void provider_state::ask_for_work(instant t) {
  std::uint32_t wanted = 0;
  if (!closing() && free_slots() > 0) {
    auto room =
        static_cast<std::uint32_t>(std::clamp(account_->room(t + lookahead), 1, free_slots()));
    auto in_hand = asked_ + static_cast<std::uint32_t>(ready_.size());
    if (room > in_hand) wanted = room - in_hand;
  }
  if (wanted == 0 && finished_ == 0) return;
  self_->send(config_.scheduler, credit{config_.access->settings.name, wanted, finished_});
  asked_ += wanted;
  finished_ = 0;
}

void provider_state::arm_timer(instant t) {
  auto due = instant::max();
  if (!waiting_.empty()) due = waiting_.front().due;
  if (free_slots() > 0) {
    auto next = ready_.empty() ? limits::charge{} : charge_of(*ready_.front());
    auto open = account_->earliest(next, t);
    if (ready_.empty()) open -= std::min<duration>(lookahead, open - t);
    if (open > t) due = std::min(due, open);
  }
  if (due == instant::max() || due == timer_due_) return;
  timer_due_ = due;
  self_->delayed_send(self_, due - t, internal_atom_v, ++timer_);
}

// -- judging what came back
// -------------------------------------------------------------------------

void provider_state::report(std::uint64_t permit, exchange_result& result) {
  auto found = in_flight_.find(permit);
  if (found == in_flight_.end()) return;
  auto ended = std::move(found->second);
  in_flight_.erase(found);
  idle_.push_back(std::move(ended.by));

  auto& tried = result.tried;
  auto& work = *ended.work;
  tried.provider = config_.access->settings.name;
  tried.number = static_cast<std::uint32_t>(work.attempts.size()) + 1;
  auto prices = config_.access->prices.find(work.what.where.model);
  if (prices != config_.access->prices.end())
    tried.cost = catalog::cost_of(tried.usage, prices->second);

  auto used = ended.reserved;
  if (tried.usage.input) used.input_tokens = static_cast<double>(*tried.usage.input);
  if (tried.usage.output) {
    used.output_tokens = static_cast<double>(*tried.usage.output);
    mean_output_ += 0.05 * (used.output_tokens - mean_output_);
  }
  account_->release(ended.reserved, used, ended.admitted, now());
  decide(std::move(ended.work), ended, result);
  pump();
}

void provider_state::decide(job_ptr work, const exchange_in_flight& ended,
                            exchange_result& result) {
  work->attempts.push_back(std::move(result.tried));
  const auto& last = work->attempts.back();
  switch (last.error.kind) {
    case error_class::none:
      account_->accepted(ended.reserved, ended.admitted, now());
      finish(std::move(work), outcome_status::answered, std::move(result.reply));
      return;
    case error_class::refusal:
      finish(std::move(work), outcome_status::refused, std::move(result.reply));
      return;
    case error_class::content_filtered:
      finish(std::move(work), outcome_status::filtered, std::move(result.reply));
      return;
    case error_class::rate_limited:
    case error_class::ramp_limited:
      wait_for_limit(std::move(work), ended.reserved, last);
      return;
    case error_class::quota_exhausted:
    case error_class::auth:
      suspend(last.error);
      break;
    default:
      if (closing() || !is_retryable(last.error.kind)) break;
      ++work->failures;
      auto allowed = last.error.kind == error_class::timeout
                         ? std::min(timeout_retries, policy().max_retries)
                         : policy().max_retries;
      if (work->failures > allowed) break;
      retry_later(std::move(work));
      return;
  }
  finish(std::move(work), outcome_status::error, {});
}

/// Closes the gate for the whole account; the task goes back to the front and loses no attempt.
void provider_state::wait_for_limit(job_ptr work, const limits::charge& reserved,
                                    const attempt& last) {
  auto t = now();
  auto backoff = limits::rate_limit_wait(
      policy(), account_->cuts_in_a_row(reserved, last.at.admitted), random_draw());
  auto cut = account_->limited(last.error, reserved, last.at.admitted, t, backoff);
  if (cut.first_of_group)
    spdlog::info("rate-limited provider={} hold_s={:.3f} hint={} task={} message=\"{}\"",
                 config_.access->settings.name, seconds(cut.until - t),
                 last.error.retry_after.has_value(), to_string(work->what.key), last.error.message);
  auto waits = ++work->rate_limit_waits;
  if (closing() || waits > policy().max_rate_limit_waits)
    finish(std::move(work), outcome_status::error, {});
  else
    ready_.push_front(std::move(work));
}

void provider_state::retry_later(job_ptr work) {
  auto wait = limits::retry_wait(policy(), work->failures, random_draw());
  if (auto hint = work->attempts.back().error.retry_after) wait = std::max<duration>(wait, *hint);
  const auto& error = work->attempts.back().error;
  spdlog::debug("retry provider={} task={} attempt={} in_s={:.3f} class={} message=\"{}\"",
                config_.access->settings.name, to_string(work->what.key), work->attempts.size() + 1,
                seconds(wait), to_string(error.kind), error.message);
  waiting_.push_back({now() + wait, std::move(work)});
  std::push_heap(waiting_.begin(), waiting_.end());
}

double provider_state::random_draw() { return std::uniform_real_distribution<double>()(random_); }

void provider_state::finish(job_ptr work, outcome_status status, answer reply) {
  if (status == outcome_status::error) log_failure(*work);
  outcome got;
  got.key = work->what.key;
  got.status = status;
  if (status == outcome_status::error) got.error = work->attempts.back().error;
  got.reply = std::move(reply);
  got.provider = config_.access->settings.name;
  got.attempts = std::move(work->attempts);
  for (const auto& tried : got.attempts) got.cost += tried.cost;
  self_->send(config_.recorder, record{std::move(work->what), std::move(got)});
  ++finished_;
  ++uncommitted_;
}

/// The first task that fails in a way is worth a warning; a thousand of them are not.
void provider_state::log_failure(const job& work) {
  const auto& error = work.attempts.back().error;
  auto first = failures_told_.insert(error.kind).second;
  spdlog::log(first ? spdlog::level::warn : spdlog::level::debug,
              "task-failed provider={} task={} sample={} attempts={} class={} message=\"{}\"{}",
              config_.access->settings.name, to_string(work.what.key), work.what.item.id,
              work.attempts.size(), to_string(error.kind), error.message,
              first ? " (more of this class at level debug)" : "");
}

void provider_state::suspend(const api_error& why) {
  if (!suspended_.empty()) return;
  suspended_ = std::string{to_string(why.kind)} + ": " + why.message;
  spdlog::error("provider-suspended provider={} reason=\"{}\"", config_.access->settings.name,
                suspended_);
  self_->send(config_.scheduler, suspend_atom_v, config_.access->settings.name, suspended_);
  give_back();
}

void provider_state::committed(std::uint32_t records) {
  uncommitted_ -= static_cast<int>(records);
  pump();
}

void provider_state::drain() {
  draining_ = true;
  give_back();
  pump();
}

/// Hands unsent tasks back. Those that have attempts end in error, so that no attempt is lost; the
/// next run asks them again.
void provider_state::give_back() {
  std::vector<std::uint32_t> unsent;
  auto leave = [&](job_ptr work) {
    if (work->attempts.empty())
      unsent.push_back(work->what.position);
    else
      finish(std::move(work), outcome_status::error, {});
  };
  for (auto& work : std::exchange(ready_, {})) leave(std::move(work));
  for (auto& entry : std::exchange(waiting_, {})) leave(std::move(entry.work));
  if (!unsent.empty())
    self_->send(config_.scheduler, return_atom_v, config_.access->settings.name, std::move(unsent));
}

provider_actor::behavior_type provider(provider_actor::stateful_pointer<provider_state> self,
                                       provider_config config) {
  return begin_actor(self, std::move(config));
}

}  // namespace assay::actors
