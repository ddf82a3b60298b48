#include <spdlog/spdlog.h>

#include <algorithm>

#include "actors/batch_desk.hpp"
#include "actors/batch_mark.hpp"
#include "providers/limits/backoff.hpp"
#include "providers/transport/http_engine.hpp"

namespace assay::actors {

using namespace std::chrono_literals;

namespace {

/// A batch is a large upload, its results a large download.
constexpr milliseconds patience = 10min;
/// How far the provider's clock may be behind ours.
constexpr std::int64_t clock_skew_s = 3'600;
/// An exchange that has not ended so long after its last time-out never will.
constexpr auto lost_after = 30s;
/// So often the list has to show that a batch did not arrive.
constexpr int looks = 2;

bool is_limit(error_class kind) {
  return kind == error_class::rate_limited || kind == error_class::ramp_limited;
}

bool is_closed_account(error_class kind) {
  return kind == error_class::quota_exhausted || kind == error_class::auth;
}

/// Whether the request may have been carried out although its answer says otherwise or is lost.
bool may_have_arrived(const attempt& tried) {
  auto status = tried.http_status;
  return status < 400 || status >= 500 || status == 408 || status == 409;
}

}  // namespace

/// Sends what the batch's phase calls for.
void batch_desk_state::step(batch& b) {
  b.due = {};
  switch (b.at) {
    case phase::uploading:
    case phase::creating:
      return hand_over(b);
    case phase::looking:
      return ask(b, api_->list(b.cursor, settings(), key()));
    case phase::checking:
      return ask(b, api_->fetch(b.candidates.back(), settings(), key()), true);
    case phase::waiting:
      if (b.expected.empty() && b.items.empty()) return close(b);
      return ask(b, api_->status(b.row.batch_id, settings(), key()));
    case phase::fetching:
      return ask(b, api_->fetch(b.results.back(), settings(), key()), true);
    case phase::announcing:
    case phase::collecting:
    case phase::holding:
      return;
  }
}

void batch_desk_state::ask(batch& b, expected<http_request> request, bool patient) {
  if (!request)
    return refused(b,
                   {.kind = error_class::bad_request, .message = assay::render(request.error())});
  auto call = std::make_shared<transport::exchange>();
  b.body = std::make_shared<std::string>();
  b.permit = next_permit_++;
  asking_[b.permit] = b.number;
  call->request = std::move(*request);
  call->reader = dialects::batch_reader(*api_, b.body);
  call->limits = settings().limits_of_time;
  if (patient) {
    call->limits.total = std::max(call->limits.total, patience);
    call->limits.first_byte = std::max(call->limits.first_byte, patience);
  }
  call->proxy = settings().proxy;
  call->ca_file = settings().ca_file;
  call->secret = key();
  call->intended = call->admitted = now();
  call->done = [to = account_actor{self_}, permit = b.permit](exchange_result result) {
    caf::anon_send(to, permit, std::move(result));
  };
  b.due = now() + call->limits.total + lost_after;
  self_->send(config_.transport, std::move(call));
}

void batch_desk_state::give_up_exchange(batch& b) {
  exchange_result lost;
  lost.tried.error = {.kind = error_class::timeout,
                      .message = "the exchange was lost: nothing was heard of its end"};
  b.due = {};
  self_->send(self_, b.permit, std::move(lost));
}

void batch_desk_state::report(std::uint64_t permit, exchange_result& result) {
  auto asked = asking_.find(permit);
  if (asked == asking_.end()) return;
  auto found = batches_.find(asked->second);
  asking_.erase(asked);
  if (found == batches_.end()) return;
  auto& b = found->second;
  b.permit = 0;
  b.due = {};
  if (result.tried.error.kind == error_class::none) {
    b.failures = 0;
    last_trouble_.clear();
    answered(b, result);
  } else {
    failed(b, result);
  }
  pump();
}

void batch_desk_state::note(const batch& b, batch_state state) {
  auto row = b.row;
  row.state = state;
  row.changed_unix_ns = unix_now();
  row.tasks.clear();
  self_->request(config_.recorder, within(60s), std::move(row))
      .then([](std::int64_t) {}, [this](const caf::error& why) { self_->quit(why); });
}

// -- handing over ---------------------------------------------------------------------------------

void batch_desk_state::announced(std::uint64_t number, std::int64_t id) {
  auto found = batches_.find(number);
  if (found == batches_.end()) return;
  auto& b = found->second;
  b.row.id = id;
  b.at = api_->uploads() ? phase::uploading : phase::creating;
  if (closing()) return never_arrived(b);
  hand_over(b);
}

void batch_desk_state::hand_over(batch& b) {
  if (b.at == phase::uploading)
    ask(b, api_->upload(b.requests, b.mark, settings(), key()), true);
  else
    ask(b, api_->create(b.requests, b.file, b.mark, settings(), key()), true);
}

void batch_desk_state::answered(batch& b, const exchange_result&) {
  auto unreadable = [&](const problem& p) {
    retry_later(b, {.kind = error_class::server_error, .message = assay::render(p)});
  };
  switch (b.at) {
    case phase::uploading: {
      auto file = api_->read_upload(*b.body);
      if (!file) return unreadable(file.error());
      b.file = std::move(*file);
      b.at = phase::creating;
      return closing() ? never_arrived(b) : hand_over(b);
    }
    case phase::creating: {
      auto report = api_->read_batch(*b.body);
      if (report) return created(b, *report);
      b.at = phase::looking;
      return unreadable(report.error());
    }
    case phase::looking: {
      auto page = api_->read_page(*b.body);
      return page ? look(b, *page) : unreadable(page.error());
    }
    case phase::checking: {
      std::string_view text = *b.body;
      auto first = api_->read_result(dialects::take_line(text));
      if (!first) return unreadable(first.error());
      if (task_of(first->custom_id, b.mark)) return created(b, {.id = b.candidates.back()});
      return rule_out(b);
    }
    case phase::waiting: {
      auto report = api_->read_batch(*b.body);
      return report ? stands(b, *report) : unreadable(report.error());
    }
    case phase::fetching:
      b.at = phase::collecting;
      b.rest = *b.body;
      return collect(b);
    case phase::announcing:
    case phase::collecting:
    case phase::holding:
      return;
  }
}

/// The provider has it: from now on it is only asked for.
void batch_desk_state::created(batch& b, const dialects::batch_report& report) {
  b.row.batch_id = report.id;
  b.row.state = batch_state::submitted;
  b.requests.clear();
  b.requests.shrink_to_fit();
  troubled_since_ = {};
  note(b, batch_state::submitted);
  spdlog::info("batch-submitted provider={} batch={} requests={}", own_name(), report.id,
               b.row.tasks.size());
  b.at = phase::waiting;
  if (draining_) return leave(b);
  wait_until(b, b.wait);
}

void batch_desk_state::failed(batch& b, const exchange_result& result) {
  const auto& error = result.tried.error;
  last_trouble_ = std::string(to_string(error.kind)) + ": " + error.message;
  spdlog::warn("batch-exchange-failed provider={} batch={} status={} class={} message=\"{}\"",
               own_name(), b.row.batch_id.empty() ? b.mark : b.row.batch_id,
               result.tried.http_status, to_string(error.kind), error.message);
  if (b.at == phase::uploading || b.at == phase::creating) return failed_handing(b, result.tried);
  if (draining_) return leave(b);
  if (b.at == phase::checking && error.kind == error_class::bad_request) return rule_out(b);
  auto known = b.at == phase::waiting || b.at == phase::fetching;
  auto hopeless =
      !is_retryable(error.kind) && !is_limit(error.kind) && error.kind != error_class::cancelled;
  if (known && hopeless) return lost_results(b, error);
  if (hopeless && is_closed_account(error.kind)) {
    suspend(last_trouble_);
    return leave(b);
  }
  retry_later(b, error);
}

/// An upload, or a refusal that says that nothing was done, is simply repeated; a request that may
/// have created the batch is looked for.
void batch_desk_state::failed_handing(batch& b, const attempt& tried) {
  const auto& error = tried.error;
  auto t = now();
  if (troubled_since_ == instant{}) troubled_since_ = t;
  auto unsure = b.at == phase::creating && may_have_arrived(tried);
  if (is_closed_account(error.kind)) suspend(last_trouble_);
  if (t - troubled_since_ > settings().retry.max_outage)
    suspend("no batch could be handed over: " + last_trouble_);
  if (unsure) {
    b.at = phase::looking;
    return draining_ ? leave(b) : retry_later(b, error);
  }
  if (closing()) return never_arrived(b);
  auto again = is_limit(error.kind) || is_retryable(error.kind);
  return again ? retry_later(b, error) : refused(b, error);
}

/// The API does not take these requests as a batch: asking again cannot help.
void batch_desk_state::refused(batch& b, const api_error& error) {
  note(b, batch_state::lost);
  for (auto& [key, it] : std::exchange(b.items, {}))
    fail(key, std::move(it), error.kind, error.message);
  drop(b);
}

/// It is certain that the provider does not have it: its tasks go into another batch.
void batch_desk_state::never_arrived(batch& b) {
  spdlog::info("batch-never-arrived provider={} requests={}", own_name(), b.row.tasks.size());
  note(b, batch_state::lost);
  auto items = std::exchange(b.items, {});
  drop(b);
  if (closing()) return give_back(std::move(items));
  for (auto& [key, it] : items) gather(key, std::move(it));
  last_arrival_ = now();
}

// -- looking for one that may have arrived --------------------------------------------------------

void batch_desk_state::look(batch& b, const dialects::batch_page& page) {
  auto oldest = b.row.announced_unix_ns / 1'000'000'000 - clock_skew_s;
  bool all_older = !page.batches.empty();
  for (const auto& one : page.batches) {
    auto older = one.created_unix_s && *one.created_unix_s < oldest;
    all_older = all_older && older;
    if (api_->keeps_marks()) {
      if (one.mark == b.mark) return created(b, one);
      continue;
    }
    auto size = static_cast<std::int64_t>(b.row.tasks.size());
    if (older || b.others.count(one.id) || (one.items && *one.items != size)) continue;
    if (!one.ended)
      b.undecided = true;
    else if (!one.results.empty())
      b.candidates.push_back(one.id);
  }
  b.cursor = all_older ? std::string{} : page.next;
  if (!b.cursor.empty()) return step(b);
  check_next(b);
}

/// Where the API keeps no marks, the results of what could be it tell.
void batch_desk_state::check_next(batch& b) {
  b.at = b.candidates.empty() ? phase::looking : phase::checking;
  if (!b.candidates.empty()) return step(b);
  end_of_list(b);
}

/// The last candidate is another batch, or one whose results cannot be had.
void batch_desk_state::rule_out(batch& b) {
  b.others.insert(b.candidates.back());
  b.candidates.pop_back();
  check_next(b);
}

void batch_desk_state::end_of_list(batch& b) {
  b.cursor.clear();
  auto undecided = std::exchange(b.undecided, false);
  if (!undecided && ++b.absent >= looks) return never_arrived(b);
  wait_until(b, undecided ? b.wait : settings().batch.longest_poll);
}

// -- waiting --------------------------------------------------------------------------------------

void batch_desk_state::wait_until(batch& b, duration wait) {
  b.due = now() + std::max<duration>(wait, 1ms);
}

/// A 429 tells how long to wait, everything else is asked again after a backoff that grows.
void batch_desk_state::retry_later(batch& b, const api_error& error) {
  ++b.failures;
  auto wait = is_limit(error.kind) ? limits::rate_limit_wait(settings().retry, b.failures, draw())
                                   : limits::retry_wait(settings().retry, b.failures, draw());
  if (error.retry_after) wait = std::max<duration>(wait, *error.retry_after);
  wait_until(b, wait);
}

/// The run, or our part in it, ends before the batch does. What the provider may have stays open in
/// the ledger; nobody else may ask for it meanwhile.
void batch_desk_state::leave(batch& b) {
  auto handing = b.at == phase::announcing || b.at == phase::uploading || b.at == phase::creating;
  auto busy = b.at == phase::announcing || (handing && b.permit != 0);
  if (busy) return;  // its end will come here again
  if (handing) return never_arrived(b);
  item_map items, stay;
  for (auto& [key, it] : std::exchange(b.items, {}))
    (it.elsewhere && !draining_ ? stay : items).emplace(key, std::move(it));
  auto message = "it may be in a batch that cannot be asked for: " + last_trouble_;
  drop(b);
  for (auto& [key, it] : stay) fail(key, std::move(it), error_class::auth, message);
  give_back(std::move(items));
}

void batch_desk_state::drop(batch& b) {
  for (const auto& key : b.expected) where_.erase(key);
  for (const auto& [key, it] : b.items) where_.erase(key);
  batches_.erase(b.number);
}

}  // namespace assay::actors
