#include "actors/round_caller.hpp"

#include <algorithm>
#include <utility>

#include "actors/outcome_of.hpp"
#include "evaluation/model_request.hpp"
#include "providers/catalog/cost.hpp"
#include "providers/limits/backoff.hpp"

namespace assay::actors {

using namespace std::chrono_literals;

namespace {

/// What an assignment may take longer to a node than the half of the shortest way there and back by
/// which that is measured: the other half, and ticks and timers at both ends.
constexpr auto head_start_beyond = 50ms;

/// Tokens of an answer before any is known, and the most that one without a cap is taken to have.
constexpr double usual_output = 256;
constexpr std::int32_t uncapped_output = 4096;

bool asking_again_is_useless(error_class kind) {
  return kind == error_class::auth || kind == error_class::quota_exhausted ||
         kind == error_class::bad_request || kind == error_class::context_too_long;
}

}  // namespace

void round_caller_state::configure(round_caller_config config) {
  config_ = std::move(config);
  random_.seed(config_.seed);
  account_.emplace(mirror_of(account().limits, config_.memory, config_.anchor, now()));
  lost_.emplace(*account_, account().limits_of_time.total);
  if (config_.transport) places_[place_here].most = 1;
  if (config_.nodes)
    self_->send(config_.nodes, join_atom_v, account().name, account().node_tags,
                place_user_actor{round_caller_actor{self_}});
}

round_caller_actor::behavior_type round_caller_state::make_behavior() {
  return {[this](std::vector<ended_exchange>& ended) {
            for (auto& one : ended) report(one.permit, one.result);
          },
          [](std::uint64_t, const early_headers&) {},
          [](join_atom, const std::vector<std::string>&) {},
          [this](join_atom, const node_offer& o, const place_actor& p) { node_joins(o, p); },
          [this](leave_atom, const std::string& node) { node_leaves(node); },
          [this](std::uint64_t permit, exchange_result& result) { report(permit, result); },
          [this](const round_plan_ptr& plan) { begin(plan); },
          [this](drain_atom, const std::string& why) { drain(why); },
          [this](stop_atom) { stop(); },
          [this](status_atom) { return status(); },
          [this](return_atom) -> round_requests_ptr {
            return std::make_shared<std::vector<round_request>>(std::exchange(ended_, {}));
          },
          [this](internal_atom, std::uint64_t generation) { tick(generation); }};
}

// -- places ---------------------------------------------------------------------------------------

void round_caller_state::node_joins(const node_offer& offer, const place_actor& handle) {
  if (offer.node == place_here) return;  // that name is taken
  auto t = now();
  auto address = account_->address(offer.egress.empty() ? address_here : offer.egress);
  places_[offer.node] = {offer.most, handle, address};
  farthest_ = std::max(farthest_, offer.latency);
  if (offer.of_before && offer.came_back) lost_->forget(offer.node, t);
  lost_->of_before(offer.node, offer.of_before.value_or(0), address, t + offer.latency);
  pump();
}

void round_caller_state::node_leaves(const std::string& node) {
  places_.erase(node);
  pump();
}

std::vector<std::string> round_caller_state::ready_places() const {
  std::vector<std::string> ready;
  for (const auto& [name, p] : places_) {
    auto wanted =
        !plan_ || plan_->places.empty() ||
        std::find(plan_->places.begin(), plan_->places.end(), name) != plan_->places.end();
    if (wanted && p.most > 0) ready.push_back(name);
  }
  return ready;
}

// -- rounds ---------------------------------------------------------------------------------------

void round_caller_state::begin(const round_plan_ptr& plan) {
  plan_ = plan;
  model_ = account_->model(plan->model);
  if (auto known = config_.access->prices.find(plan->model); known != config_.access->prices.end())
    prices_ = known->second;
  next_ = now();
  pump();
}

void round_caller_state::drain(const std::string& why) {
  end(why);
  pump();
}

void round_caller_state::stop() {
  end("stopped");
  if (config_.transport) self_->send(config_.transport, stop_atom_v);
  if (config_.nodes) self_->send(config_.nodes, stop_atom_v);
}

void round_caller_state::end(const std::string& why) {
  if (stopped_by_.empty() && !(plan_ && begun_ == plan_->rounds)) stopped_by_ = why;
}

bool round_caller_state::is_over() const {
  return !stopped_by_.empty() || (plan_ && begun_ == plan_->rounds);
}

void round_caller_state::tick(std::uint64_t generation) {
  if (generation == timer_) pump();
}

void round_caller_state::look_again(instant when) {
  if (when == instant::max()) return;
  self_->delayed_send(self_, std::max(when - now(), duration::zero()), internal_atom_v, ++timer_);
}

void round_caller_state::pump() {
  if (!plan_ || !under_way_.empty()) return;
  auto t = now();
  lost_->look(t);
  if (!is_over() && may_begin(t)) begin_round(t);
}

/// Whether the next round may begin now; else what it waits for is named, and is looked at again.
bool round_caller_state::may_begin(instant t) {
  auto ready = ready_places();
  if (ready.empty()) {
    wait_for_places(t);
    return false;
  }
  forlorn_since_ = {};
  if (plan_->most_cost && cost_ + most_cost_of_next(ready.size()) > *plan_->most_cost) {
    end("budget reached: the next round could cost more than is left");
    return false;
  }
  auto when = room_for(charges_of_next(ready), t);
  if (is_over()) return false;
  if (when <= t) return true;
  look_again(when);
  return false;
}

void round_caller_state::wait_for_places(instant t) {
  if (forlorn_since_ == instant{}) forlorn_since_ = t;
  waiting_on_ = "a place to ask from";
  if (t - forlorn_since_ >= plan_->patience)
    end("no place is left to ask from");
  else
    look_again(forlorn_since_ + plan_->patience);
}

/// When the requests of a round may leave together, as far as is known now. Ends it if that is
/// never.
instant round_caller_state::room_for(const std::vector<limits::charge>& round, instant t) {
  auto requests = std::to_string(round.size());
  auto when = account_->earliest_together(round, t);
  waiting_on_ = when > std::max(next_, t) ? account_->held_back_by(limits::together(round), t) : "";
  if (when == instant::max())
    end("the limit " + limit_below(round) + " of " + account().name + " never lets " + requests +
        " requests go at the same moment");
  if (!takes(round, t)) {
    if (lost_->empty())
      end(account().name + " takes fewer requests at the same time than the " + requests +
          " of the next round");
    waiting_on_ = "requests that lost nodes may still have under way";
    when = std::max(when, lost_->last());
  }
  return std::max(when, next_);
}

/// Whether there is a place at the API for each of them.
bool round_caller_state::takes(const std::vector<limits::charge>& round, instant t) const {
  auto groups = limits::by_address(round);
  return account_->free_slots() >= static_cast<int>(round.size()) &&
         std::all_of(groups.begin(), groups.end(), [&](const limits::charge& c) {
           return account_->places_left(c, t) >= static_cast<int>(c.requests);
         });
}

/// The limit that so many requests together never meet.
std::string round_caller_state::limit_below(const std::vector<limits::charge>& round) const {
  auto all = limits::together(round);
  if (account().limits.max_parallel < static_cast<int>(all.requests)) return "max_parallel";
  auto groups = limits::by_address(round);
  const auto& most = account().limits.each_address.max_parallel;
  for (const auto& c : groups)
    if (most && *most < static_cast<int>(c.requests)) return "address.max_parallel";
  for (const auto& rate : account_->known(now()).rates) {
    if (!rate.model.empty() && rate.model != plan_->model) continue;
    auto too_much = [&](const limits::charge& c) {
      return limits::amount(c, rate.counts) > rate.burst;
    };
    if (rate.address.empty() ? too_much(all) : std::any_of(groups.begin(), groups.end(), too_much))
      return rate.key;
  }
  return account_->held_back_by(all, now());
}

std::vector<limits::charge> round_caller_state::charges_of_next(
    const std::vector<std::string>& places) const {
  const auto& prompt = next_prompt();
  auto one = limits::charge_for(account().limits.reserve, evaluation::estimate_tokens(prompt),
                                prompt.max_tokens, usual_output);
  one.model = model_;
  one.cost_usd = most_cost_of_next(1).value;
  std::vector<limits::charge> round(places.size(), one);
  for (std::size_t i = 0; i < places.size(); ++i) round[i].address = places_.at(places[i]).address;
  return round;
}

usd round_caller_state::most_cost_of_next(std::size_t requests) const {
  const auto& prompt = next_prompt();
  auto output = prompt.max_tokens.value_or(uncapped_output);
  return catalog::cost_ceiling(evaluation::estimate_tokens(prompt), output, prices_) *
         (account().price_factor * static_cast<double>(requests));
}

void round_caller_state::begin_round(instant t) {
  auto ready = ready_places();
  auto charges = charges_of_next(ready);
  auto only_here = ready.size() == 1 && ready.front() == place_here;
  auto head_start = only_here ? duration::zero() : 2 * farthest_ + head_start_beyond;
  fates_.clear();
  for (std::size_t i = 0; i < ready.size(); ++i) {
    const auto& name = ready[i];
    const auto& charge = charges[i];
    const auto& from = places_.at(name);
    account_->admit(charge, t);
    assignment what{next_permit_++, next_prompt(), next_, t + head_start};
    what.new_connection = plan_->new_connections;
    call made{name, charge, t, {}, evaluation::estimate_tokens(what.request)};
    auto permit = what.permit;
    if (from.handle)
      self_->send(from.handle, account().name, std::vector<assignment>{std::move(what)});
    else
      self_->delayed_send(made.by = idle_worker(), head_start, std::move(what));
    under_way_.emplace(permit, std::move(made));
  }
  ++begun_;
  next_ = t + plan_->interval;
}

worker_actor round_caller_state::idle_worker() {
  if (idle_.empty())
    return self_->spawn(worker, worker_config{config_.access, config_.transport, self_});
  auto free = std::move(idle_.back());
  idle_.pop_back();
  return free;
}

// -- what came back -------------------------------------------------------------------------------

void round_caller_state::report(std::uint64_t permit, exchange_result& result) {
  auto found = under_way_.extract(permit);
  if (!found) {
    if (permit == 0) lost_->ended_of_before(result.tried.from.node, now());
    return pump();
  }
  auto& ended = found.mapped();
  auto& tried = result.tried;
  settle(ended, tried);
  if (ended.by) idle_.push_back(ended.by);
  ++requests_;
  failed_ += !is_answer(tried.error.kind);
  cost_ += tried.cost;
  fates_.push_back(tried.error.kind);
  if (!is_answer(tried.error.kind)) last_error_ = tried.error;
  ended_.push_back({begun_, ended.place, std::move(tried)});
  if (under_way_.empty()) end_if_useless();
  pump();
}

void round_caller_state::settle(const call& ended, attempt& tried) {
  auto t = now();
  auto lost = tried.error.kind == error_class::node_lost;
  tried.provider = account().name;
  if (lost && !tried.usage.input) tried.usage.input = ended.input_tokens;
  tried.cost = catalog::cost_of(tried.usage, prices_) * account().price_factor;
  auto used = ended.reserved;
  if (tried.usage.input) used.input_tokens = static_cast<double>(*tried.usage.input);
  if (tried.usage.output) used.output_tokens = static_cast<double>(*tried.usage.output);
  used.cost_usd = tried.cost.value;
  if (lost)
    lost_->lost(ended.reserved, ended.admitted, ended.place);
  else
    account_->release(ended.reserved, used, ended.admitted, t);
  if (!tried.limits.empty()) account_->headers(tried.limits, ended.reserved, tried.at.sent, t);
  auto backoff = [&] {
    auto draw = std::uniform_real_distribution<double>(0, 1)(random_);
    return limits::rate_limit_wait(account().retry,
                                   account_->cuts_in_a_row(ended.reserved, ended.admitted), draw);
  };
  heed(*account_, tried, ended.reserved, ended.admitted, t, backoff);
}

/// When the account refuses every place for good, more rounds cost time and tell nothing.
void round_caller_state::end_if_useless() {
  if (!std::all_of(fates_.begin(), fates_.end(), asking_again_is_useless)) return;
  end(std::string{to_string(last_error_.kind)} + " from every place: " + last_error_.message);
}

rounds_status_ptr round_caller_state::status() const {
  rounds_status s{ready_places(), begun_, requests_, failed_, cost_, waiting_on_, stopped_by_};
  s.finished = is_over() && under_way_.empty();
  return std::make_shared<rounds_status>(std::move(s));
}

round_caller_actor::behavior_type round_caller(
    round_caller_actor::stateful_pointer<round_caller_state> self, round_caller_config config) {
  return begin_actor(self, std::move(config));
}

}  // namespace assay::actors
