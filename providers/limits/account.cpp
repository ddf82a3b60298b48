#include "providers/limits/account.hpp"

#include <algorithm>
#include <cmath>

namespace assay::limits {

namespace {

bool counts_requests(const std::vector<stated_limit>& stated) {
  return std::any_of(stated.begin(), stated.end(),
                     [](const stated_limit& s) { return s.limit().counts == dimension::requests; });
}

}  // namespace

account::account(const limit_settings& settings, instant start, const time_anchor& clock)
    : settings_(settings),
      start_(start),
      clock_(clock),
      max_parallel_(std::max(1, settings.max_parallel)),
      latest_(start),
      own_(std::any_of(settings.rates.begin(), settings.rates.end(),
                       [](const rate_limit& r) { return r.counts == dimension::requests; })) {
  for (const auto& limit : settings.rates) stated_.emplace_back(limit, start, clock);
  children_.emplace_back();
}

std::uint32_t account::model(const std::string& name) {
  auto known = std::find_if(children_.begin(), children_.end(),
                            [&](const child& c) { return c.name == name; });
  if (known == children_.end()) {
    child c;
    c.name = name;
    auto of_model = settings_.models.find(name);
    if (of_model != settings_.models.end())
      for (const auto& limit : of_model->second) c.stated.emplace_back(limit, start_, clock_);
    if (settings_.scope == limit_scope::model)
      c.told =
          std::make_unique<scope_limits>(counts_requests(stated_) || counts_requests(c.stated));
    known = children_.insert(children_.end(), std::move(c));
  }
  return static_cast<std::uint32_t>(known - children_.begin());
}

template <class Each>
void account::each_stated(const charge& c, Each each) const {
  for (const auto& s : stated_) each(s);
  for (const auto& s : child_of(c).stated) each(s);
}

template <class Each>
void account::each_stated(const charge& c, Each each) {
  for (auto& s : stated_) each(s);
  for (auto& s : child_of(c).stated) each(s);
}

const scope_limits& account::told_about(const charge& c) const {
  const auto& own = child_of(c).told;
  return own ? *own : own_;
}

scope_limits& account::told_about(const charge& c) {
  auto& own = child_of(c).told;
  return own ? *own : own_;
}

// -- admission ------------------------------------------------------------------------------------

instant account::earliest(const charge& c, instant now) const {
  auto when = std::max(now, own_.held_until());
  each_stated(c, [&](const stated_limit& s) { when = std::max(when, s.earliest(c, now)); });
  return std::max(when, told_about(c).earliest(c, now));
}

/// A bucket that lets one large request in as a debt does not let several in that are as large
/// together.
instant account::earliest_together(const charge& one, std::uint32_t requests, instant now) const {
  auto all = one * requests;
  auto never = static_cast<int>(requests) > max_parallel_;
  each_stated(one, [&](const stated_limit& s) {
    never |= requests > 1 && amount(all, s.limit().counts) > s.capacity();
  });
  return never ? instant::max() : earliest(all, now);
}

int account::free_slots() const {
  auto left = max_parallel_ - in_flight_;
  if (auto most = own_.places(latest_)) left = std::min(left, *most - own_.in_flight());
  return left;
}

int account::places_left(const charge& c, instant now) const {
  auto left = max_parallel_ - in_flight_;
  const auto& model = child_of(c);
  const auto& told = told_about(c);
  if (auto most = told.places(now)) left = std::min(left, *most - told.in_flight());
  if (auto most = model.cap.most()) left = std::min(left, *most - model.in_flight);
  return left;
}

void account::admit(const charge& c, instant now) {
  latest_ = now;
  ++in_flight_;
  ++child_of(c).in_flight;
  each_stated(c, [&](stated_limit& s) { s.admit(c, now); });
  told_about(c).admit(c, now);
}

bool account::refunds() const {
  return settings_.refund.value_or(settings_.reserve != reserve_policy::max_tokens);
}

void account::release(const charge& reserved, const charge& used, instant admitted, instant now) {
  latest_ = now;
  --in_flight_;
  --child_of(reserved).in_flight;
  auto back = refunds() ? 1.0 : 0.0;
  charge surplus;
  surplus.input_tokens = back * (reserved.input_tokens - used.input_tokens);
  surplus.output_tokens = back * (reserved.output_tokens - used.output_tokens);
  surplus.cost_usd = reserved.cost_usd - used.cost_usd;  // money is what was spent
  each_stated(reserved, [&](stated_limit& s) {
    if (s.limit().counts != dimension::requests)
      s.settle(amount(surplus, s.limit().counts), admitted, now);
  });
  told_about(reserved).release(surplus.input_tokens, surplus.output_tokens, admitted, now);
}

int account::room(instant now) const {
  if (own_.held_until() > now) return 0;
  double room = max_parallel_ - in_flight_;
  for (const auto& s : stated_)
    if (s.limit().counts == dimension::requests) room = std::min(room, std::floor(s.room(now)));
  if (settings_.scope == limit_scope::account) room = std::min(room, std::floor(own_.room(now)));
  return std::max(0, static_cast<int>(room));
}

std::string account::held_back_by(const charge& c, instant now) const {
  auto latest = now;
  std::string name;
  if (own_.held_until() > latest) {
    latest = own_.held_until();
    name = "retry-after";
  }
  each_stated(c, [&](const stated_limit& s) {
    auto when = s.earliest(c, now);
    if (when <= latest) return;
    latest = when;
    name = s.limit().key;
  });
  if (auto told = told_about(c).held_back_by(c, now, latest); !told.empty()) name = told;
  if (name.empty() && in_flight_ >= max_parallel_) return "max_parallel";
  if (name.empty() && places_left(c, now) <= 0) return "learned max_parallel";
  return name;
}

// -- what the API says ----------------------------------------------------------------------------

void account::headers(const std::vector<rate_header>& told, const charge& c, instant sent,
                      instant now) {
  told_about(c).headers(told, c, sent, now);
}

bool account::wants_headers() const {
  if (settings_.scope == limit_scope::account) return own_.wants_headers();
  return std::any_of(children_.begin(), children_.end(),
                     [](const child& c) { return c.told && c.told->wants_headers(); });
}

void account::accepted(const charge& c, instant admitted, instant now) {
  child_of(c).cap.accepted();
  told_about(c).accepted(admitted, now);
}

account::cut account::limited(const api_error& error, const charge& c, instant admitted,
                              instant now, duration backoff) {
  tell_stated(error, c, now);
  return told_about(c).limited(error, c, admitted, now, backoff);
}

/// Refused although the mirror said that there was room: the bucket that is named, else the
/// emptiest one.
void account::tell_stated(const api_error& error, const charge& c, instant now) {
  stated_limit* emptiest = nullptr;
  auto part_of = [&](const stated_limit& s) { return s.level(now) / s.capacity(); };
  each_stated(c, [&](stated_limit& s) {
    if (error.limited && *error.limited != s.limit().counts) return;
    if (s.limit().shape != limit_shape::bucket) return;
    if (!emptiest || part_of(s) < part_of(*emptiest)) emptiest = &s;
  });
  if (emptiest) emptiest->refused(now);
}

void account::overloaded(const charge& c, instant now) {
  if (!settings_.shrink_on_overload) return;
  auto& model = child_of(c);
  model.cap.overloaded(model.in_flight + 1, now);
}

// -- what is known --------------------------------------------------------------------------------

known_limits account::known(instant now) const {
  known_limits all;
  all.places.push_back({"", max_parallel_, knowledge::config});
  for (const auto& s : stated_) all.rates.push_back(s.found(now));
  own_.add_to(all, "", now);
  for (const auto& model : children_) {
    for (const auto& s : model.stated) {
      all.rates.push_back(s.found(now));
      all.rates.back().model = model.name;
    }
    if (model.told) model.told->add_to(all, model.name, now);
    if (auto most = model.cap.most())
      all.places.push_back({model.name, *most, knowledge::overload});
  }
  return all;
}

void account::resume(const known_limits& earlier, instant now) {
  auto scope_of = [&](const std::string& name) -> scope_limits& {
    auto& own = children_[name.empty() ? 0 : model(name)].told;
    return own ? *own : own_;
  };
  auto stated = [&](dimension counts) {
    return std::any_of(stated_.begin(), stated_.end(),
                       [&](const stated_limit& s) { return s.limit().counts == counts; });
  };
  for (const auto& r : earlier.rates)
    if (r.source == knowledge::learned && !stated(r.counts)) scope_of(r.model).resume(r, now);
}

}  // namespace assay::limits
