#include "actors/provider.hpp"

#include <algorithm>

namespace assay::actors {

void provider_state::configure(provider_config config) {
  config_ = std::move(config);
  places_ = places{config_.places_here, config_.nodes};
  account_.emplace(
      mirror_of(config_.access->settings.limits, config_.memory, config_.anchor, now()));
  lost_.emplace(*account_, config_.access->settings.limits_of_time.total);
  random_.seed(config_.seed);
  next_permit_ = config_.first_permit;
  last_news_ = now();
}

provider_actor::behavior_type provider_state::make_behavior() {
  self_->send(self_, internal_atom_v, timer_);
  return {[this](std::vector<handed_task>& tasks) { take(tasks); },
          [this](std::uint64_t permit, exchange_result& result) { report(permit, result); },
          [this](std::uint64_t permit, const early_headers& early) { begun(permit, early); },
          [this](commit_atom, std::uint32_t records) { committed(records); },
          [this](drain_atom) { drain(); },
          [this](status_atom) { return status(); },
          [this](internal_atom, std::uint64_t generation) { tick(generation); },
          [this](std::vector<ended_exchange>& ended) { report(ended); },
          [this](join_atom, const std::vector<std::string>& nodes) {
            places_.wait_for(nodes);
            pump();
          },
          [this](join_atom, const node_offer& o, const place_actor& p) { node_joins(o, p); },
          [this](leave_atom, const std::string& node) { node_leaves(node); }};
}

lane& provider_state::lane_of(const task& t) {
  auto [found, is_new] = lanes_.try_emplace(t.where.model);
  auto& l = found->second;
  if (is_new) {
    l.model = t.where.model;
    l.index = account_->model(t.where.model);
    auto prices = config_.access->prices.find(l.model);
    if (prices != config_.access->prices.end()) l.prices = &prices->second;
    if (config_.batching.max_items > 1) l.sizer.emplace(config_.batching);
  }
  return l;
}

void provider_state::take(std::vector<handed_task>& tasks) {
  auto arrived = now();
  for (auto& t : tasks) {
    auto work = std::make_shared<job>();
    work->what = std::move(t.what);
    work->attempts = std::move(t.earlier);
    work->elsewhere = t.elsewhere;
    work->intended = arrived;
    work->arrival = ++arrivals_;
    if (config_.batching.max_items > 1) work->group = evaluation::batch_key(work->what.request);
    if (t.give_up) {
      finish(work, outcome_status::error, {});
      continue;
    }
    auto& l = lane_of(work->what);
    if (!t.unasked) {
      asked_ -= asked_ > 0;
      ++tasks_;
    }
    if (t.arrived) {
      take_arrived(work, l, *t.arrived);
      continue;
    }
    ++ready_;
    l.ready.push_back(std::move(work));
  }
  last_news_ = arrived;
  if (closing()) give_back();
  pump();
}

/// A node has made the exchange already, when another process owned the limits: they are not
/// charged again (what that process may have sent is charged at the start).
void provider_state::take_arrived(const job_ptr& work, lane& l, exchange_result& result) {
  price(result.tried, l);
  append(*work, std::move(result.tried));
  decide(work, l, std::move(result.reply));
}

/// What an earlier provider has sent to the node may still be on its way. No node has more than the
/// account has places.
void provider_state::node_joins(const node_offer& offer, const place_actor& place) {
  auto t = now();
  auto address = account_->address(offer.egress.empty() ? address_here : offer.egress);
  places_.set(offer, place, address);
  if (offer.of_before && offer.came_back) lost_->forget(offer.node, t);
  auto most = static_cast<std::uint32_t>(config_.access->settings.limits.max_parallel);
  lost_->of_before(offer.node, std::min(offer.of_before.value_or(0), most), address,
                   t + offer.latency);
  pump();
}

void provider_state::node_leaves(const std::string& node) {
  places_.remove(node);
  pump();
}

void provider_state::tick(std::uint64_t generation) {
  if (generation != timer_) return;
  timer_due_ = {};
  if (now() >= suspended_until_) resume();
  pump();
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

void provider_state::begun(std::uint64_t permit, const early_headers& early) {
  auto found = in_flight_.find(permit);
  if (found == in_flight_.end() || found->second.headers_seen) return;
  found->second.headers_seen = true;
  account_->headers(early.limits, found->second.reserved, early.sent, now());
  pump();
}

std::string provider_state::wanted_node() const {
  std::string text = "a node that can call it";
  const auto& tags = config_.access->settings.node_tags;
  for (const auto& tag : tags) text += (&tag == &tags.front() ? ", with the tags " : ",") + tag;
  return text;
}

provider_status provider_state::status() const {
  provider_status s;
  s.name = own_name();
  s.in_flight = static_cast<std::uint32_t>(in_flight_.size());
  s.ready = ready_;
  s.retrying = static_cast<std::uint32_t>(waiting_.size());
  s.suspended = suspended_;
  limits::charge next;
  for (const auto& [model, l] : lanes_) {
    if (l.closed) s.waiting_on = "the breaker of " + model;
    if (!l.ready.empty()) next = charge_of(*l.ready.front(), l);
  }
  if (auto limit = account_->held_back_by(by_best_address(next, now()), now()); !limit.empty())
    s.waiting_on = limit;
  if (!places_.any()) s.waiting_on = wanted_node();
  s.health = health_;
  s.limits = account_->known(now());
  return s;
}

provider_actor::behavior_type provider(provider_actor::stateful_pointer<provider_state> self,
                                       provider_config config) {
  return begin_actor(self, std::move(config));
}

}  // namespace assay::actors
