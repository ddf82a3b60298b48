#include <spdlog/spdlog.h>

#include <algorithm>

#include "actors/batch_desk.hpp"
#include "actors/batch_mark.hpp"
#include "actors/outcome_of.hpp"
#include "providers/catalog/cost.hpp"
#include "providers/limits/backoff.hpp"

namespace assay::actors {

namespace {

/// Results at the recorder that are not durable yet: the rest waits as text.
constexpr std::int64_t max_uncommitted = 2'000;

instant moment_of(const time_anchor& anchor, std::int64_t unix_ns) {
  auto since = std::chrono::nanoseconds(unix_ns) - anchor.calendar.time_since_epoch();
  return anchor.steady + std::chrono::duration_cast<duration>(since);
}

}  // namespace

/// Asks again later, and later each time, or goes for the results.
void batch_desk_state::stands(batch& b, const dialects::batch_report& report) {
  if (!report.ended) {
    wait_until(b, b.wait);
    b.wait = std::min(b.wait * 3 / 2, settings().batch.longest_poll);
    return;
  }
  spdlog::info("batch-ended provider={} batch={} result_files={} {}", own_name(), b.row.batch_id,
               report.results.size(), report.trouble);
  b.trouble = report.trouble;
  b.results.assign(report.results.rbegin(), report.results.rend());
  fetch_next(b);
}

void batch_desk_state::fetch_next(batch& b) {
  if (b.results.empty()) return end_of_results(b);
  b.at = phase::fetching;
  step(b);
}

/// Reads on, as far as the recorder keeps up.
void batch_desk_state::collect(batch& b) {
  while (uncommitted_ < max_uncommitted) {
    auto line = dialects::take_line(b.rest);
    if (line.empty()) {
      b.body.reset();
      b.results.pop_back();
      return fetch_next(b);
    }
    auto result = api_->read_result(line);
    if (result)
      take_result(b, std::move(*result));
    else
      spdlog::warn("batch-line-unreadable provider={} batch={} message=\"{}\"", own_name(),
                   b.row.batch_id, assay::render(result.error()));
  }
}

void batch_desk_state::take_result(batch& b, dialects::item_result result) {
  auto key = task_of(result.custom_id, b.mark);
  if (!key) return;
  if (b.expected.count(*key)) {
    b.early.emplace(*key, std::move(result));
    return;
  }
  if (auto found = b.items.extract(*key))
    settle(b, *key, std::move(found.mapped()), std::move(result));
}

/// What one result means for its task. The attempt began when the batch was announced, so that a
/// second collection, after a crash, brings the very same attempt and the ledger keeps one.
void batch_desk_state::settle(batch& b, const task_key& key, item it,
                              dialects::item_result result) {
  auto& tried = result.got.tried;
  tried.number = static_cast<std::uint32_t>(it.attempts.size()) + 1;
  tried.provider = own_name();
  tried.items = static_cast<std::uint32_t>(b.row.tasks.size());
  tried.batched = true;
  tried.at = {};
  tried.at.intended = tried.at.admitted = tried.at.sent =
      moment_of(config_.anchor, b.row.announced_unix_ns);
  tried.at.done = now();
  auto model = config_.todo->classes.empty()
                   ? std::string{}
                   : config_.todo->classes[config_.todo->class_of(it.positions.front())].model;
  auto prices = config_.access->prices.find(model);
  if (prices != config_.access->prices.end())
    tried.cost = catalog::cost_of(tried.usage, prices->second) * settings().price_factor *
                 settings().batch.price_factor;
  auto kind = tried.error.kind;
  it.attempts.push_back(std::move(tried));
  if (is_answer(kind))
    return finish(key, std::move(it), status_of(kind), std::move(result.got.reply));
  auto again = (result.unanswered || is_retryable(kind)) && !closing();
  if (!again || ++it.failures > settings().retry.max_retries)
    return finish(key, std::move(it), outcome_status::error, {});
  gather(key, std::move(it));
  last_arrival_ = now();
}

/// Every result is read. What has none is asked again.
void batch_desk_state::end_of_results(batch& b) {
  if (!b.expected.empty()) {
    b.at = phase::holding;
    return;
  }
  auto without = std::exchange(b.items, {});
  if (!b.trouble.empty() && !without.empty())
    hold_until_ =
        now() + limits::retry_wait(settings().retry, 1 + without.begin()->second.failures, draw());
  auto message = b.trouble.empty() ? "the batch ended without a result for this request"
                                   : "the batch failed: " + b.trouble;
  for (auto& [key, it] : without) {
    dialects::item_result none;
    none.unanswered = true;
    none.got.tried.error = {.kind = error_class::server_error, .message = message};
    settle(b, key, std::move(it), std::move(none));
  }
  close(b);
}

void batch_desk_state::close(batch& b) {
  note(b, b.trouble.empty() ? batch_state::collected : batch_state::lost);
  drop(b);
}

/// The provider has the batch but does not give it to us. Where that may change, it stays open in
/// the ledger; a batch that the API does not know any more is given up.
void batch_desk_state::lost_results(batch& b, const api_error& error) {
  auto gone = error.kind == error_class::bad_request;
  auto message = "the batch " + b.row.batch_id + " cannot be had: " + error.message;
  if (gone)
    note(b, batch_state::lost);
  else
    suspend(message);
  for (auto& [key, it] : std::exchange(b.items, {})) fail(key, std::move(it), error.kind, message);
  drop(b);
}

}  // namespace assay::actors
