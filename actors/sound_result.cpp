#include "actors/sound_result.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include "evaluation/text/unicode.hpp"

namespace assay::actors {

namespace {

/// Sums of two such times are times, too.
constexpr std::chrono::nanoseconds longest = std::chrono::hours(24) * 366 * 100;

bool is_time(duration d) { return d >= -longest && d <= longest; }

/// Told in milliseconds or seconds, of which more fit.
template <class Wait>
bool is_wait(const std::optional<Wait>& wait) {
  return !wait || (*wait >= Wait::zero() && *wait <= std::chrono::duration_cast<Wait>(longest));
}

bool is_span(std::chrono::nanoseconds d) {
  return d >= std::chrono::nanoseconds::zero() && d <= longest;
}

bool is_count(const std::optional<std::int64_t>& n) { return !n || *n >= 0; }

bool is_dimension(dimension d) { return d <= dimension::money; }

std::string unsound(const std::vector<rate_header>& headers) {
  for (const auto& h : headers) {
    if (!is_dimension(h.counts)) return "a rate-limit header that counts nothing known";
    if (std::isnan(h.limit) || std::isnan(h.remaining)) return "a rate-limit header without number";
    if (!is_wait(h.reset) || !is_wait(h.window)) return "a rate-limit header without a sound time";
  }
  return {};
}

/// What came in the wrong order would give negative times.
bool in_order(const timeline& at) {
  for (auto moment : {at.sent, at.first_event, at.first_reasoning, at.first_content})
    if (!is_time(moment.time_since_epoch())) return false;
  auto latest = at.sent;
  for (auto moment : {at.first_byte, at.last_content, at.done}) {
    if (moment == instant{}) continue;
    if (!is_time(moment.time_since_epoch()) || moment < latest) return false;
    latest = moment;
  }
  return at.done != instant{};
}

}  // namespace

std::string unsound(const exchange_result& r) {
  const auto& tried = r.tried;
  if (static_cast<std::uint8_t>(tried.error.kind) >= error_class_count) return "an unknown error";
  if (!is_wait(tried.error.retry_after)) return "a wait without a sound time";
  if (tried.error.limited && !is_dimension(*tried.error.limited)) return "an unknown limit";
  if (r.reply.why > finish::refusal) return "an unknown reason for the end of an answer";
  for (const auto* usage : {&tried.usage, &r.reply.usage}) {
    auto counts = {usage->input, usage->cached_input, usage->cache_write, usage->output,
                   usage->reasoning};
    if (!std::all_of(counts.begin(), counts.end(), is_count)) return "negative usage";
    if (usage->billed_usd && !(*usage->billed_usd >= 0)) return "a negative bill";
  }
  if (tried.bytes_received < 0) return "a negative size";
  const auto& c = tried.connecting;
  for (auto span : {c.name, c.tcp, c.tls, tried.round_trip})
    if (!is_span(span)) return "a time on the way that cannot be";
  if (!in_order(tried.at)) return "moments in a wrong order";
  return unsound(tried.limits);
}

std::string unsound(const early_headers& early) {
  if (!is_time(early.sent.time_since_epoch())) return "a moment beyond all time";
  return unsound(early.limits);
}

std::string unsound(const heartbeat& h) {
  if (!is_time(h.loop_lag) || h.loop_lag < duration::zero()) return "a lag that cannot be";
  if (!is_time(h.clock_offset) || !is_time(h.clock_error)) return "a clock that cannot be";
  return {};
}

/// Only the desk itself knows of examinations that are lost or refused.
std::string unsound(const ended_examination& e) {
  if (e.how > examination_end::not_taken) return "an unknown end of an examination";
  const auto& v = e.what;
  if (v.scored ? !(v.score >= 0 && v.score <= 1) : v.score != 0) return "a score that cannot be";
  for (const auto* text : {&v.extracted, &v.explanation})
    if (!evaluation::is_utf8(*text)) return "a verdict that is no text";
  return {};
}

}  // namespace assay::actors
