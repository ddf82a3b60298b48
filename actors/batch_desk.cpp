#include "actors/batch_desk.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "actors/batch_mark.hpp"

namespace assay::actors {

void batch_desk_state::configure(batch_desk_config config) {
  config_ = std::move(config);
  api_ = config_.access->dialect->batches();
  random_.seed(config_.seed);
  next_permit_ = config_.first_permit;
  for (const auto& held : config_.open) adopt(held);
}

account_actor::behavior_type batch_desk_state::make_behavior() {
  self_->send(self_, internal_atom_v, timer_);
  return {[this](std::vector<handed_task>& tasks) { take(tasks); },
          [this](std::uint64_t permit, exchange_result& result) { report(permit, result); },
          [](std::uint64_t, const early_headers&) {},
          [this](commit_atom, std::uint32_t records) { committed(records); },
          [this](drain_atom) { drain(); },
          [this](status_atom) { return status(); },
          [this](internal_atom, std::uint64_t generation) { tick(generation); }};
}

/// A batch of an earlier start: its tasks are on their way here from the scheduler, and wait for
/// it.
void batch_desk_state::adopt(const held_batch& held) {
  auto& b = batches_[next_batch_];
  b.number = next_batch_++;
  b.row = held.row;
  b.mark = mark_of(held.row);
  b.expected.insert(held.missing.begin(), held.missing.end());
  for (const auto& key : held.missing) where_[key] = b.number;
  b.at = b.row.batch_id.empty() ? phase::looking : phase::waiting;
  b.wait = settings().batch.poll;
  b.due = now() + config_.gather;
  spdlog::info("batch-taken-over provider={} batch={} requests={} missing={}", own_name(),
               b.row.batch_id.empty() ? "unknown" : b.row.batch_id, b.row.tasks.size(),
               held.missing.size());
}

std::size_t batch_desk_state::max_items() const {
  return std::min(api_->max_items(), static_cast<std::size_t>(settings().batch.max_items));
}

// -- gathering ------------------------------------------------------------------------------------

void batch_desk_state::take(std::vector<handed_task>& tasks) {
  for (auto& t : tasks) {
    auto key = t.what.key;
    if (t.give_up) {
      finish(key, {{t.what.position}, std::move(t.earlier), 0, false}, outcome_status::error, {});
      continue;
    }
    asked_ -= asked_ > 0;
    if (join(key, t)) continue;
    gather(key, {{t.what.position}, std::move(t.earlier), 0, t.elsewhere}, &t.what.request);
  }
  last_arrival_ = now();
  if (closing()) give_back_gathered();
  pump();
}

/// Puts a task to where its key is already: in a batch, or among what is gathered.
bool batch_desk_state::join(const task_key& key, handed_task& t) {
  auto found = where_.find(key);
  if (found == where_.end()) return false;
  if (found->second == 0) {
    auto same = std::find_if(gathered_.begin(), gathered_.end(),
                             [&](const gathered_task& g) { return g.key == key; });
    same->what.positions.push_back(t.what.position);
    return true;
  }
  auto& b = batches_.at(found->second);
  auto& it = b.items[key];
  it.positions.push_back(t.what.position);
  if (b.expected.erase(key) == 0) return true;
  it.attempts = std::move(t.earlier);
  it.elsewhere = t.elsewhere;
  if (auto early = b.early.extract(key)) take_result(b, std::move(early.mapped()));
  if (b.at == phase::holding && b.expected.empty()) end_of_results(b);
  return true;
}

void batch_desk_state::gather(const task_key& key, item what, const chat_request* request) {
  auto text = request ? api_->item(custom_id(key, std::string(16, '0')), *request, settings())
                      : api_->item(custom_id(key, std::string(16, '0')),
                                   render(what.positions.front()).request, settings());
  if (!text)
    return fail(key, std::move(what), error_class::bad_request, assay::render(text.error()));
  auto size = text->size() + 1;
  if (size + 100 > api_->max_bytes())
    return fail(key, std::move(what), error_class::bad_request,
                "the request is larger than a batch may be");
  if (gathered_bytes_ + size + 100 > api_->max_bytes() || gathered_.size() >= max_items())
    hand_over_gathered();
  where_[key] = 0;
  gathered_bytes_ += size;
  gathered_.push_back({key, std::move(what), std::move(*text)});
}

/// Makes a batch of what is gathered. Its first step is the ledger.
void batch_desk_state::hand_over_gathered() {
  auto& b = batches_[next_batch_];
  b.number = next_batch_++;
  b.row.run = config_.todo->run;
  b.row.provider = own_name();
  b.row.announced_unix_ns = b.row.changed_unix_ns = unix_now();
  for (const auto& g : gathered_) b.row.tasks.push_back(g.key);
  b.mark = mark_of(b.row);
  for (auto& g : std::exchange(gathered_, {})) {
    where_[g.key] = b.number;
    b.items.emplace(g.key, std::move(g.what));
    auto zeros = g.request.find(custom_id(g.key, std::string(16, '0')));
    b.requests.push_back(std::move(g.request));
    b.requests.back().replace(zeros, custom_id(g.key, b.mark).size(), custom_id(g.key, b.mark));
  }
  gathered_bytes_ = 0;
  b.wait = settings().batch.poll;
  self_->request(config_.recorder, within(std::chrono::seconds{60}), b.row)
      .then(
          [this, n = b.number](std::int64_t id) {
            announced(n, id);
            pump();
          },
          [this](const caf::error& why) { self_->quit(why); });
}

void batch_desk_state::pump() {
  auto t = now();
  auto full = gathered_.size() >= max_items();
  auto quiet = t >= last_arrival_ + config_.gather;
  if (!gathered_.empty() && !closing() && (full || quiet) && t >= hold_until_) hand_over_gathered();
  std::vector<std::uint64_t> due;
  for (const auto& [number, b] : batches_)
    if (b.due != instant{} && b.due <= t) due.push_back(number);
  for (auto number : due)
    if (auto found = batches_.find(number); found != batches_.end())
      found->second.permit == 0 ? step(found->second) : give_up_exchange(found->second);
  ask_for_work();
  arm_timer();
}

void batch_desk_state::ask_for_work() {
  if (closing()) return;
  auto room = max_items() - std::min(max_items(), gathered_.size());
  if (room <= asked_) return;
  auto more = static_cast<std::uint32_t>(room - asked_);
  asked_ += more;
  credits_ += more;
  self_->send(config_.scheduler, credit{own_name(), more, credits_, false});
}

instant batch_desk_state::next_event() const {
  auto due = instant::max();
  if (!gathered_.empty()) due = std::max(last_arrival_ + config_.gather, hold_until_);
  for (const auto& [number, b] : batches_)
    if (b.due != instant{}) due = std::min(due, b.due);
  return due;
}

void batch_desk_state::arm_timer() {
  auto due = next_event();
  if (due == timer_due_ || due == instant::max()) return;
  timer_due_ = due;
  self_->delayed_send(self_, std::max(duration{}, due - now()), internal_atom_v, ++timer_);
}

void batch_desk_state::tick(std::uint64_t generation) {
  if (generation != timer_) return;
  timer_due_ = {};
  pump();
}

// -- leaving --------------------------------------------------------------------------------------

task batch_desk_state::render(std::uint32_t position) const {
  auto t = config_.todo->make(position);
  t.position = position;
  t.run = config_.todo->run;
  return t;
}

void batch_desk_state::finish(const task_key& key, item it, outcome_status status, answer reply) {
  where_.erase(key);
  outcome got;
  got.key = key;
  got.status = status;
  if (status == outcome_status::error && !it.attempts.empty()) got.error = it.attempts.back().error;
  got.reply = std::move(reply);
  got.provider = own_name();
  got.attempts = std::move(it.attempts);
  for (const auto& tried : got.attempts) got.cost += tried.cost;
  for (auto position : it.positions) {
    self_->send(config_.recorder, record{render(position), got});
    ++uncommitted_;
  }
}

/// Ends a task that never was in a batch, or whose batch cannot be had.
void batch_desk_state::fail(const task_key& key, item it, error_class kind,
                            const std::string& message) {
  attempt tried;
  tried.number = static_cast<std::uint32_t>(it.attempts.size()) + 1;
  tried.provider = own_name();
  tried.error = {.kind = kind, .message = message};
  tried.at.intended = tried.at.admitted = tried.at.done = now();
  it.attempts.push_back(std::move(tried));
  finish(key, std::move(it), outcome_status::error, {});
}

/// As a provider does at the end: a task with attempts is recorded with them, in error.
void batch_desk_state::return_or_fail(const task_key& key, item it,
                                      std::vector<returned_task>& back) {
  if (!it.attempts.empty()) return finish(key, std::move(it), outcome_status::error, {});
  where_.erase(key);
  for (auto position : it.positions) back.push_back({config_.todo->run, position, {}});
}

void batch_desk_state::give_back(item_map items) {
  std::vector<returned_task> back;
  for (auto& [key, it] : items) return_or_fail(key, std::move(it), back);
  if (!back.empty()) self_->send(config_.scheduler, return_atom_v, own_name(), std::move(back));
}

void batch_desk_state::give_back_gathered() {
  item_map items;
  for (auto& g : std::exchange(gathered_, {})) items.emplace(g.key, std::move(g.what));
  gathered_bytes_ = 0;
  give_back(std::move(items));
}

/// Hands over nothing more in this run; what is handed over is still waited for.
void batch_desk_state::suspend(const std::string& reason) {
  if (!suspended_.empty()) return;
  suspended_ = reason;
  spdlog::error("provider-suspended provider={} reason=\"{}\"", own_name(), reason);
  self_->send(config_.scheduler, closure{own_name(), "", intake::for_good, reason});
  give_back_gathered();
}

/// What is handed over stays there: the next start of the run collects it.
void batch_desk_state::drain() {
  draining_ = true;
  give_back_gathered();
  std::vector<std::uint64_t> all;
  for (const auto& [number, b] : batches_) all.push_back(number);
  for (auto number : all) leave(batches_.at(number));
}

void batch_desk_state::committed(std::uint32_t records) {
  uncommitted_ -= records;
  std::vector<std::uint64_t> reading;
  for (const auto& [number, b] : batches_)
    if (b.at == phase::collecting) reading.push_back(number);
  for (auto number : reading)
    if (auto found = batches_.find(number); found != batches_.end()) collect(found->second);
  pump();
}

provider_status batch_desk_state::status() const {
  provider_status s;
  s.name = own_name();
  for (const auto& [number, b] : batches_) {
    s.in_flight += static_cast<std::uint32_t>(b.items.size());
    s.waiting_on = b.row.batch_id.empty() ? "a batch on its way" : "the batch " + b.row.batch_id;
  }
  if (!last_trouble_.empty()) s.waiting_on = last_trouble_;
  s.ready = static_cast<std::uint32_t>(gathered_.size());
  s.suspended = suspended_;
  return s;
}

account_actor::behavior_type batch_desk(account_actor::stateful_pointer<batch_desk_state> self,
                                        batch_desk_config config) {
  return begin_actor(self, std::move(config));
}

}  // namespace assay::actors
