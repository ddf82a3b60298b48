#include "providers/limits/account.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace assay::limits {

namespace {

bool count_requests(const std::vector<rate_limit>& rates) {
  return std::any_of(rates.begin(), rates.end(),
                     [](const rate_limit& r) { return r.counts == dimension::requests; });
}

template <class Part>
std::optional<std::uint32_t> index_of(const std::vector<Part>& all, const std::string& name) {
  for (std::size_t i = 0; i < all.size(); ++i)
    if (all[i].name == name) return static_cast<std::uint32_t>(i);
  return {};
}

int room_of(const std::vector<stated_limit>& stated, const scope_limits* told, int slots,
            instant now) {
  double room = slots;
  for (const auto& s : stated)
    if (s.limit().counts == dimension::requests) room = std::min(room, std::floor(s.room(now)));
  if (told) room = std::min(room, std::floor(told->room(now)));
  return std::max(0, static_cast<int>(room));
}

}  // namespace

account::account(const limit_settings& settings, instant start, const time_anchor& clock)
    : settings_(settings),
      start_(start),
      clock_(clock),
      max_parallel_(std::max(1, settings.max_parallel)),
      latest_(start),
      bounded_(count_requests(settings.rates) || count_requests(settings.each_address.rates)),
      own_(bounded_) {
  for (const auto& limit : settings.rates) stated_.emplace_back(limit, start, clock);
  models_.emplace_back();
  addresses_.push_back(make_part(address_here, settings.each_address.rates, limit_scope::address));
  addresses_.front().most = settings.each_address.max_parallel;
}

account::part account::make_part(const std::string& name, const std::vector<rate_limit>& rates,
                                 limit_scope what) const {
  part p;
  p.name = name;
  for (const auto& limit : rates) p.stated.emplace_back(limit, start_, clock_);
  if (settings_.scope == what)
    p.told = std::make_unique<scope_limits>(bounded_ || count_requests(rates));
  return p;
}

std::uint32_t account::model(const std::string& name) {
  if (auto known = index_of(models_, name)) return *known;
  auto own = settings_.models.find(name);
  models_.push_back(
      make_part(name, own == settings_.models.end() ? std::vector<rate_limit>{} : own->second,
                limit_scope::model));
  return static_cast<std::uint32_t>(models_.size() - 1);
}

std::uint32_t account::address(const std::string& name) {
  if (!settings_.by_address()) return 0;
  if (auto known = index_of(addresses_, name)) return *known;
  addresses_.push_back(make_part(name, settings_.each_address.rates, limit_scope::address));
  addresses_.back().most = settings_.each_address.max_parallel;
  charge_forgotten(addresses_.back());
  return static_cast<std::uint32_t>(addresses_.size() - 1);
}

template <class Each>
void account::each_stated(const charge& c, Each each) const {
  for (const auto& s : stated_) each(s);
  for (const auto& s : model_of(c).stated) each(s);
  for (const auto& s : address_of(c).stated) each(s);
}

template <class Each>
void account::each_stated(const charge& c, Each each) {
  for (auto& s : stated_) each(s);
  for (auto& s : model_of(c).stated) each(s);
  for (auto& s : address_of(c).stated) each(s);
}

const scope_limits& account::told_about(const charge& c) const {
  if (const auto& own = model_of(c).told) return *own;
  if (const auto& own = address_of(c).told) return *own;
  return own_;
}

scope_limits& account::told_about(const charge& c) {
  return const_cast<scope_limits&>(std::as_const(*this).told_about(c));
}

// -- admission ------------------------------------------------------------------------------------

instant account::earliest(const charge& c, instant now) const {
  auto when = std::max(now, own_.held_until());
  each_stated(c, [&](const stated_limit& s) { when = std::max(when, s.earliest(c, now)); });
  return std::max(when, told_about(c).earliest(c, now));
}

/// A bucket that lets one large request in as a debt does not let several in that are as large
/// together.
instant account::earliest_together(const std::vector<charge>& all, instant now) const {
  auto when = std::max(now, own_.held_until());
  auto heed = [&](const std::vector<stated_limit>& stated, const charge& c) {
    for (const auto& s : stated) {
      auto never = c.requests > 1 && amount(c, s.limit().counts) > s.capacity();
      when = std::max(when, never ? instant::max() : s.earliest(c, now));
    }
  };
  auto sum = together(all);
  heed(stated_, sum);
  heed(model_of(sum).stated, sum);
  if (static_cast<int>(sum.requests) > max_parallel_) when = instant::max();
  for (const auto& from_there : by_address(all)) {
    const auto& a = address_of(from_there);
    heed(a.stated, from_there);
    if (a.most && static_cast<int>(from_there.requests) > *a.most) when = instant::max();
    const auto& part = settings_.scope == limit_scope::address ? from_there : sum;
    when = std::max(when, told_about(part).earliest(part, now));
  }
  return when;
}

std::optional<int> account::part::free_slots(instant now) const {
  auto left = most ? std::optional(*most - in_flight) : std::nullopt;
  auto at_most = [&](int n) { left = std::min(left.value_or(n), n); };
  if (auto found = told ? told->places(now) : std::nullopt) at_most(*found - told->in_flight());
  if (auto capped = cap.most()) at_most(*capped - in_flight);
  return left;
}

int account::free_slots() const {
  auto left = max_parallel_ - in_flight_;
  if (auto most = own_.places(latest_)) left = std::min(left, *most - own_.in_flight());
  return left;
}

int account::free_slots_at(std::uint32_t address) const {
  return addresses_[address].free_slots(latest_).value_or(max_parallel_);
}

int account::places_left(const charge& c, instant now) const {
  auto left = max_parallel_ - in_flight_;
  if (auto most = own_.places(now); most && &told_about(c) == &own_)
    left = std::min(left, *most - own_.in_flight());
  for (const auto* p : {&model_of(c), &address_of(c)})
    if (auto own = p->free_slots(now)) left = std::min(left, *own);
  return left;
}

void account::admit(const charge& c, instant now) {
  latest_ = now;
  ++in_flight_;
  ++model_of(c).in_flight;
  ++address_of(c).in_flight;
  each_stated(c, [&](stated_limit& s) { s.admit(c, now); });
  told_about(c).admit(c, now);
}

bool account::refunds() const {
  return settings_.refund.value_or(settings_.reserve != reserve_policy::max_tokens);
}

void account::release(const charge& reserved, const charge& used, instant admitted, instant now) {
  latest_ = now;
  --in_flight_;
  --model_of(reserved).in_flight;
  --address_of(reserved).in_flight;
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
  auto told = settings_.scope == limit_scope::account ? &own_ : nullptr;
  return room_of(stated_, told, max_parallel_ - in_flight_, now);
}

int account::room_at(std::uint32_t address, instant now) const {
  const auto& p = addresses_[address];
  return room_of(p.stated, p.told.get(), free_slots_at(address), now);
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
  const auto& a = address_of(c);
  if (name.empty() && a.most && a.in_flight >= *a.most) return "address.max_parallel";
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
  auto wants = [](const part& p) { return p.told && p.told->wants_headers(); };
  return std::any_of(models_.begin(), models_.end(), wants) ||
         std::any_of(addresses_.begin(), addresses_.end(), wants);
}

void account::accepted(const charge& c, instant admitted, instant now) {
  model_of(c).cap.accepted();
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
  auto& model = model_of(c);
  model.cap.overloaded(model.in_flight + 1, now);
}

// -- what is known --------------------------------------------------------------------------------

known_limits account::known(instant now) const {
  known_limits all;
  all.places.push_back({"", max_parallel_, knowledge::config});
  for (const auto& s : stated_) all.rates.push_back(s.found(now));
  own_.add_to(all, "", "", now);
  auto add = [&](const part& p, const std::string& model, const std::string& address) {
    for (const auto& s : p.stated) {
      all.rates.push_back(s.found(now));
      all.rates.back().model = model;
      all.rates.back().address = address;
    }
    if (p.told) p.told->add_to(all, model, address, now);
    if (p.most) all.places.push_back({model, *p.most, knowledge::config, address});
    if (auto most = p.cap.most())
      all.places.push_back({model, *most, knowledge::overload, address});
  };
  for (const auto& m : models_) add(m, m.name, "");
  for (const auto& a : addresses_) add(a, "", a.name);
  return all;
}

void account::perhaps_sent(int requests, instant now) {
  forgotten_ = {requests, now};
  for (int i = 0; i < requests; ++i) {
    admit({}, now);
    release({}, {}, now, now);
  }
  for (std::size_t i = 1; i < addresses_.size(); ++i) charge_forgotten(addresses_[i]);
}

/// The account has been charged with them already, once for all addresses.
void account::charge_forgotten(part& address) const {
  const auto& [requests, at] = forgotten_;
  for (int i = 0; i < std::min(requests, address.most.value_or(requests)); ++i) {
    for (auto& s : address.stated) s.admit({}, at);
    if (!address.told) continue;
    address.told->admit({}, at);
    address.told->release(0, 0, at, at);
  }
}

void account::resume(const known_limits& earlier, instant now) {
  auto stated = [&](dimension counts) {
    return std::any_of(stated_.begin(), stated_.end(),
                       [&](const stated_limit& s) { return s.limit().counts == counts; });
  };
  for (const auto& r : earlier.rates) {
    if (r.source != knowledge::learned || !(r.rate > 0) || stated(r.counts)) continue;
    charge of;
    if (!r.model.empty()) of.model = model(r.model);
    if (!r.address.empty()) of.address = address(r.address);
    told_about(of).resume(r, now);
  }
}

}  // namespace assay::limits
