#include "actors/sound_result.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

namespace assay::actors {

namespace {

bool is_count(const std::optional<std::int64_t>& n) { return !n || *n >= 0; }

bool is_dimension(dimension d) { return d <= dimension::money; }

std::string unsound(const std::vector<rate_header>& headers) {
  for (const auto& h : headers) {
    if (!is_dimension(h.counts)) return "a rate-limit header that counts nothing known";
    if (std::isnan(h.limit) || std::isnan(h.remaining)) return "a rate-limit header without number";
  }
  return {};
}

/// What came in the wrong order would give negative times.
bool in_order(const timeline& at) {
  auto latest = at.sent;
  for (auto moment : {at.first_byte, at.last_content, at.done}) {
    if (moment == instant{}) continue;
    if (moment < latest) return false;
    latest = moment;
  }
  return at.done != instant{};
}

}  // namespace

std::string unsound(const exchange_result& r) {
  const auto& tried = r.tried;
  if (static_cast<std::uint8_t>(tried.error.kind) >= error_class_count) return "an unknown error";
  if (tried.error.limited && !is_dimension(*tried.error.limited)) return "an unknown limit";
  if (r.reply.why > finish::refusal) return "an unknown reason for the end of an answer";
  for (const auto* usage : {&tried.usage, &r.reply.usage}) {
    auto counts = {usage->input, usage->cached_input, usage->cache_write, usage->output,
                   usage->reasoning};
    if (!std::all_of(counts.begin(), counts.end(), is_count)) return "negative usage";
    if (usage->billed_usd && !(*usage->billed_usd >= 0)) return "a negative bill";
  }
  if (tried.bytes_received < 0) return "a negative size";
  if (!in_order(tried.at)) return "moments in a wrong order";
  return unsound(tried.limits);
}

std::string unsound(const early_headers& early) { return unsound(early.limits); }

}  // namespace assay::actors
