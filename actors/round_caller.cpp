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

/// A process that comes back says what it still has under way, so nobody need guess any more.
void round_caller_state::node_joins(const node_offer& offer, const place_actor& handle) {
  if (offer.node == place_here) return;  // that name is taken
  places_[offer.node] = {offer.most, handle};
  farthest_ = std::max(farthest_, offer.latency);
  auto t = now();
  if (offer.of_before && offer.came_back)
    for (auto& o : orphans_)
      if (o.node == offer.node) o.over = t;
  release_orphans(t);
  for (auto left = offer.of_before.value_or(0); left > 0; --left) {
    account_->admit({}, t);
    orphans_.push_back({t + account().limits_of_time.total, offer.node, {}, t, true});
  }
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
  release_orphans(t);
  if (!is_over() && may_begin(t)) begin_round(t);
}

/// Whether the next round may begin now; else what it waits for is named, and is looked at again.
bool round_caller_state::may_begin(instant t) {
  auto requests = static_cast<std::uint32_t>(ready_places().size());
  if (requests == 0) {
    wait_for_places(t);
    return false;
  }
  forlorn_since_ = {};
  if (plan_->most_cost && cost_ + most_cost_of_next(requests) > *plan_->most_cost) {
    end("budget reached: the next round could cost more than is left");
    return false;
  }
  auto when = room_for(requests, t);
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

/// When so many requests may leave together, as far as is known now. Ends it if that is never.
instant round_caller_state::room_for(std::uint32_t requests, instant t) {
  auto charge = charge_of_next();
  auto when = account_->earliest_together(charge, requests, t);
  waiting_on_ = when > std::max(next_, t) ? account_->held_back_by(charge * requests, t) : "";
  if (when == instant::max())
    end("the limit " + limit_below(charge, requests) + " of " + account().name + " never lets " +
        std::to_string(requests) + " requests go at the same moment");
  if (auto left = account_->places_left(charge, t); left < static_cast<int>(requests)) {
    if (orphans_.empty())
      end(account().name + " takes " + std::to_string(left) +
          " requests at the same time, the next round has " + std::to_string(requests));
    waiting_on_ = "requests that lost nodes may still have under way";
    for (const auto& o : orphans_) when = std::max(when, o.over);
  }
  return std::max(when, next_);
}

/// The limit that so many requests together never meet.
std::string round_caller_state::limit_below(const limits::charge& one,
                                            std::uint32_t requests) const {
  if (account().limits.max_parallel < static_cast<int>(requests)) return "max_parallel";
  for (const auto& rate : account_->known(now()).rates) {
    auto is_ours = rate.model.empty() || rate.model == plan_->model;
    if (is_ours && limits::amount(one * requests, rate.counts) > rate.burst) return rate.key;
  }
  return account_->held_back_by(one * requests, now());
}

limits::charge round_caller_state::charge_of_next() const {
  const auto& prompt = next_prompt();
  auto c = limits::charge_for(account().limits.reserve, evaluation::estimate_tokens(prompt),
                              prompt.max_tokens, usual_output);
  c.model = model_;
  c.cost_usd = most_cost_of_next(1).value;
  return c;
}

usd round_caller_state::most_cost_of_next(std::size_t requests) const {
  const auto& prompt = next_prompt();
  auto output = prompt.max_tokens.value_or(uncapped_output);
  return catalog::cost_ceiling(evaluation::estimate_tokens(prompt), output, prices_) *
         (account().price_factor * static_cast<double>(requests));
}

void round_caller_state::begin_round(instant t) {
  auto charge = charge_of_next();
  auto ready = ready_places();
  auto only_here = ready.size() == 1 && ready.front() == place_here;
  auto head_start = only_here ? duration::zero() : 2 * farthest_ + head_start_beyond;
  waiting_on_.clear();
  fates_.clear();
  for (const auto& name : ready) {
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
    auto before =
        std::find_if(orphans_.begin(), orphans_.end(), [](const orphan& o) { return o.of_before; });
    if (permit == 0 && before != orphans_.end()) before->over = now();
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

/// Nobody knows whether a lost node has sent the request, or when it will end: it counts as sent,
/// and its place at the API stays taken until it would have met its time-out.
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
    orphans_.push_back({ended.admitted + account().limits_of_time.total, ended.place,
                        ended.reserved, ended.admitted});
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

void round_caller_state::release_orphans(instant t) {
  for (const auto& o : orphans_)
    if (o.over <= t) account_->release(o.reserved, o.reserved, o.admitted, t);
  std::erase_if(orphans_, [t](const orphan& o) { return o.over <= t; });
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
