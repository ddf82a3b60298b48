#include "providers/limits/account.hpp"

#include <algorithm>
#include <cmath>

namespace assay::limits {

namespace {

using namespace std::chrono_literals;

/// Requests already on their way when a limit closes fall into the same hold.
constexpr auto shortest_hold = 120ms;

/// How much longer than itself a window is mirrored: sends may reach the server closer together
/// than they left (limits.md, D2).
milliseconds window_margin(milliseconds window) {
  return std::clamp<milliseconds>(window / 200, 20ms, 300ms);
}

double bucket_floor(const rate_limit& limit) {
  auto rate = limit.amount / seconds(limit.window);
  auto jitter = (limit.counts == dimension::requests ? 3 : 0) + 0.15 * rate;
  return std::clamp((limit.burst - 1) / 2, 0.0, jitter);
}

}  // namespace

charge charge_for(reserve_policy policy, std::int64_t input_tokens,
                  std::optional<std::int32_t> max_tokens, double expected_output) {
  charge c{static_cast<double>(input_tokens), 0};
  if (policy == reserve_policy::max_tokens) c.output_tokens = max_tokens.value_or(expected_output);
  if (policy == reserve_policy::expected) c.output_tokens = expected_output;
  return c;
}

std::string_view to_string(knowledge k) {
  switch (k) {
    case knowledge::config:
      return "config";
    case knowledge::header:
      return "header";
    case knowledge::learned:
      break;
  }
  return "learned";
}

account::account(const limit_settings& settings, instant start)
    : reserve_(settings.reserve), max_parallel_(std::max(1, settings.max_parallel)) {
  for (const auto& limit : settings.rates) {
    auto bucket = limit.shape == limit_shape::bucket;
    auto mirror = limit;
    if (!bucket) {  // the phase of the server's window is unknown; a sliding log suits every phase
      mirror.shape = limit_shape::sliding_log;
      mirror.window += window_margin(limit.window);
    }
    auto floor = bucket ? bucket_floor(limit) : 0.0;
    mirrors_.push_back({limit, floor, make_shape(mirror, floor, start)});
  }
}

double account::amount(const charge& c, dimension counts) {
  switch (counts) {
    case dimension::requests:
      return 1;
    case dimension::tokens:
      return c.input_tokens + c.output_tokens;
    case dimension::input_tokens:
      return c.input_tokens;
    case dimension::output_tokens:
      return c.output_tokens;
    case dimension::concurrency:
      return 0;
  }
  return 0;
}

instant account::earliest(const charge& c, instant now) const {
  auto when = std::max(now, held_until_);
  for (const auto& mirror : mirrors_) {
    auto cost = amount(c, mirror.limit.counts);
    if (cost > 0) when = std::max(when, mirror.level->earliest(cost, now));
  }
  return when;
}

void account::admit(const charge& c, instant now) {
  ++in_flight_;
  for (auto& mirror : mirrors_) {
    auto cost = amount(c, mirror.limit.counts);
    if (cost > 0) mirror.level->take(cost, now);
  }
}

void account::release(const charge& reserved, const charge& used, instant admitted, instant now) {
  --in_flight_;
  if (reserve_ == reserve_policy::max_tokens) return;
  for (auto& mirror : mirrors_) {
    if (mirror.limit.counts == dimension::requests) continue;
    auto counts = mirror.limit.counts;
    mirror.level->settle(amount(reserved, counts) - amount(used, counts), admitted, now);
  }
}

int account::room(instant now) const {
  if (held_until_ > now) return 0;
  double room = free_slots();
  for (const auto& mirror : mirrors_)
    if (mirror.limit.counts == dimension::requests)
      room = std::min(room, std::floor(mirror.level->level(now) - mirror.floor));
  return std::max(0, static_cast<int>(room));
}

std::string account::held_back_by(const charge& c, instant now) const {
  auto latest = now;
  std::string name;
  if (held_until_ > latest) {
    latest = held_until_;
    name = "retry-after";
  }
  for (const auto& mirror : mirrors_) {
    auto cost = amount(c, mirror.limit.counts);
    auto when = cost > 0 ? mirror.level->earliest(cost, now) : now;
    if (when <= latest) continue;
    latest = when;
    name = mirror.limit.key;
  }
  if (name.empty() && free_slots() <= 0) name = "max_parallel";
  return name;
}

std::uint32_t account::model(const std::string& name) {
  auto known = std::find(models_.begin(), models_.end(), name);
  if (known == models_.end()) known = models_.insert(known, name);
  return static_cast<std::uint32_t>(known - models_.begin());
}

void account::headers(const std::vector<rate_header>&, const charge&, instant, instant) {}

void account::accepted(const charge&, instant, instant) { cuts_ = 0; }

account::cut account::limited(const api_error& error, const charge& c, instant admitted,
                              instant now, duration backoff) {
  auto wait = error.retry_after ? duration(*error.retry_after) : backoff;
  cut got{now + std::max<duration>(shortest_hold, wait), admitted >= last_cut_};
  cuts_ = cuts_in_a_row(c, admitted);
  if (got.first_of_group) last_cut_ = now;
  hold(got.until);
  return got;
}

void account::ramp_limited(const charge&, instant) {}

void account::overloaded(const charge&, instant) {}

findings account::known(instant now) const {
  findings all;
  for (const auto& [limit, floor, level] : mirrors_) {
    auto rate = limit.amount / seconds(limit.window);
    finding f{
        .counts = limit.counts, .shape = limit.shape, .rate = rate, .low = rate, .high = rate};
    f.burst = limit.shape == limit_shape::bucket ? limit.burst : limit.amount;
    f.window = limit.window;
    f.left = std::max(0.0, level->level(now));
    f.key = limit.key;
    all.rates.push_back(std::move(f));
  }
  all.parallel.push_back({"", max_parallel_, knowledge::config});
  return all;
}

snapshot account::save(instant now) const {
  snapshot s;
  for (const auto& [limit, floor, level] : mirrors_) {
    auto most = limit.shape == limit_shape::bucket ? limit.burst : limit.amount;
    s.levels.push_back({"", limit.key, most - level->level(now)});
  }
  s.held = std::max(duration{}, held_until_ - now);
  return s;
}

void account::restore(const snapshot& s, duration ago, instant now) {
  hold(now + s.held - ago);
  for (auto& [limit, floor, level] : mirrors_) {
    auto was = std::find_if(s.levels.begin(), s.levels.end(),
                            [&](const snapshot::level& l) { return l.key == limit.key; });
    if (was == s.levels.end()) continue;
    auto freed = limit.shape == limit_shape::bucket
                     ? limit.amount / seconds(limit.window) * seconds(ago)
                     : (ago >= limit.window ? was->used : 0.0);
    level->settle(std::min(0.0, freed - was->used), now);
  }
}

}  // namespace assay::limits
