#include "providers/limits/scope_limits.hpp"

#include <algorithm>
#include <cmath>

namespace assay::limits {

namespace {

using namespace std::chrono_literals;

/// Requests already on their way when a limit closes fall into the same hold.
constexpr auto shortest_hold = 120ms;
/// A scout that takes longer is not waited for.
constexpr auto longest_scout = 2s;
/// So many cuts that no known limit explains, with fewer sends than this between them, mean that
/// the known limit is not the one that is enforced.
constexpr int cuts_to_doubt = 3;
constexpr int sends_to_forget = 300;
/// Over which the rate of sending is measured.
constexpr double rate_memory_s = 5;

}  // namespace

scope_limits::scope_limits(bool bounded) : scouting_(!bounded), bounded_(bounded) {
  if (!bounded) searches_.emplace_back(dimension::requests);  // counts from the first request on
}

// -- admission ------------------------------------------------------------------------------------

/// As long as headers do not tell the shape, a configured limit knows better.
bool scope_limits::counts(const header_mirror& m) const {
  return m.shape_known() || !(bounded_ && m.counts() == dimension::requests);
}

instant scope_limits::earliest(const charge& c, instant now) const {
  auto when = std::max({now, held_until_, ramp_next_});
  if (scouting_ && in_flight_ > 0) when = std::max(when, scout_until_);
  for (const auto& m : mirrors_)
    if (auto cost = amount(c, m.counts()); cost > 0 && counts(m))
      when = std::max(when, m.earliest(cost, now));
  for (const auto& s : searches_)
    if (auto cost = amount(c, s.counts()); cost > 0) when = std::max(when, s.earliest(cost, now));
  return when;
}

std::optional<int> scope_limits::places(instant now) const {
  std::optional<int> least;
  for (const auto& s : searches_)
    if (auto most = s.places(now)) least = std::min(least.value_or(*most), *most);
  return least;
}

void scope_limits::admit(const charge& c, instant now) {
  if (scouting_ && in_flight_ == 0 && scout_until_ == instant{}) {
    scout_until_ = now + longest_scout;
  } else if (scouting_) {  // the scout is late: feel the way
    scouting_ = false;
    search_for(dimension::requests).ramp(now, longest_scout);
  }
  for (auto& m : mirrors_)
    if (auto cost = amount(c, m.counts()); cost > 0) m.sent(cost, now);
  for (auto& s : searches_)
    if (auto cost = amount(c, s.counts()); cost > 0) s.sent(cost, in_flight_, now);
  ++in_flight_;
  ++sends_since_cut_;
  auto faded = std::exp(-seconds(now - recent_at_) / rate_memory_s);
  recent_rate_ = recent_rate_ * faded + 1 / rate_memory_s;
  recent_at_ = now;
  if (ramp_rate_ > 0) {
    auto rate = slowed(now);
    ramp_next_ = std::max(ramp_next_, now - 50ms) + from_seconds(1 / rate);
    if (rate > 4 * ramp_rate_) ramp_rate_ = 0;
  }
}

void scope_limits::release(double surplus_in, double surplus_out, instant admitted, instant now) {
  --in_flight_;
  charge surplus;
  surplus.input_tokens = surplus_in;
  surplus.output_tokens = surplus_out;
  for (auto& m : mirrors_)
    if (m.counts() != dimension::requests) m.settle(amount(surplus, m.counts()), admitted, now);
}

double scope_limits::room(instant now) const {
  if (held_until_ > now) return 0;
  if (scouting_ && in_flight_ > 0) return 0;
  auto room = 1e9;
  if (scouting_) room = 1;
  if (const auto* m = mirror_of(dimension::requests); m && counts(*m))
    room = std::min(room, m->level(now));
  if (const auto most = places(now)) room = std::min<double>(room, *most - in_flight_);
  return room;
}

std::string scope_limits::held_back_by(const charge& c, instant now, instant& than) const {
  std::string name;
  auto later = [&](instant when, std::string what) {
    if (when <= than) return;
    than = when;
    name = std::move(what);
  };
  later(held_until_, "retry-after");
  later(ramp_next_, "slow start");
  if (scouting_ && in_flight_ > 0) later(scout_until_, "first answer");
  for (const auto& m : mirrors_)
    if (auto cost = amount(c, m.counts()); cost > 0 && counts(m))
      later(m.earliest(cost, now), limit_name(m.counts(), knowledge::header));
  for (const auto& s : searches_)
    if (auto cost = amount(c, s.counts()); cost > 0)
      later(s.earliest(cost, now), limit_name(s.counts(), knowledge::learned));
  return name;
}

// -- what the API says ----------------------------------------------------------------------------

const header_mirror* scope_limits::mirror_of(dimension counts) const {
  for (const auto& m : mirrors_)
    if (m.counts() == counts && m.known()) return &m;
  return nullptr;
}

rate_search& scope_limits::search_for(dimension counts) {
  for (auto& s : searches_)
    if (s.counts() == counts) return s;
  return searches_.emplace_back(counts);
}

void scope_limits::headers(const std::vector<rate_header>& told, const charge& c, instant sent,
                           instant now) {
  for (const auto& h : told) {
    if (h.counts == dimension::concurrency || !(h.limit > 0)) continue;
    auto known = std::find_if(mirrors_.begin(), mirrors_.end(),
                              [&](const header_mirror& m) { return m.counts() == h.counts; });
    if (known == mirrors_.end()) known = mirrors_.emplace(mirrors_.end(), h.counts);
    known->told(h, amount(c, h.counts), sent, now);
    had_headers_ = true;
    if (mirror_of(h.counts)) {
      scouting_ = false;
      std::erase_if(searches_, [&](const rate_search& s) { return s.counts() == h.counts; });
    }
  }
}

void scope_limits::accepted(instant admitted, instant now) {
  cuts_ = 0;
  if (!had_headers_) ++answers_without_headers_;
  if (!scouting_) return;
  scouting_ = false;
  if (!bounded_ && mirrors_.empty()) search_for(dimension::requests).ramp(now, now - admitted);
}

bool scope_limits::explained(const api_error& error) const {
  if (error.limited && *error.limited != dimension::concurrency)
    return mirror_of(*error.limited) || (bounded_ && *error.limited == dimension::requests);
  return bounded_ || mirror_of(dimension::requests);
}

scope_limits::cut scope_limits::limited(const api_error& error, const charge& c, instant admitted,
                                        instant now, duration backoff) {
  cut got{now, admitted >= last_cut_};
  cuts_ = cuts_in_a_row(admitted);
  scouting_ = false;
  for (auto& m : mirrors_) m.refused();
  if (got.first_of_group) {
    last_cut_ = now;
    unexplained_ = sends_since_cut_ > sends_to_forget ? 1 : unexplained_ + 1;
    sends_since_cut_ = 0;
  }
  std::optional<duration> hint;
  if (error.retry_after) hint = *error.retry_after;
  auto counts = error.limited.value_or(dimension::requests);
  if (counts == dimension::concurrency) counts = dimension::requests;
  auto search = !explained(error) || unexplained_ >= cuts_to_doubt;
  if (searching() && !error.limited) {
    for (auto& s : searches_) s.refused(amount(c, s.counts()), admitted, now, hint);
  } else if (search) {
    search_for(counts).refused(amount(c, counts), admitted, now, hint);
  } else {
    hold(now + std::max<duration>(shortest_hold, hint.value_or(backoff)));
  }
  if (hint) hold(now + std::max<duration>(shortest_hold, *hint));
  got.until = earliest(c, now);
  return got;
}

void scope_limits::ramp_limited(instant now) {
  if (ramp_rate_ > 0 && now - ramp_cut_at_ < 1s) return;  // the same cut
  auto rate = ramp_rate_ > 0 ? std::min(slowed(now), recent_rate_) : recent_rate_;
  ramp_rate_ = std::max(0.1, rate / 2);
  ramp_cut_at_ = now;
  hold(now + shortest_hold);
}

/// Half of what it was when it was cut, 10 % more each minute.
double scope_limits::slowed(instant now) const {
  return ramp_rate_ * std::pow(1.1, seconds(now - ramp_cut_at_) / 60);
}

void scope_limits::resume(const known_rate& earlier, instant now) {
  scouting_ = false;
  search_for(earlier.counts).resume(earlier, now);
}

void scope_limits::add_to(known_limits& all, const std::string& model, const std::string& address,
                          instant now) const {
  auto add = [&](known_rate found) {
    found.model = model;
    found.address = address;
    all.rates.push_back(std::move(found));
  };
  for (const auto& m : mirrors_)
    if (m.known()) add(m.found(now));
  for (const auto& s : searches_) {
    if (auto found = s.found(now)) add(*found);
    if (auto most = s.places(now))
      all.places.push_back({model, *most, knowledge::learned, address});
  }
}

}  // namespace assay::limits
