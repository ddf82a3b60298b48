#include <spdlog/spdlog.h>

#include <algorithm>

#include "actors/outcome_of.hpp"
#include "actors/provider.hpp"
#include "providers/catalog/cost.hpp"
#include "providers/limits/backoff.hpp"

namespace assay::actors {

namespace {

/// A hung connection is worth one more try (facts: error classes).
constexpr int timeout_retries = 1;
/// Nodes that a task may lose before it ends in error.
constexpr int most_losses = 5;
/// How much one exchange moves the health of its provider.
constexpr double health_memory = 0.05;

bool is_limit(error_class kind) {
  return kind == error_class::rate_limited || kind == error_class::ramp_limited;
}

/// An exchange that was called off has been billed all the same: at least for its input and for
/// what had come of the answer.
void estimate_usage(attempt& tried, const task& t) {
  if (!tried.usage.input) tried.usage.input = t.input_tokens;
  if (!tried.usage.output) tried.usage.output = tried.content_events;
}

}  // namespace

void provider_state::report(std::uint64_t permit, exchange_result& result) {
  take_report(permit, result);
  pump();
}

void provider_state::report(std::vector<ended_exchange>& ended) {
  for (auto& one : ended) take_report(one.permit, one.result);
  pump();
}

void provider_state::take_report(std::uint64_t permit, exchange_result& result) {
  if (permit == 0) return lost_->ended_of_before(result.tried.from.node, now());
  auto found = in_flight_.find(permit);
  if (found == in_flight_.end()) return;
  auto ended = std::move(found->second);
  in_flight_.erase(found);
  last_news_ = now();
  free_place(ended, result.tried);
  settle(ended, result.tried);
  auto work = ended.jobs.front();
  if (ended.jobs.size() > 1) --combined_in_flight_;
  for (auto& each : ended.jobs) --each->copies;
  if (ended.jobs.size() > 1) {
    decide_combined(ended, result);
  } else if (work->hedged) {
    decide_copy(work, *ended.of, result);
  } else {
    append(*work, std::move(result.tried));
    decide(work, *ended.of, std::move(result.reply));
  }
}

void provider_state::free_place(call& ended, const attempt& tried) {
  auto answered = is_answer(tried.error.kind);
  places_.ended(ended.node, answered ? seconds(tried.at.done - tried.at.sent) : 0);
  if (ended.by) idle_.push_back(std::move(ended.by));
}

/// Books what the exchange used and lets the mirrors and the breaker know how it ended.
void provider_state::settle(call& ended, attempt& tried) {
  const auto& t = ended.jobs.front()->what;
  tried.hedge = ended.hedge;
  if (tried.error.kind == error_class::cancelled && ended.jobs.front()->won)
    estimate_usage(tried, t);
  auto lost = tried.error.kind == error_class::node_lost;
  if (lost) estimate_usage(tried, t);
  price(tried, *ended.of);
  auto used = ended.reserved;
  if (tried.usage.input) used.input_tokens = static_cast<double>(*tried.usage.input);
  if (tried.usage.output) used.output_tokens = static_cast<double>(*tried.usage.output);
  used.cost_usd = tried.cost.value;
  if (lost)
    lost_->lost(ended.reserved, ended.admitted, ended.node);
  else
    account_->release(ended.reserved, used, ended.admitted, now());
  if (!ended.headers_seen && !tried.limits.empty())
    account_->headers(tried.limits, ended.reserved, tried.at.sent, now());
  heed(ended, tried);
}

void provider_state::price(attempt& tried, const lane& l) const {
  tried.provider = own_name();
  if (l.prices) tried.cost = catalog::cost_of(tried.usage, *l.prices) * price_factor();
}

void provider_state::heed(const call& ended, const attempt& tried) {
  auto t = now();
  auto kind = tried.error.kind;
  auto sign = limits::sign_of(kind);
  if (sign != limits::sign::none)
    health_ += health_memory * ((sign == limits::sign::alive ? 1 : 0) - health_);
  ended.of->breaker.result(sign, ended.admitted, t,
                           kind == error_class::overloaded && tried.error.retry_after
                               ? std::optional<duration>(*tried.error.retry_after)
                               : std::nullopt);
  auto backoff = [&] {
    return limits::rate_limit_wait(policy(),
                                   account_->cuts_in_a_row(ended.reserved, ended.admitted), draw());
  };
  auto cut = actors::heed(*account_, tried, ended.reserved, ended.admitted, t, backoff);
  if (cut && cut->first_of_group)
    spdlog::info("rate-limited provider={} model={} hold_s={:.3f} hint={} message=\"{}\"",
                 own_name(), ended.of->model, seconds(cut->until - t),
                 tried.error.retry_after.has_value(), tried.error.message);
  if (is_answer(kind)) {
    last_success_ = t;
    ended.of->answers.measured(seconds(tried.at.done - tried.at.sent), tried.usage.output);
  } else if (kind == error_class::quota_exhausted || kind == error_class::auth) {
    suspend(tried.error);
  }
}

void provider_state::append(job& work, attempt&& tried) {
  tried.number = static_cast<std::uint32_t>(work.attempts.size()) + 1;
  work.attempts.push_back(std::move(tried));
}

/// Takes a combined answer apart. What it does not answer for certain is asked again, alone.
void provider_state::decide_combined(call& ended, exchange_result& result) {
  auto count = ended.jobs.size();
  auto kind = result.tried.error.kind;
  auto parts = evaluation::share(result.tried, count);
  std::vector<std::optional<answer>> answers(count);
  if (kind == error_class::none) answers = evaluation::split(result.reply, count);
  auto answered =
      std::count_if(answers.begin(), answers.end(), [](auto& a) { return a.has_value(); });
  auto says_nothing_of_one = is_answer(kind) || !is_retryable(kind);
  if (says_nothing_of_one) ended.of->sizer->note(count, static_cast<std::size_t>(answered));
  for (auto i = count; i-- > 0;) {  // to the front, so that they keep their order
    auto& work = ended.jobs[i];
    if (kind == error_class::none && !answers[i])
      parts[i].error = {.kind = error_class::server_error,
                        .message = "the combined answer lacks item " + std::to_string(i + 1)};
    append(*work, std::move(parts[i]));
    if (answers[i]) {
      finish(work, outcome_status::answered, std::move(*answers[i]));
    } else if (says_nothing_of_one && !is_limit(kind) && !closing()) {
      work->alone = true;
      ++ready_;
      ended.of->ready.push_front(work);
    } else {
      decide(work, *ended.of, {});
    }
  }
}

/// One of two copies has ended: the first answer wins, the other is called off, and the task ends
/// when both are over, so that both are recorded.
void provider_state::decide_copy(const job_ptr& work, lane& l, exchange_result& result) {
  if (work->won || work->copies == 0) {
    if (!work->won) {
      append(*work, std::move(result.tried));
      return decide(work, l, std::move(result.reply));
    }
    append(*work, std::move(result.tried));
    if (work->copies > 0) return;
    append(*work, std::move(work->won->tried));
    return decide(work, l, std::move(work->won->reply));
  }
  if (!is_answer(result.tried.error.kind)) return append(*work, std::move(result.tried));
  work->won = std::move(result);
  call_off_copies(work);
}

void provider_state::call_off_copies(const job_ptr& work) {
  for (const auto& [permit, c] : in_flight_)
    if (c.jobs.front() == work) call_off(permit, c);
}

void provider_state::call_off(std::uint64_t permit, const call& c) {
  if (c.node.empty())
    self_->send(config_.transport, cancel_atom_v, permit);
  else
    self_->send(places_.at(c.node).handle, cancel_atom_v, permit);
}

/// What the last attempt of the task means for it.
void provider_state::decide(const job_ptr& work, lane& l, answer reply) {
  auto kind = work->attempts.back().error.kind;
  if (is_answer(kind)) return finish(work, status_of(kind), std::move(reply));
  if (is_limit(kind)) return wait_for_limit(work, l);
  if (kind == error_class::quota_exhausted || kind == error_class::auth)
    return hand_back_or_fail(work);
  if (kind == error_class::node_lost) return hand_back_the_lost(work);
  if (is_retryable(kind)) return fail_or_retry(work, l);
  finish(work, outcome_status::error, {});
}

/// A 429 costs the task nothing but time: it goes back to the front.
void provider_state::wait_for_limit(const job_ptr& work, lane& l) {
  if (closing() || ++work->rate_limit_waits > policy().max_rate_limit_waits)
    return finish(work, outcome_status::error, {});
  ++ready_;
  l.ready.push_front(work);
}

int provider_state::failures_here(const job& work, std::optional<error_class> only) const {
  auto counts = [&](const attempt& a) {
    return a.provider == own_name() &&
           (only ? a.error.kind == *only : is_api_failure(a.error.kind));
  };
  return static_cast<int>(std::count_if(work.attempts.begin(), work.attempts.end(), counts));
}

/// Whether the task has failed here `times` as often as its retries allow: a timeout is counted
/// among timeouts, and any failure among all of them.
bool provider_state::retries_spent(const job& work, int times) const {
  auto most = policy().max_retries;
  if (failures_here(work) / times > most) return true;
  auto timed_out = work.attempts.back().error.kind == error_class::timeout;
  return timed_out && failures_here(work, error_class::timeout) / times > timeout_retries;
}

void provider_state::fail_or_retry(const job_ptr& work, lane& l) {
  if (closing()) return finish(work, outcome_status::error, {});
  auto unwell = l.breaker.at(now()) != limits::breaker::state::closed;
  if (retries_spent(*work, unwell ? 2 : 1)) return finish(work, outcome_status::error, {});
  if (unwell) return hand_back_or_fail(work);
  const auto& error = work->attempts.back().error;
  duration wait = limits::retry_wait(policy(), failures_here(*work), draw());
  if (error.retry_after) wait = std::max<duration>(wait, *error.retry_after);
  spdlog::debug("retry provider={} task={} attempt={} in_s={:.3f} class={} message=\"{}\"",
                own_name(), to_string(work->what.key), work->attempts.size() + 1, seconds(wait),
                to_string(error.kind), error.message);
  waiting_.push_back({now() + wait, work});
  std::push_heap(waiting_.begin(), waiting_.end());
}

/// The provider is unwell, not the task: somebody else may take it, or we will later. Only where
/// nobody ever can, it ends in error.
void provider_state::hand_back_or_fail(const job_ptr& work) {
  auto for_good = !suspended_.empty() && suspended_until_ == instant::max();
  if (draining_ || (for_good && !work->elsewhere)) return finish(work, outcome_status::error, {});
  std::vector<returned_task> back;
  back.push_back({work->what.run, work->what.position, std::move(work->attempts)});
  self_->send(config_.scheduler, return_atom_v, own_name(), std::move(back));
}

/// A task that has outlived so many nodes may be what ends them.
void provider_state::hand_back_the_lost(const job_ptr& work) {
  auto losses = std::count_if(work->attempts.begin(), work->attempts.end(), [](const attempt& a) {
    return a.error.kind == error_class::node_lost;
  });
  if (losses > most_losses) return finish(work, outcome_status::error, {});
  hand_back_or_fail(work);
}

void provider_state::finish(const job_ptr& work, outcome_status status, answer reply) {
  if (status == outcome_status::error) log_failure(*work);
  outcome got;
  got.key = work->what.key;
  got.status = status;
  if (status == outcome_status::error) got.error = work->attempts.back().error;
  got.reply = std::move(reply);
  got.provider = own_name();
  got.attempts = std::move(work->attempts);
  for (const auto& tried : got.attempts) got.cost += tried.cost;
  self_->send(config_.recorder, record{std::move(work->what), std::move(got)});
  ++uncommitted_;
}

/// The first task that fails in a way is worth a warning; a thousand of them are not.
void provider_state::log_failure(const job& work) {
  const auto& error = work.attempts.back().error;
  auto first = failures_told_.insert(error.kind).second;
  spdlog::log(first ? spdlog::level::warn : spdlog::level::debug,
              "task-failed provider={} task={} sample={} attempts={} class={} message=\"{}\"{}",
              own_name(), to_string(work.what.key), work.what.item.id, work.attempts.size(),
              to_string(error.kind), error.message,
              first ? " (more of this class at level debug)" : "");
}

}  // namespace assay::actors
